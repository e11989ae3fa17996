"""Libraries are listed and chosen; where one is empty the others are named; a large ingest lists its problems."""

from pathlib import Path

import pytest

from app.cli import run
from app.commands.ingest import print_table
from core.settings import load_settings
from index.ingest_report import IngestReport
from index.store.file_report import FileReport
from index.store.library import Library


@pytest.fixture
def examples(home) -> Path:
    with Library.open(load_settings(library="examples"), create=True):
        return home


def said(capsys) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_an_empty_library_names_the_others(examples, capsys):
    assert run(["ask", "Who?"]) == 1
    assert "There are other libraries: examples." in said(capsys)


def test_a_library_is_used_from_then_on(examples, capsys):
    assert run(["library", "use", "examples"]) == 0
    assert load_settings().library == "examples"
    capsys.readouterr()
    assert run(["library", "list"]) == 0
    assert "examples 0 documents, 0 saved chats used where none is named" in said(capsys)


def test_a_library_that_is_not_there_cannot_be_used(examples, capsys):
    assert run(["library", "use", "elsewhere"]) == 2
    assert "There are: examples." in said(capsys)
    assert load_settings().library == "default"


@pytest.fixture
def report() -> IngestReport:
    files = [FileReport(Path(f"/f/{n}.txt"), f"{n}.txt", "added", str(n), 1, 10, 1) for n in range(30)]
    files[3] = FileReport(Path("/f/3.txt"), "3.txt", "failed", message="there is nothing in it.")
    files[4] = FileReport(Path("/f/4.txt"), "4.txt", "added", "4", 2, 10, 1, unreadable=((2, "no text: scanned?"),))
    return IngestReport(tuple(files), 1.0, 29)


def test_of_many_files_those_with_a_problem_are_listed_and_one_summary(examples, report, capsys):
    with Library.open(load_settings(library="examples")) as library:
        print_table(report, library, verbose=False)
    shown = said(capsys)
    assert "there is nothing in it." in shown
    assert "page 2: no text: scanned?" in shown
    assert "7.txt" not in shown
    assert "29 of 30 files are in 'examples', 1 could not be read" in shown
    assert "--verbose lists all" in shown


def test_with_verbose_all_are_listed(examples, report, capsys):
    with Library.open(load_settings(library="examples")) as library:
        print_table(report, library, verbose=True)
    shown = said(capsys)
    assert "7.txt" in shown
    assert "--verbose" not in shown
