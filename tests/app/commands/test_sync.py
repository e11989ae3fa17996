"""`lectern sync`, `lectern watch`, and what `lectern ingest` says of files that are gone."""

import re
import signal
import sys
from pathlib import Path

import pytest
import typer

from app.cli import run
from core.settings import load_settings
from index.store.library import Library
from tests.app.programs import Program


@pytest.fixture
def docs(home, tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "cellar.txt").write_text("The pump stands in the cellar.")
    (folder / "roof.txt").write_text("The seal sleeps on the roof.")
    assert run(["ingest", str(folder)]) == 0
    return folder


def names() -> list[str]:
    with Library.open(load_settings()) as library:
        return library.names()


def change(docs: Path) -> None:
    """One file is added, one moved, one deleted."""
    (docs / "pier.txt").write_text("The ferry leaves from the pier.")
    (docs / "cellar.txt").rename(docs / "basement.txt")
    (docs / "roof.txt").unlink()


def said(capsys) -> str:
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def test_a_sync_says_what_changed_and_a_dry_run_what_would(docs, capsys):
    change(docs)
    capsys.readouterr()
    assert run(["sync", "--dry-run", str(docs)]) == 0
    out = said(capsys)
    assert "would be added" in out
    assert "would be taken out roof.txt" in out
    assert names() == ["cellar.txt", "roof.txt"]
    assert run(["sync", str(docs)]) == 0
    out = said(capsys)
    assert "moved basement.txt" in out
    assert "1 added, 1 moved, 1 taken out, 0 unchanged" in out
    assert names() == ["basement.txt", "pier.txt"]
    assert run(["sync", str(docs)]) == 0
    assert "Nothing has changed, 2 unchanged" in said(capsys)


def test_a_file_that_cannot_be_read_is_told_and_fails_the_command(docs, capsys):
    (docs / "noise.bin").write_bytes(bytes(range(256)) * 40)
    assert run(["sync", str(docs)]) == 1
    assert "not read noise.bin" in said(capsys)


def test_a_dry_run_makes_no_library(home, tmp_path):
    assert run(["sync", "--dry-run", str(tmp_path)]) == 1
    assert not (home / "libraries").exists()


@pytest.mark.parametrize("agreed", [True, False])
def test_an_ingest_offers_to_take_out_what_is_gone(docs, capsys, monkeypatch, agreed):
    (docs / "roof.txt").unlink()
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", lambda text, **_: asked.append(text) or agreed)
    capsys.readouterr()
    assert run(["ingest", str(docs)]) == 0
    out = said(capsys)
    assert "No longer there: roof.txt." in out
    assert len(asked) == 1
    assert ("Taken out, as no longer there: roof.txt." in out) == agreed
    assert ("lectern ingest --prune FOLDER" in out) != agreed
    assert names() == (["cellar.txt"] if agreed else ["cellar.txt", "roof.txt"])


def test_a_document_that_is_removed_and_still_on_the_disk_is_told_of(docs, capsys):
    capsys.readouterr()
    assert run(["docs", "remove", "roof.txt"]) == 0
    assert ".lecternignore" in capsys.readouterr().err
    (docs / "cellar.txt").unlink()
    assert run(["docs", "remove", "cellar.txt"]) == 0
    assert ".lecternignore" not in capsys.readouterr().err


def test_a_watch_follows_the_folder_and_goes_on_after_a_restart(docs):
    watched = Program("watch", str(docs), "--settle", "0.2")
    (docs / "noise.bin").write_bytes(bytes(range(256)) * 40)
    watched.wait_for(lambda: watched.stderr.readline().startswith("Watching"))
    change(docs)
    watched.wait_for(lambda: names() == ["basement.txt", "pier.txt"])
    code, out, _ = watched.ended(signal.SIGINT)
    assert code == 130
    assert out.count("1 not read") == 1
    (docs / "pier.txt").rename(docs / "quay.txt")
    again = Program("watch")
    again.wait_for(lambda: names() == ["basement.txt", "quay.txt"])
    again.ended(signal.SIGTERM)


def test_to_watch_without_a_folder_there_must_have_been_one(docs, capsys):
    assert run(["watch"]) == 2
    assert "lectern watch FOLDER" in capsys.readouterr().err
