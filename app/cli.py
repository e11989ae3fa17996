"""Start and end of the process ``lectern``, with the commands of ``app.commands``: ``python -m app.cli``.

Streams and signals are set up before anything heavy is imported, which takes seconds: a person may press Ctrl-C then.
The console script is ``evaluate.program``, which adds the commands of ``evaluate``.
"""

from collections.abc import Callable, Sequence
from typing import NoReturn

from app import stopping, streams


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code. Raises nothing."""
    from app.commands.tree import run as carry_out

    return carry_out(arguments)


def main(run: Callable[[], int] = run) -> NoReturn:
    """Set up the process, carry out its command line by ``run``, and end it with the exit code ``run`` returns."""
    streams.prepare()
    stopping.watch()
    from core.files import keep_private

    keep_private()
    stopping.leave(run())


if __name__ == "__main__":
    main()
