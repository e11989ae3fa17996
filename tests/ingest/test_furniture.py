"""Running headers, footers and page numbers are found; what stands on a page once, or below its heading, is not."""

import pytest

from core.types import Page
from ingest.furniture import furniture


def document(pages, kind="page"):
    text, found = "", []
    for number, lines in enumerate(pages, 1):
        start = len(text)
        text += "\n".join(lines) + "\n\n"
        found.append(Page(kind, number, "", start, len(text)))
    return text, tuple(found)


def lines_of(pages, kind="page"):
    text, found = document(pages, kind)
    return [text[start:end] for start, end in furniture(text, found)]


REPORT = [
    ["Part I", f"Chapter {n}", f"{'abcdefg'[n]} is told in words", f"Acme Inc. | Form 10-Q | {n}"] for n in range(1, 7)
]


def test_lines_that_the_pages_begin_and_end_with_are_found_whatever_their_page_numbers() -> None:
    assert lines_of(REPORT) == [line for n in range(1, 7) for line in ("Part I", f"Acme Inc. | Form 10-Q | {n}")]


@pytest.mark.parametrize(
    "footer", ["Notes to Statements {}", "{} | Handbook", "Acme - page {} of 8", "{} of 8", "– {} –"]
)
def test_a_page_number_may_stand_at_the_edge_of_a_running_title(footer) -> None:
    pages = [[f"{letter} is told here.", footer.format(n + 5)] for n, letter in enumerate("abcdefgh")]
    assert lines_of(pages) == [page[-1] for page in pages]


@pytest.mark.parametrize("pay", ["Gross pay {}00.00", "Gross pay | {}00", "Gross pay 3000.00", "{} hours of work"])
def test_the_data_of_a_form_is_no_furniture(pay) -> None:
    pages = [[f"Slip {letter}", pay.format(30 + n * n), "Tax 800.00"] for n, letter in enumerate("abcdefgh")]
    assert not any(line.startswith(("Gross", "Tax", "3")) for line in lines_of(pages))


def test_words_of_roman_letters_are_no_page_numbers() -> None:
    pages = [
        [f"{letter} is told here.", word] for letter, word in zip("abcd", ("ill", "civil", "vivid", "xi"), strict=True)
    ]
    assert lines_of(pages) == []


def test_a_name_that_heads_some_statements_is_no_furniture() -> None:
    letters = "abcdefghij"
    pages = [["Acme Inc." if n < 3 else f"Note {letters[n]}", f"Text {letters[n]}.", str(n)] for n in range(10)]
    assert lines_of(pages) == [str(n) for n in range(10)]


def test_headers_of_left_and_right_pages_alternate() -> None:
    pages = [["Handbook" if n % 2 else "Acme", f"{'abcdefghijkl'[n]} is told here.", f"- {n} -"] for n in range(12)]
    assert lines_of(pages).count("Handbook") == lines_of(pages).count("Acme") == 6


def test_two_pages_and_files_without_pages_have_none() -> None:
    assert lines_of(REPORT[:2]) == []
    assert lines_of(REPORT, "section") == []
