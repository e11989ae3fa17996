"""The command ``lectern``. Signals and streams come first: what follows takes seconds to load, and a person may have
changed their mind by then."""

from collections.abc import Sequence

from app import stopping, streams


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code; nothing but that leaves here, whatever happens."""
    from app.commands.tree import run as carry_out

    return carry_out(arguments)


def main() -> None:
    """The console script."""
    streams.prepare()
    stopping.watch()
    from core.files import keep_private

    keep_private()
    stopping.leave(run())


if __name__ == "__main__":
    main()
