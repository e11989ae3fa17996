"""The command line as a whole: all commands, and the line and exit code that an error of any of them becomes."""

import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from app import closed
from app.commands import (
    archive,
    ask,
    chat,
    chats,
    compare,
    docs,
    doctor,
    explain,
    ingest,
    jobs,
    library,
    models,
    read_through,
    serve,
    server,
    spans,
    summarize,
    sync,
)
from app.commands.common import INTERRUPTED, errors, one_line
from core.errors import Cancelled, LecternError, UnknownDocument, UsageError
from core.files import close_home, private_file, private_folder
from core.settings import default_home, load_settings

FAILED, USAGE = 1, 2
"""Exit codes: something failed; the command is not valid, or names a document that is not there."""

MODULES = (
    *(ingest, sync, jobs, ask, chat, chats, explain, summarize, read_through, compare, spans, serve),
    *(docs, library, archive, models, server, doctor),
)
"""Each adds its commands by ``register(cli)``, in the order of the help."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lectern {version('lectern')}")
        raise typer.Exit


def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """A private chat with your own documents: every sentence tied to the page that supports it."""


def command_line(more: Mapping[str, typer.Typer]) -> typer.Typer:
    """All commands of ``app``, and the groups of ``more`` by their names."""
    cli = typer.Typer(
        name="lectern",
        help="A private chat with your own documents: every sentence tied to the page that supports it.",
        epilog="Start with: lectern ingest ~/Documents/papers   then: lectern ask 'Who signed the lease?'",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    cli.callback()(root)
    for module in MODULES:
        module.register(cli)
    for name, group in more.items():
        cli.add_typer(group, name=name)
    return cli


def run(arguments: Sequence[str] | None = None, more: Mapping[str, typer.Typer] = MappingProxyType({})) -> int:
    """Carry out one command line (None: the process's own) and return its exit code; an error is printed as one line.

    ``more`` are groups of commands from outside of ``app``, by name.
    """
    try:
        try:
            settings = load_settings()
            closed.close(settings)
        except UsageError:
            closed.close(None)
            raise
        close_home(settings.home)
        result = command_line(more)(args=arguments, prog_name="lectern", standalone_mode=False)
        sys.stdout.flush()
    except (Cancelled, KeyboardInterrupt):
        return _say("stopped.", INTERRUPTED)
    except LecternError as error:
        return _say(str(error), USAGE if isinstance(error, UsageError | UnknownDocument) else FAILED)
    except typer.Abort:
        return _say("stopped.", INTERRUPTED)
    except BrokenPipeError:
        return 0  # the reader of a pipe (head, less) has seen enough
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # click's way to end then
            return 0
        return error.code if isinstance(error.code, int) else FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: logged in full, shown as one line
        code = getattr(error, "exit_code", None)
        if isinstance(code, int) and hasattr(error, "format_message"):
            return _say_usage(error, code)
        return _say(f"unexpected: {one_line(str(error)) or type(error).__name__}. Details: {_log(error)}", FAILED)
    return result if isinstance(result, int) else 0


def _say(line: str, code: int) -> int:
    errors().print(f"lectern: {line}", style=None if code == INTERRUPTED else "red", markup=False)
    return code


def _say_usage(error: Exception, code: int) -> int:
    """Typer's complaints about the command line, in one line; none where it has already shown the help."""
    message = str(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "lectern"
    if message:
        _say(f"{one_line(message)} Try: {command} --help", code)
    return code


def _log(error: Exception) -> Path | str:
    """Write the traceback to a file of its own and return where; it stays on this machine."""
    path = default_home() / "logs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    try:
        private_folder(path.parent)
        private_file(path)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "".join(traceback.format_exception(error))
    return path
