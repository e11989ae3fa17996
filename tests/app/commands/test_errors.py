"""Every wrong turn on the command line: one line that says what to do, no traceback, the right exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import run


def one_line(capsys) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("lectern: ")
    return lines[0]


def test_a_library_without_documents_says_how_to_get_some(home, capsys):
    assert run(["ask", "Who?"]) == 1
    assert "Run: lectern ingest PATH" in one_line(capsys)


def test_a_library_that_is_not_there_is_named(home, capsys):
    assert run(["docs", "list", "--library", "contracts"]) == 1
    assert "'contracts'" in one_line(capsys)


def test_a_wrong_path_is_a_usage_error(home, capsys):
    assert run(["ingest", str(home / "no such file.pdf")]) == 2
    assert "no such file.pdf: no such file or folder" in one_line(capsys)


def test_an_empty_folder_is_a_usage_error(home, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(["ingest", str(tmp_path / "empty")]) == 2
    assert "no files in" in one_line(capsys)


def test_pruning_a_folder_without_files_says_that_nothing_went_and_what_to_do(home, tmp_path, capsys):
    (tmp_path / "drive").mkdir()
    assert run(["ingest", "--prune", str(tmp_path / "drive")]) == 2
    assert "Nothing was taken out. Connect its drive and try again." in one_line(capsys)


def test_what_was_pruned_is_brought_back_by_undo(home, capsys):
    from core.settings import load_settings
    from index.store.library import Library

    make_library()
    with Library.open(load_settings()) as library:
        library.drop_sources(library.documents()[0].sources)
        assert library.documents() == []
    assert run(["docs", "undo", "lease.txt"]) == 0
    assert capsys.readouterr().out.strip() == "lease.txt is back, as 'lease.txt'."
    assert run(["docs", "undo"]) == 2
    assert "there is nothing to bring back." in one_line(capsys)


def test_a_library_cannot_be_a_path(home, capsys):
    assert run(["docs", "list", "--library", "../other"]) == 2
    assert "'../other' cannot be the name of a library" in one_line(capsys)


def test_a_missing_argument_points_to_the_help(home, capsys):
    assert run(["ask"]) == 2
    assert one_line(capsys).endswith("Try: lectern ask --help")


def test_an_unknown_option_points_to_the_help(home, capsys):
    assert run(["ask", "Who?", "--loud"]) == 2
    assert "--loud" in one_line(capsys)


def test_a_setting_that_is_not_valid_is_named_with_its_place(home, capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_PASSAGES", "many")
    assert run(["docs", "list"]) == 2
    assert "LECTERN_PASSAGES" in one_line(capsys)


def test_an_unknown_model_says_where_models_are_listed(home, capsys):
    assert run(["models", "use", "no-such-model"]) == 1
    assert "lectern models list" in one_line(capsys)


def test_an_unknown_document_says_what_there_is(home, capsys):
    make_library()
    assert run(["docs", "show", "leese.txt"]) == 2
    assert "Did you mean: lease.txt?" in one_line(capsys)


def test_a_taken_port_says_so(home, capsys):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["serve", "--no-browser", "--port", str(taken.getsockname()[1])]) == 2
    assert "is taken" in one_line(capsys)


def test_a_locked_library_says_to_wait(home, capsys, monkeypatch):
    import sqlite3

    import index.store.database

    monkeypatch.setattr(index.store.database, "BUSY_S", 0.1)
    make_library()
    holder = sqlite3.connect(home / "libraries" / "default" / "library.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert run(["docs", "remove", "lease.txt"]) == 1
    finally:
        holder.close()
    assert "Wait until it is done" in one_line(capsys)


def test_a_damaged_library_says_so(home, capsys):
    file = home / "libraries" / "default" / "library.sqlite"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)
    assert run(["docs", "list"]) == 1
    assert "is damaged" in one_line(capsys)


def test_what_nobody_expected_is_one_line_and_a_log(home, capsys, monkeypatch):
    import index.store.library

    monkeypatch.setattr(index.store.library.Library, "open", lambda *_: 1 / 0)
    assert run(["docs", "list"]) == 1
    line = one_line(capsys)
    assert "division by zero" in line
    assert "ZeroDivisionError" in Path(line.rpartition("Details: ")[2]).read_text()


def test_a_documents_name_cannot_steer_the_terminal(home, capsys):
    make_library(name="\x1b[2Jgone\u202etxt.pdf")
    assert run(["docs", "list"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "gone" in shown


def test_help_shows_an_example_for_every_command(home, capsys):
    commands = ("ingest", "ask", "chat", "serve", "doctor", "docs list", "docs show", "docs remove", "models use")
    for command in commands:
        assert run([*command.split(), "--help"]) == 0
        assert f"Example: lectern {command}" in " ".join(capsys.readouterr().out.split())


def test_help_and_lists_start_without_any_model_library(home):
    heavy = ["torch", "transformers", "faiss", "llama_cpp", "streamlit", "sentence_transformers"]
    code = (
        "import sys; from app.cli import run; run(['--help']); run(['docs', 'list']); "
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")


@pytest.fixture
def lectern(home):
    """Run the command as a person does, in a process of its own."""

    def start(*arguments: str, **given) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "app.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=110, env=os.environ | given)

    return start


def test_ingest_takes_what_it_can_and_reports_the_rest(lectern, tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "lease.txt").write_text("The lease was signed by Maren Oyelaran on 3 May.")
    (folder / "empty.txt").write_text("")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    done = lectern("ingest", str(folder), COLUMNS="160")
    assert done.returncode == 1
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert rows["lease.txt"].split()[1:] == ["added", "1", "48", "1"]
    assert "empty" in rows["empty.txt"].split(maxsplit=2)[2]
    assert "failed" in rows["broken.pdf"]
    assert "1 of 3 files are in 'default', 2 could not be read" in done.stdout
    assert "Traceback" not in done.stderr

    again = lectern("ingest", str(folder / "lease.txt"))
    assert again.returncode == 0
    assert "unchanged" in again.stdout
    assert lectern("jobs").stdout == "Nothing waits to be taken in.\n"  # what was told is forgotten
    assert lectern("doctor").returncode == 0


def test_a_pipe_that_closes_early_is_no_error(home):
    make_library()
    command = f"{sys.executable} -m app.cli docs show lease.txt --text"
    done = subprocess.run(f"{command} | true", shell=True, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


def test_start_up_is_quick(home):
    """Beside the libraries that every command needs: 1.4 times their processor time; with torch it would be 5."""

    def seconds(*command: str) -> float:
        began = os.times().children_user
        subprocess.run([sys.executable, *command], capture_output=True, check=False)
        return os.times().children_user - began

    needed = min(seconds("-c", "import numpy, pydantic_settings, rich.console, typer") for _ in range(3))
    assert min(seconds("-m", "app.cli", "docs", "list") for _ in range(3)) < 2.2 * needed


def make_library(name: str = "lease.txt") -> None:
    """A library of one document, stored without any model."""
    import numpy as np

    from core.settings import load_settings
    from core.types import Chunk, Document, Page
    from index.store.library import Library
    from index.store.records import Entry

    text = "The lease was signed by Maren Oyelaran on 3 May."
    document = Document("a" * 64, name, "text/plain", "Lease", text, (Page("lines", 1, "", 0, len(text)),))
    chunk = Chunk(document.id, 0, 0, len(text), text, (), 12)
    vector = np.eye(1, 384, dtype=np.float32)[0]
    with Library.open(load_settings(), create=True) as library:
        library.put([Entry(document, f"/papers/{name}", len(text), (chunk,), (b"h" * 32,))], {b"h" * 32: vector})
