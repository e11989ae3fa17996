"""What stands on every page is no evidence, and a row stands below what its page says of its columns."""

import pytest

from app.answer.page_layout import documents_of, with_columns, without_furniture
from core.errors import LibraryDamaged, UnknownDocument
from core.types import Citation, Document, Locator, Page, Passage

LETTERS = "abcdef"
TEXTS = [f"Acme Inc.\nNote {letter} is told here.\nAcme Inc. | Form 10-Q | {at}\n" for at, letter in enumerate(LETTERS)]
TEXTS[2] = "Acme Inc.\n(In millions)\n2031 2030\nNet income 4,610 4,555\nAcme Inc. | Form 10-Q | 2\n"
TEXT = "".join(TEXTS)
PAGES = tuple(
    Page("page", at + 1, "", len("".join(TEXTS[:at])), len("".join(TEXTS[: at + 1]))) for at in range(len(TEXTS))
)
REPORT = Document("d1", "report.pdf", "application/pdf", "", TEXT, PAGES)


def test_passages_lose_the_headers_and_footers_of_their_pages_and_keep_their_places() -> None:
    whole = Passage("d1", "report.pdf", "", 0, len(TEXT), TEXT, Locator(1, "p. 1"), (), 0.8, 0.7, 3.0, PAGES)
    parts = without_furniture([whole], {"d1": REPORT})
    assert len(parts) == 6
    assert not any("Acme Inc." in part.text for part in parts)
    assert [part.locator.label for part in parts] == [f"p. {number}" for number in range(1, 7)]
    for part in parts:
        assert TEXT[part.start : part.end] == part.text
    assert without_furniture([whole], {}) == (whole,)


def test_a_row_is_quoted_below_its_periods_and_unit() -> None:
    start = TEXT.index("Net income")
    row = Citation("d1", "report.pdf", Locator(3, "p. 3"), "Net income 4,610 4,555", start, start + 22, 0.5)
    prose = Citation("d1", "report.pdf", Locator(1, "p. 1"), "Note a is told here.", 10, 30, 0.5)
    assert [quote.columns for quote in with_columns([row, prose], {"d1": REPORT})] == ["2031 2030 (in millions)", ""]


def test_a_document_that_was_just_removed_is_left_out() -> None:
    class Library:
        def document(self, document_id: str) -> Document:
            if document_id != "d1":
                raise UnknownDocument("it was just removed.", "Ask again.")
            return REPORT

    quotes = [Citation(key, "f", Locator(1, "p. 1"), "x", 0, 1, 0.5) for key in ("d1", "d2")]
    assert documents_of(quotes, Library()) == {"d1": REPORT}


def test_a_damaged_library_is_told() -> None:
    class Library:
        def document(self, document_id: str) -> Document:
            raise LibraryDamaged("the library is damaged.", "Repair it.")

    with pytest.raises(LibraryDamaged):
        documents_of([Citation("d1", "f", Locator(1, "p. 1"), "x", 0, 1, 0.5)], Library())
