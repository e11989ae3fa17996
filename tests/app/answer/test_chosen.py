"""What a person reads of the documents that a question was taken to ask about."""

from datetime import date
from pathlib import Path

from app.answer.as_json import choice_to_json
from app.answer.chosen import choice_notes
from core.facets import DocumentChoice, QuestionPeriod
from core.settings import Settings
from core.types import Document, Page
from index.store.library import Library
from index.store.records import Entry

PERIOD = QuestionPeriod(date(2031, 4, 1), date(2031, 6, 30), "fiscal", "Q3 2031")


def notes(tmp_path: Path, choice: DocumentChoice | None) -> tuple[str, ...]:
    with Library.open(Settings(home=tmp_path), create=True) as library:
        for number in range(1, 7):
            name = f"{number}.txt"
            document = Document(str(number), name, "text/plain", "", "Pumps.", (Page("section", 1, "", 0, 6),))
            library.put([Entry(document, f"text:{name}", 1, (), ())], {}, "")
        return choice_notes(choice, library)


def test_documents_that_are_searched_alone_are_named(tmp_path: Path) -> None:
    said = ('"Q3 2031" can be read in two ways.',)
    lines = notes(tmp_path, DocumentChoice(("2", "1"), ("Harrowgate",), (PERIOD,), said, is_sure=True))
    assert lines == ("Searched in 2.txt, 1.txt alone.", *said)


def test_many_documents_are_counted(tmp_path: Path) -> None:
    (line,) = notes(tmp_path, DocumentChoice(tuple("123456"), is_sure=True))
    assert "2 further documents" in line
    assert "5.txt" not in line


def test_documents_that_are_only_preferred_need_no_line(tmp_path: Path) -> None:
    assert notes(tmp_path, DocumentChoice(("1",), ("Harrowgate",))) == ()
    assert notes(tmp_path, None) == ()


def test_programs_get_the_choice() -> None:
    assert choice_to_json(None) is None
    assert choice_to_json(DocumentChoice(("1",), ("Harrowgate",), (PERIOD,), (), is_sure=True)) == {
        "documents": ["1"],
        "organisations": ["Harrowgate"],
        "periods": [{"text": "Q3 2031", "start": "2031-04-01", "end": "2031-06-30", "reading": "fiscal"}],
        "said": [],
        "sure": True,
    }
