"""Questions put to a part of a library, with the real embedder: what is kept, and what is said when that is nothing."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from core.settings import Settings
from core.types import Document, Page
from index.add import add_documents
from index.build import ingest
from index.search import retriever as retriever_module
from index.search.filters import Filter, parse_filter
from index.search.retriever import Retriever
from index.store import database, schema
from index.store.library import FILE, Library

FILES = {
    "contracts/lease.txt": ("2021-03-03", "The lease of the boathouse was signed by Ada Marsh."),
    "contracts/old/rent.md": ("2023-05-17", "# Rent\n\nRent for the boathouse is 420 pounds a month."),
    "reports/pump.txt": ("2024-01-01", "The pump of the boathouse moves sea water."),
}
MANUAL = (
    "The boathouse has a winch.\nThe crane lifts boats of two tonnes.\n",
    "The winch needs grease every spring.\nThe handle turns to the left.\n",
    "The crane must not be used in storms.\n",
)


def manual() -> Document:
    text, pages = "".join(MANUAL), []
    start = 0
    for number, page in enumerate(MANUAL, 1):
        pages.append(Page("page", number, "", start, start + len(page)))
        start += len(page)
    return Document("manual", "Manual.PDF", "application/pdf", "", text, tuple(pages), metadata={"created": "2022-07"})


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Any):
    root = tmp_path_factory.mktemp("shelf")
    settings = Settings(home=root / "home", chunk_tokens=48)
    for name, (day, text) in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (datetime.fromisoformat(f"{day} 12:00").timestamp(),) * 2)
    with Library.open(settings, create=True) as library:
        assert not ingest([root / "contracts", root / "reports"], library, embedder, settings).failed
        add_documents([manual()], library, embedder, settings)
        library.tag([library.find("lease.txt"), "manual"], add=["Boats"])
        yield Retriever(library, embedder, settings), library, root


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({"documents": ["lease.txt"]}, {"lease.txt"}),
        ({"documents": ["*.pdf", "RENT*"]}, {"Manual.PDF", "rent.md"}),
        ({"documents": ["{root}/reports/pump.txt"]}, {"pump.txt"}),
        ({"folders": ["{root}/contracts"]}, {"lease.txt", "rent.md"}),
        ({"folders": ["{root}/reports/../contracts/old/"]}, {"rent.md"}),
        ({"folders": ["old", "reports"]}, {"rent.md", "pump.txt"}),
        ({"tags": ["boats"]}, {"lease.txt", "Manual.PDF"}),
        ({"tags": ["boats"], "types": ["pdf"]}, {"Manual.PDF"}),
        ({"types": ["txt"]}, {"lease.txt", "pump.txt"}),
        ({"types": ["markdown", "pdf"]}, {"rent.md", "Manual.PDF"}),
        ({"after": "2023"}, {"rent.md", "pump.txt"}),
        ({"before": "2022-07"}, {"lease.txt"}),
        ({"after": "2022", "before": "2024"}, {"rent.md", "Manual.PDF"}),
        ({"pages": "1-9"}, {"Manual.PDF"}),
    ],
)
def test_only_what_the_filter_keeps_is_found(shelf: Any, given: dict[str, Any], files: set[str]) -> None:
    retriever, _, root = shelf
    filled = {
        key: [value.format(root=root) for value in values] if isinstance(values, list) else values
        for key, values in given.items()
    }
    trace = retriever.trace("What is in the boathouse?", 10, parse_filter(**filled))
    assert {place.file for place in trace.stages[0].places} == files, "the dense side"
    assert {place.file for place in trace.stages[1].places} <= files, "the words"
    assert {place.file for place in trace.stages[-1].places} == files


def test_a_page_filter_cuts_what_is_shown_to_these_pages(shelf: Any) -> None:
    retriever, library, _ = shelf
    for number in (1, 2, 3):
        (found,) = retriever.search("What about the crane?", within=Filter(pages=(number, number))).passages
        assert found.text == MANUAL[number - 1].strip()
        assert library.text("manual")[found.start : found.end] == found.text
        assert found.locator.label == f"p. {number}"
    (both,) = retriever.search("What about the crane?", within=Filter(pages=(2, 3))).passages
    assert both.text == (MANUAL[1] + MANUAL[2]).strip()


def test_a_filter_works_inside_both_searches(home: Path, embedder: Any) -> None:
    """What it keeps ranks far below the first hundred of the whole library on either side."""
    settings = Settings(home=home)
    texts = [f"The kelp grows well at buoy {number}, say the kelp divers." for number in range(130)]
    texts += [f"Invoice {number} for paint and, far below, some kelp." for number in range(7)]
    documents = [
        Document(f"d{at}", f"{at}.txt", "text/plain", "", text, (Page("lines", 1, "", 0, len(text)),))
        for at, text in enumerate(texts)
    ]
    with Library.open(settings, create=True) as library:
        add_documents(documents, library, embedder, settings)
        library.tag([document.id for document in documents[130:]], add=["invoices"])
        retriever = Retriever(library, embedder, settings)
        question = "How well does the kelp grow, say the kelp divers?"
        whole = retriever.trace(question, 5)
        assert not {place.document_id for place in whole.stages[0].places} & {d.id for d in documents[130:]}
        kept = retriever.trace(question, 5, Filter(tags=("invoices",)))
        for stage in kept.stages[:3]:
            assert {place.document_id for place in stage.places} == {d.id for d in documents[130:]}, stage.name
        few = retriever.search("Which invoices are there?", 5, Filter(documents=("130.txt", "131.txt", "5.txt")))
        assert len(few.passages) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"documents": ["leese.txt"]}, "no document is called 'leese.txt'. Did you mean: lease.txt"),
        ({"documents": ["lease.txt", "qqq"]}, "no document is called 'qqq'. There are: Manual.PDF, lease.txt"),
        ({"folders": ["nowhere"]}, "came from the folder 'nowhere'. There are: .*contracts (1), .*old (1)"),
        ({"tags": ["cars"]}, "no document has the tag 'cars'. There are: Boats (2)."),
        ({"types": ["docx"]}, "is of the type 'docx'. There are: text (2), markdown (1), pdf (1)."),
        ({"after": "2025"}, "is dated 2025-01-01 or later. They are dated 2021-03-03 to 2024-01-01."),
        ({"pages": "4-7"}, "no page from 4 to 7 with text. The last page with text is 3."),
        ({"documents": ["lease.txt"], "pages": "2"}, "no page 2. Only PDF pages and slides have numbers"),
        ({"tags": ["boats"], "types": ["markdown"]}, "no document has the tag 'boats' and is of the type 'markdown'."),
        ({"after": "May"}, "'May' is not a date. Write 2023, 2023-05 or 2023-05-17."),
        ({"before": "2023-13"}, "'2023-13' is not a date."),
        ({"pages": "7-3"}, "'7-3' are no pages."),
        ({"tags": [""]}, "value is empty"),
    ],
)
def test_a_filter_that_keeps_nothing_says_which_part_and_what_there_is(
    shelf: Any, given: dict[str, Any], said: str
) -> None:
    retriever, _, _ = shelf
    pattern = said.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")
    with pytest.raises(UsageError, match=pattern):
        retriever.search("boathouse", within=parse_filter(**given))


def test_a_name_that_is_there_is_no_pattern_and_case_is_nothing_in_any_script(home: Path, embedder: Any) -> None:
    settings = Settings(home=home)
    names = ("a[1].pdf", "a1.pdf", "\u00dcbersicht.pdf", "\u0416urnal.txt")
    documents = [Document(n, n, "text/plain", "", f"It is {n}.", (Page("lines", 1, "", 0, 10),)) for n in names]
    with Library.open(settings, create=True) as library:
        add_documents(documents, library, embedder, settings)
        library.tag([names[2]], add=["\u00c4mter"])
        library.tag([names[2]], add=["\u00e4mter", "Eile"], remove=["eile"])
        assert library.documents()[-2].tags == ("\u00c4mter",)
        library.tag([names[0]], add=["\u00e4mter", "Boats"])
        assert (library.names(), library.tags()) == (sorted(names), ["Boats", "\u00c4mter"])
        library.tag([names[0]], remove=["\u00c4MTER"])
        retriever = Retriever(library, embedder, settings)

        def kept(**given: Any) -> set[str]:
            within = parse_filter(**given)
            return {place.file for place in retriever.trace("What is it?", 9, within).stages[0].places}

        assert kept(documents=["a[1].pdf"]) == kept(documents=["A[1].PDF"]) == {"a[1].pdf"}
        assert kept(documents=["a[0-9].pdf"]) == {"a1.pdf"}
        assert kept(documents=["a*.pdf"]) == {"a[1].pdf", "a1.pdf"}
        assert kept(documents=["\u00fcbersicht.pdf"]) == kept(documents=["U\u0308BER*"]) == {names[2]}
        assert kept(documents=["\u0436*"]) == {names[3]}
        assert kept(tags=["\u00e4MTER"]) == {names[2]}
        library.tag([names[2]], remove=["\u00e4mter"])
        assert not library.documents()[-2].tags


def test_what_a_filter_keeps_is_looked_up_once_until_a_document_or_a_tag_changes(
    home: Path, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, looked_up = Settings(home=home), []
    resolve = retriever_module.resolve
    monkeypatch.setattr(retriever_module, "resolve", lambda *given: looked_up.append(given) or resolve(*given))
    texts = {"crane": "The crane lifts two tonnes.", "winch": "The winch lifts boats."}
    documents = [Document(n, n, "text/plain", "", t, (Page("lines", 1, "", 0, len(t)),)) for n, t in texts.items()]
    with Library.open(settings, create=True) as library:
        add_documents(documents, library, embedder, settings)
        library.tag(["crane"], add=["big"])
        retriever = Retriever(library, embedder, settings)

        def files(within: Filter) -> set[str]:
            return {passage.file for passage in retriever.search("What lifts?", within=within).passages}

        big = Filter(tags=("big",))
        assert files(big) == files(big) == {"crane"}
        assert len(looked_up) == 1
        assert files(Filter(tags=("big",), types=("text",))) == {"crane"}
        library.tag(["winch"], add=["big"])
        assert files(big) == {"crane", "winch"}
        library.remove("crane")
        assert files(big) == {"winch"}


def test_no_values_are_no_filter() -> None:
    assert parse_filter() is None


def test_tags_stay_with_a_file_that_changes_and_go_with_it(home: Path, embedder: Any, tmp_path: Path) -> None:
    settings = Settings(home=home)
    file = tmp_path / "note.txt"
    with Library.open(settings, create=True) as library:
        for text in ("The tide turns at six.", "The tide turns at seven."):
            file.write_text(text)
            ingest([file], library, embedder, settings)
            if "six" in text:
                library.tag([library.find("note.txt")], add=["sea", "times"], remove=["none"])
                library.tag([library.find("note.txt")], add=["SEA"], remove=["times"])
        (record,) = library.documents()
        assert library.text(record.id) == "The tide turns at seven."
        assert record.tags == ("sea",)
        with pytest.raises(UsageError, match="cannot be a tag"):
            library.tag([record.id], add=["two\nlines"])
        library.remove("note.txt")
        with library.database.reading() as db:
            for table in ("tags", "dates", "chunk_pages"):
                assert not db.execute(f"SELECT 1 FROM {table}").fetchone()


def test_a_library_of_version_2_learns_its_dates_and_pages(settings_of_version_2: Settings) -> None:
    with Library.open(settings_of_version_2) as library:
        (record,) = library.documents()
        assert (record.day, record.tags) == ("2019-04-01", ())
        with library.database.reading() as db:
            assert [tuple(row) for row in db.execute("SELECT * FROM chunk_pages")] == [(7, 3, 4)]


@pytest.fixture
def settings_of_version_2(home: Path) -> Settings:
    settings = Settings(home=home)
    path = settings.libraries_dir / "default" / FILE
    path.parent.mkdir(parents=True)
    old = database.Database(path, schema.STEPS[:2])
    pages = '[["page", 3, "", 0, 5, 1, ""], ["page", 4, "", 5, 9, 1, ""]]'
    with old.writing() as db:
        metadata = '{"created": "2019-04"}'
        document = (None, "id", "a.pdf", "application/pdf", "", "Ferry.", "[]", "[]", metadata, "[]", 6, 4, 6, "2026")
        db.execute(f"INSERT INTO documents VALUES ({', '.join('?' * len(document))})", document)
        db.execute("INSERT INTO embeddings VALUES (x'00', x'00', '2026')")
        chunk = (7, "id", 0, 0, 6, "Ferry.", "[]", pages, 2, b"\0", 1)
        db.execute(f"INSERT INTO chunks VALUES ({', '.join('?' * len(chunk))})", chunk)
    old.close()
    return settings
