"""Places of an answer as links of the terminal (OSC 8): a click opens the file, a PDF at its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from core.types import Citation
from index.store.sources import path_of

if TYPE_CHECKING:
    from index.store.library import Library

LinkOf = Callable[[Citation], str]
"""The address of a quote's file; "" where there is none to open."""


def no_link(_citation: Citation) -> str:
    return ""


def links_into(library: Library) -> LinkOf:
    """The addresses of the files that a library's documents came from, as long as they are there."""

    @cache
    def file_of(document_id: str) -> str:
        paths = (path_of(source) for source in library.sources_of(document_id))
        return next((path.as_uri() for path in paths if path is not None and path.is_file()), "")

    def link_of(citation: Citation) -> str:
        address = file_of(citation.document_id)
        page = citation.locator.page
        return f"{address}#page={page}" if address and page is not None else address

    return link_of
