"""Recognition of the pages of one file, at once or later: what is born digital comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from ingest.recognition.lines import Recognized, Recognizer, recognize

if TYPE_CHECKING:
    from ingest.recognition.lines import Picture

SCANNED = "no text: scanned?"
GARBLED = "no text: its letters cannot be told"

BLANK = "blank page"

RECOGNIZED = "recognized"
FORM = "form"
"""How the text of a page was read, at the beginning of `Page.how`."""

WAITING = (SCANNED, GARBLED)
"""Notes of pages whose text can be recognized."""

UNRECOGNIZED = "no text was recognized"
"""The note of a page that was looked at in vain."""

DPI = 200
"""Dots per inch at which a page is drawn to be recognized."""

LONGEST_SIDE = 4000
"""Most pixels of a page's longer side."""

_PAGES_NAMED = 8


class Recognition:
    """Recognizes pages of a file; without engines it leaves them for later."""

    def __init__(
        self,
        engines: Sequence[Recognizer] = (),
        told: Callable[[int], None] = lambda _page: None,
        *,
        known: Mapping[int, Recognized] = MappingProxyType({}),
        done: Callable[[int, Recognized], None] = lambda _page, _found: None,
    ) -> None:
        """``told`` is called before each page with its number in the file, from 1, and ``done`` after it.

        ``known`` are pages that were recognized before, by a reading that was cut off: nobody looks at them again.
        """
        self._engines = engines
        self._told = told
        self._known = known
        self._done = done
        self._pages: dict[int, Recognized] = {}

    @property
    def later(self) -> bool:
        """Whether the pages are left for later."""
        return not self._engines

    def page(self, number: int, picture: Callable[[], Picture]) -> str:
        """The text recognized on a page, a line each; a hyphen that may have cut a word is written as pdfium does."""
        found = self._known.get(number)
        if found is None:
            self._told(number)
            found = recognize(picture(), self._engines)
            self._done(number, found)
        self._pages[number] = found
        lines = [f"{line[:-1]}\ufffe" if line[-2:-1].isalpha() and line.endswith("-") else line for line in found.lines]
        return "\n".join(lines).replace("\ufffe\n", "\ufffe")

    def how(self, number: int) -> str:
        """How the text of a page was read: by whom, and how certainly; "" where none was found on it."""
        page = self._pages.get(number)
        if page is None or not page.lines:
            return ""
        left_out = f", {page.left_out} uncertain lines left out" if page.left_out else ""
        return f"{RECOGNIZED} by {page.engine}, certainty {page.certainty:.2f}{left_out}"

    def facts(self) -> list[str]:
        """Lines for a person: who recognized which pages, how certainly, and how much was left out as uncertain."""
        facts = []
        for engine in dict.fromkeys(page.engine for page in self._pages.values() if page.lines):
            pages = {number: page for number, page in self._pages.items() if page.engine == engine and page.lines}
            characters = {number: sum(map(len, page.lines)) for number, page in pages.items()}
            mean = sum(page.certainty * characters[number] for number, page in pages.items()) / sum(characters.values())
            facts.append(f"Recognized by {engine}: {_named(list(pages))} (certainty {mean:.2f}).")
        unread = {number: page.left_out for number, page in self._pages.items() if page.left_out}
        if unread:
            lines = sum(unread.values())
            said = f"{lines} line{'s' if lines > 1 else ''} could not be read with certainty and were left out"
            facts.append(f"{said.replace('were', 'was') if lines == 1 else said}: {_named(list(unread))}.")
        return facts


def _named(pages: Sequence[int]) -> str:
    """ "p. 3", "pp. 1, 2 and 5", "40 pages"."""
    if len(pages) > _PAGES_NAMED:
        return f"{len(pages)} pages"
    if len(pages) == 1:
        return f"p. {pages[0]}"
    return f"pp. {', '.join(map(str, pages[:-1]))} and {pages[-1]}"
