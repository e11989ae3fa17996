"""The options that limit a search to some documents or pages, for every command that takes them."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from core.errors import UsageError

PANEL = "Search only in"


def _option(flags: str, metavar: str, text: str) -> Any:
    return typer.Option(*flags.split(), metavar=metavar, help=text, rich_help_panel=PANEL)


def _documents(flags: str) -> Any:
    return Annotated[list[str] | None, _option(flags, "FILE", "Documents: a name, an id, or 'report*.pdf'.")]


OPTIONS: dict[str, Any] = {
    "documents": _documents("--in --document"),
    "folders": Annotated[list[str] | None, _option("--folder", "DIR", "Documents from this folder or below it.")],
    "tags": Annotated[list[str] | None, _option("--tag", "NAME", "Documents with this tag.")],
    "types": Annotated[list[str] | None, _option("--type", "TYPE", "Documents of this type: pdf, docx, mail...")],
    "after": Annotated[str | None, _option("--after", "DATE", "Documents of this day or later: 2023, 2023-05-17.")],
    "before": Annotated[str | None, _option("--before", "DATE", "Documents from before this day.")],
    "anywhere": Annotated[
        bool, typer.Option("--anywhere", help="All documents, whichever the question names.", rich_help_panel=PANEL)
    ],
    "pages": Annotated[str | None, _option("--pages", "PAGES", "Pages or slides: 3, or 3-7.")],
}
"""By the names of ``index.search.filters.parse_filter``; a list's option may be given several times."""

DOCUMENT_PARAMETER = "document"
"""A command with a parameter of this name uses --document for another purpose; the filter has only --in there."""


def takes_filter(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Decorate a command: its parameter ``within``, a filter, is replaced by the options of ``OPTIONS``."""
    signature = inspect.signature(command)
    options = OPTIONS | ({"documents": _documents("--in")} if DOCUMENT_PARAMETER in signature.parameters else {})
    kept = [parameter for name, parameter in signature.parameters.items() if name != "within"]
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=False if name == "anywhere" else None, annotation=kind
        )
        for name, kind in options.items()
    ]

    @wraps(command)
    def with_options(*arguments: Any, **options: Any) -> int | None:
        from index.search.filters import parse_filter

        values = {name: value for name in OPTIONS if (value := options.pop(name, None)) is not None}
        if any(value == "" for value in values.values()):
            raise UsageError("a filter's value is empty.", "Leave the option out, or give a value.")
        return command(*arguments, **options, within=parse_filter(**values))

    with_options.__signature__ = signature.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
    with_options.__annotations__ = {
        **{name: kind for name, kind in command.__annotations__.items() if name != "within"},
        **options,
    }
    return with_options
