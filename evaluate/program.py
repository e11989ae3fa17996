"""The program ``lectern``: the commands of ``app``, and those of ``evaluate`` as ``lectern eval``.

It stands here because ``app`` must not import ``evaluate``. ``app.cli`` starts and ends the process for both.
"""

from collections.abc import Sequence

from app import cli


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code. Raises nothing."""
    from app.commands.tree import run as carry_out
    from evaluate.cli import app as evaluation

    return carry_out(arguments, {"eval": evaluation})


def main() -> None:
    """The console script."""
    cli.main(run)


if __name__ == "__main__":
    main()
