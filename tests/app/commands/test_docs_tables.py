"""``lectern docs tables``: what a person sees of the tables of a document, and what a program gets."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run as lectern
from core.settings import load_settings
from index.store.library import Library
from index.store.records import Entry
from ingest.read import read_file
from tests.ingest.drawn_tables import Drawing


@pytest.fixture
def shelf(home: Path, tmp_path: Path) -> Path:
    """A library with a report of two pages with a table each, and one without any."""
    drawing = Drawing()
    for page, name in ((1, "Ferries"), (2, "Moorings")):
        drawing.text(name)
        drawing.heads((390, "2031"), (470, "2030"), corner="(in thousands)")
        drawing.text("Passengers:")
        drawing.row("Adults", f"{page}01", "602", indent=12)
        drawing.row("Children", "(703)", "804", indent=12)
        if page == 1:
            drawing.page()
    path = drawing.save(tmp_path / "report.pdf")
    document = read_file(path, path.name)
    note = tmp_path / "note.txt"
    note.write_text("Nothing to count.")
    with Library.open(load_settings(), create=True) as library:
        entries = [Entry(one, f"text:{one.name}", 1, (), ()) for one in (document, read_file(note, note.name))]
        library.put(entries, {}, "")
    return tmp_path


def test_tables_are_shown_with_title_place_unit_and_groups(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "tables", "report.pdf", "--page", "2"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines == [
        ["Moorings"],
        ["p.", "2,", "in", "thousands"],
        ["2031", "2030"],
        ["Passengers"],
        ["Adults", "201", "602"],
        ["Children", "(703)", "804"],
    ]


def test_a_program_gets_each_table_as_a_line_of_json(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "tables", "report.pdf", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["title"], second["title"]) == ("Ferries", "Moorings")
    assert first["rows"][0]["path"] == ["Passengers", "Adults"]
    assert first["columns"][0]["period"] == {"start": "2031-01-01", "end": "2031-12-31"}
    cell = next(cell for cell in first["cells"] if cell["text"] == "(703)")
    assert (cell["number"], cell["scale"], cell["page"]) == ("-703", 1000, 1)


def test_a_document_without_tables_says_so(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "tables", "note.txt"]) != 0
    assert "no tables were read in 'note.txt'" in capsys.readouterr().err
