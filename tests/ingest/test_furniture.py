"""Running headers, footers and page numbers are found; what stands on a page once, or below its heading, is not."""

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


def test_lines_that_the_pages_begin_and_end_with_are_found_whatever_their_numbers() -> None:
    found = lines_of(REPORT)
    assert found[:3] == ["Part I", "Chapter 1", "Acme Inc. | Form 10-Q | 1"]
    assert not any("in words" in line for line in found[:3])


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
