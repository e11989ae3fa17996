"""`lectern docs reembed`: the commands that a person types, with two real embedders."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli import run
from core.settings import load_settings
from index.embedders.convert import Recipe, convert
from index.embedders.converted import place_of
from index.store.library import Library
from tests.index.embedders.made_file import MadeFile

OFFER = "lectern docs reembed multilingual"


@pytest.fixture
def docs(home, tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(4):
        (folder / f"note-{number}.txt").write_text(f"The ferry of note {number} leaves with the tide.\n")
    assert run(["ingest", str(folder)]) == 0
    return folder


@pytest.fixture
def fetch(tmp_path: Path):
    """Lay the multilingual embedder into the models folder, a made one."""

    def fetch() -> None:
        file = MadeFile(positions=256).write(tmp_path / "made.bin")
        recipe = Recipe("multilingual-made", "query: ", "passage: ")
        convert(file, "ab" * 32, place_of(load_settings(), "multilingual"), recipe)

    return fetch


def embedder_of(name: str = "default") -> str:
    with Library.open(load_settings(library=name)) as library:
        return library.embedder_name


def found(capsys) -> list[str]:
    capsys.readouterr()
    assert run(["ask", "When does the ferry leave?", "--no-llm", "--json"]) == 0
    return [one["file"] for one in json.loads(capsys.readouterr().out)["passages"]]


def test_the_library_changes_and_no_setting_is_needed_to_search_it(docs, fetch, capsys):
    assert embedder_of() == "all-MiniLM-L6-v2"
    fetch()
    assert run(["docs", "reembed", "multilingual"]) == 0
    assert "'default' is searched by 'multilingual-made-abababab-1' from here on." in capsys.readouterr().out
    assert len(found(capsys)) == 4
    (docs / "late.txt").write_text("The ferry comes late.\n")
    assert run(["ingest", str(docs)]) == 0
    assert len(found(capsys)) == 5
    assert run(["docs", "reembed", "bundled"]) == 0
    assert embedder_of() == "all-MiniLM-L6-v2"
    assert len(found(capsys)) == 5
    assert run(["doctor", "--library", "default"]) == 0


def test_it_is_offered_once_where_the_embedder_is_here(docs, fetch, capsys):
    run(["ingest", str(docs)])
    assert OFFER not in capsys.readouterr().err
    fetch()
    run(["ask", "When does the ferry leave?", "--no-llm"])
    assert capsys.readouterr().err.count(OFFER) == 1
    run(["ask", "When does the ferry leave?", "--no-llm"])
    run(["ingest", str(docs)])
    assert OFFER not in capsys.readouterr().err


def test_a_new_library_gets_the_embedder_that_is_here_and_the_old_one_keeps_its_own(docs, fetch, capsys):
    fetch()
    assert run(["ingest", str(docs), "--library", "new"]) == 0
    assert OFFER not in capsys.readouterr().err
    assert embedder_of("new") == "multilingual-made-abababab-1"
    assert len(found(capsys)) == 4
    assert embedder_of() == "all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("multilingal", "there is no embedder 'multilingal'. Did you mean multilingual?", 2),
        ("quux", "Did you mean bundled or multilingual?", 2),
        ("bundled", "'all-MiniLM-L6-v2' is the embedder of the library 'default' already.", 2),
        ("multilingual", "is not on this machine. Run: lectern models pull multilingual", 1),
    ],
)
def test_a_name_that_does_not_help_is_answered_with_one_that_does(docs, capsys, name, said, code):
    assert run(["docs", "reembed", name]) == code
    error = " ".join(capsys.readouterr().err.split())
    assert said in error
    assert embedder_of() == "all-MiniLM-L6-v2"


def test_an_embedder_that_is_gone_is_named_with_the_command_that_fetches_it(docs, fetch, capsys):
    fetch()
    run(["docs", "reembed", "multilingual"])
    place = place_of(load_settings(), "multilingual")
    place.rename(place.with_name("away"))
    (place.with_name("away") / "embedder.json").unlink()
    assert run(["ask", "When does the ferry leave?", "--no-llm"]) == 1
    assert "Run: lectern models pull multilingual" in " ".join(capsys.readouterr().err.split())


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(docs, fetch, home):
    text = "\n\n".join(f"The ferry number {n} leaves with the tide. " * 12 for n in range(600))
    (docs / "long.txt").write_text(text)
    assert run(["ingest", str(docs)]) == 0
    fetch()
    command = [sys.executable, "-P", "-m", "app.cli", "docs", "reembed", "multilingual", "--json-progress"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        lines = (json.loads(line) for line in process.stdout)
        first = next(line for line in lines if line["event"] == "progress" and line["done"])
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        assert process.wait(20) == 130
        assert time.monotonic() - stopped < 10
    assert first["done"] < first["chunks"]
    assert embedder_of() == "all-MiniLM-L6-v2"
    with Library.open(load_settings()) as library, library.database.reading() as db:
        assert db.execute("SELECT count(*) FROM reembedded").fetchone()[0] >= first["done"]
    assert run(["docs", "reembed", "multilingual"]) == 0
    assert embedder_of() == "multilingual-made-abababab-1"
