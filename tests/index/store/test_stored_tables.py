"""Tables go with their document: into the library, into what can be brought back, and out of it."""

from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.settings import Settings
from core.tables import Table
from index.build import ingest
from index.salvage.salvage import salvage
from index.store.check import check, repair
from index.store.library import FILE, Library
from tests.ingest.drawn_tables import Drawing


def report_of(path: Path, sold: str) -> Path:
    drawing = Drawing()
    drawing.text("Ferries")
    drawing.heads((390, "2031"), (470, "2030"), corner="(in thousands)")
    drawing.row("Sold", sold, "6")
    drawing.row("Bought", "7", "8")
    return drawing.save(path)


def added(library: Library, settings: Settings, path: Path) -> tuple[Table, ...]:
    (report,) = ingest([path], library, TopicEmbedder(), settings).files
    assert report.tables == 1
    return library.document(path.name).tables


def test_a_document_keeps_its_tables_and_an_earlier_version_its_own(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    first = added(library, settings, report_of(path, "5"))
    assert [cell.value for cell in first[0].cells] == [5000, 6000, 7000, 8000]
    (earlier,) = (record.id for record in library.documents())
    second = added(library, settings, report_of(path, "55"))
    assert second[0].cells[0].value == 55000
    back = library.bring_back(earlier)
    assert library.document(back).tables == first
    assert library.tables([earlier]) == {earlier: first}
    library.remove(back)
    assert library.tables([earlier]) == {}


def test_tables_that_do_not_match_their_text_are_found_and_taken_out(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    added(library, settings, report_of(tmp_path / "report.pdf", "5"))
    assert check(library) == []
    with library.database.writing() as db:
        db.execute('UPDATE documents SET tables = replace(tables, \'"text":"7"\', \'"text":"70"\')')
    (problem,) = check(library)
    assert "tables of 'report.pdf'" in str(problem)
    assert repair(library) == []
    assert library.document("report.pdf").tables == ()


@pytest.mark.parametrize(
    "harm",
    [
        ('"row":1', '"row":9'),
        ('"row":1', '"row":-1'),
        ('"column":1', '"column":9'),
        ('"column":1', '"column":-1'),
        ('"path":["Sold"],"start":', '"path":["Sold"],"start":9000'),
        ('"path":["Sold"],"start":', '"path":["Sold"],"start":-9'),
    ],
)
def test_rows_and_columns_that_there_are_none_of_are_found_too(
    library: Library, settings: Settings, tmp_path: Path, harm: tuple[str, str]
) -> None:
    added(library, settings, report_of(tmp_path / "report.pdf", "5"))
    with library.database.writing() as db:
        assert db.execute("UPDATE documents SET tables = replace(tables, ?, ?)", harm).rowcount
        (stored,) = db.execute("SELECT tables FROM documents").fetchone()
    assert harm[1] in stored
    (problem,) = check(library)
    assert "tables of 'report.pdf'" in str(problem)


def test_rows_are_found_by_the_names_of_their_columns_after_a_repair_too(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    added(library, settings, report_of(tmp_path / "report.pdf", "5"))
    with library.database.writing() as db:
        before = db.execute("SELECT body FROM words").fetchall()
        assert all("2031" in row["body"] for row in before)
        db.execute("DELETE FROM words")
    assert repair(library) == []
    with library.database.reading() as db:
        assert db.execute("SELECT body FROM words").fetchall() == before


def test_what_is_saved_of_a_damaged_library_has_its_tables(settings: Settings, tmp_path: Path) -> None:
    with Library.open(settings, create=True) as library:
        tables = added(library, settings, report_of(tmp_path / "report.pdf", "5"))
        added(library, settings, report_of(tmp_path / "other.pdf", "9"))
        file = library.folder / FILE
        with library.database.writing() as db:
            db.execute("UPDATE documents SET tables = 'torn' WHERE name = 'other.pdf'")
        library.database.truncate_log()
    data = bytearray(file.read_bytes())
    data[:16] = b"\0" * 16  # the file's head
    file.write_bytes(data)
    assert salvage(settings, TopicEmbedder).documents == 2
    with Library.open(settings) as library:
        assert library.document("report.pdf").tables == tables
        assert library.document("other.pdf").tables == ()
        assert check(library) == []


def test_a_sheet_of_endless_rows_is_stored_as_text_and_its_rows_keep_their_names(
    library: Library, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store.records.MOST_CELLS", 10)
    path = tmp_path / "orders.csv"
    path.write_text("Order,City\n" + "".join(f"{n},Lund\n" for n in range(20)), "utf-8")
    ingest([path], library, TopicEmbedder(), settings)
    document = library.document("orders.csv")
    assert document.tables == ()
    assert "19 | Lund" in document.text
    with library.database.reading() as db:
        headings = [row[0] for row in db.execute("SELECT headings FROM chunks")]
    assert all("Order | City" in one for one in headings)
