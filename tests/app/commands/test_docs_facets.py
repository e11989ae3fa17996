"""``lectern docs show`` and ``lectern docs set``: what a document is, and what a person says it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run as lectern
from core.settings import load_settings
from index.store.library import Library
from index.store.records import Entry
from ingest.read import read_file

REPORT = """Harrowgate Pumps Ltd
Quarterly report
For the quarterly period ended June 30, 2031
"""


@pytest.fixture
def shelf(home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "07.txt"
    path.write_text(REPORT)
    with Library.open(load_settings(), create=True) as library:
        library.put([Entry(read_file(path, path.name), "text:07.txt", 1, (), ())], {}, "")
    return path


def test_facets_are_shown_with_the_words_that_say_so(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "show", "07.txt"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Whose Harrowgate Pumps Ltd (Harrowgate Pumps)" in said
    assert "Kind Quarterly report" in said
    assert "Period For the quarterly period ended June 30, 2031" in said
    assert "About 2031-04-01 to 2031-06-30" in said


def test_what_a_person_says_counts_until_it_is_taken_back(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "set", "07.txt", "organisation=Marsh Boats Ltd; MBO", "period=Q3 2030"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Whose Marsh Boats Ltd (MBO, Marsh Boats) as you said" in said
    assert "About 2030-07-01 to 2030-09-30, fiscal quarter 3 of 2030" in said
    assert lectern(["docs", "set", "07.txt", "organisation=", "period="]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Harrowgate Pumps Ltd" in said
    assert "as you said" not in said


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("owner=me", "organisation, person, kind, period, date"),
        ("period=soon", "is not a period"),
        ("date=x", "not a day"),
    ],
)
def test_what_cannot_be_read_is_a_line(shelf: Path, capsys: Any, value: str, hint: str) -> None:
    assert lectern(["docs", "set", "07.txt", value]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert hint in said


def test_programs_get_the_facets_of_all_documents(shelf: Path, capsys: Any) -> None:
    assert lectern(["docs", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["documents"]
    assert listed["name"] == "07.txt"
    company = listed["facets"][0]
    assert REPORT[company["start"] : company["end"]] == company["value"] == "Harrowgate Pumps Ltd"
    assert listed["period"]["end"] == "2031-06-30"
