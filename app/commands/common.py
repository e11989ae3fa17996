"""What the commands share: the library option, the settings, the two consoles, texts that are safe to print."""

import json
import re
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.style import Style
from rich.text import Text

from core.errors import UsageError
from core.settings import LIBRARY_NAME, Settings, load_settings
from core.types import AnswerWords, Citation, Passage

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells expect."""

LibraryOption = Annotated[
    str | None,
    typer.Option("--library", "-l", metavar="NAME", help="The library to work on (default: the settings', 'default')."),
]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters other than tab and line feed, and the signs that turn the direction of text: a document's
text could otherwise move the cursor, recolour the terminal or show a name that is not the file's."""


def settings_for(library: str | None, **options: object) -> Settings:
    """The settings in force, overridden by the command's options that are not None. Raises UsageError."""
    if library is not None and not re.search(LIBRARY_NAME, library):
        raise UsageError(
            f"'{one_line(library)}' cannot be the name of a library.",
            "Take at most 64 letters, digits, spaces, dots and dashes, a letter or digit first.",
        )
    return load_settings(library=library, **options)


class _Console(Console):
    """rich's console, but without its exit with code 1 where the reader of a pipe (head, less) has seen enough."""

    def on_broken_pipe(self) -> None:
        raise  # it is called from within an ``except BrokenPipeError``


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object to standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def output() -> Console:
    """Where results go: standard output, plain where it is not a terminal."""
    return _Console(highlight=False, soft_wrap=True, emoji=False)


def errors() -> Console:
    """Where progress and messages go: standard error, so that results can be piped."""
    return _Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def plain(text: str) -> str:
    """``text`` with the characters that could steer the terminal replaced by U+FFFD."""
    return CONTROL.sub("\ufffd", text)


def one_line(text: str) -> str:
    """``plain(text)`` on one line: every run of white space becomes one space."""
    return plain(" ".join(text.split()))


def citation_text(
    citation: Citation, number: int | None = None, words: AnswerWords | None = None, link: str = ""
) -> Text:
    """A numbered quote, ``words`` marked in it, and below it the file and place; above a table's row its columns.

    The place leads to the address ``link``, in terminals that know how and never in a pipe.
    """
    mark = "  " if number is None else f"[{number}] "
    margin = " " * len(mark)
    columns = (one_line(citation.columns) + "\n" + margin, "dim") if citation.columns else ""
    return Text.assemble(
        (mark, "bold cyan"),
        columns,
        quote_text(citation, words),
        "\n" + margin,
        Text(place(citation), Style(dim=True, link=link or None)),
    )


def quote_text(citation: Citation, words: AnswerWords | None) -> Text:
    """A quote on one line, in quotation marks; ``words`` bold and underlined where they stand in it."""
    before, answering, after = split_quote(citation, words)
    return Text.assemble("“", before, Text(answering, style="bold underline"), after, "”", style="italic")


def split_quote(citation: Citation, words: AnswerWords | None) -> tuple[str, str, str]:
    """A quote on one line, split into the text before ``words``, ``words``, and the text after them.

    Where ``words`` do not stand in the quote: the whole quote, "" and "".
    """
    start, end = 0, 0
    if words is not None and words.document_id == citation.document_id:
        start, end = words.start - citation.start, words.end - citation.start
    quote = citation.quote
    if not 0 <= start < end <= len(quote):
        return one_line(quote), "", ""
    # The bars protect the white space at the cuts, which one_line strips from the ends.
    return one_line(quote[:start] + "|")[:-1], one_line(quote[start:end]), one_line("|" + quote[end:])[1:]


def place(citation: Citation | Passage | AnswerWords) -> str:
    """File and place, as a reader would look it up: "lease.docx, p. 3"."""
    return one_line(f"{citation.file}, {citation.locator.label}") if citation.locator.label else one_line(citation.file)


def duration(seconds: float | None) -> str:
    """ "7 s", "3 min 20 s"; "" where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
