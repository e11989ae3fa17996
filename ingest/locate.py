"""Locators: where a character of a document is, as its readers would say."""

from bisect import bisect_right
from collections.abc import Sequence

from core.types import Locator, Page


def locate(pages: Sequence[Page], text: str, start: int) -> Locator:
    """The locator of character ``start`` of ``text``, which ``pages`` cover in order.

    "p. 12" or "p. 4 (iv)" where the printed label differs, "slide 3", "Sheet1, row 14" or "row 14", a heading path
    ("Costs › Travel") or "paragraph 7" before the first heading, "line 120". Only pages and slides have a number.
    """
    at = page_at(pages, start)
    if at < 0:
        return Locator(None, "")
    page = pages[at]
    match page.kind:
        case "page":
            printed = f" ({page.label})" if page.label and page.label != str(page.number) else ""
            return Locator(page.number, f"p. {page.number}{printed}")
        case "slide":
            return Locator(page.number, f"slide {page.number}")
        case "sheet":
            row = f"row {_line(page, text, start)}"
            return Locator(None, f"{page.label}, {row}" if page.label else row)
        case "section":
            return Locator(None, page.label or f"paragraph {_paragraph(text, page.start, start)}")
        case "lines":
            return Locator(None, f"line {_line(page, text, start)}")


def page_at(pages: Sequence[Page], start: int) -> int:
    """The index in ``pages`` of the page that holds character ``start``; -1 before the first."""
    # Of pages that start together all but the last are empty: the last one holds the character.
    return bisect_right(pages, start, key=lambda page: page.start) - 1


def _line(page: Page, text: str, start: int) -> int:
    """The number of the line or row, in the file's own count."""
    return page.first + text.count("\n", page.start, start)


def _paragraph(text: str, first: int, start: int) -> int:
    """The number of the paragraph (text between blank lines), from 1."""
    return text.count("\n\n", first, start) + 1
