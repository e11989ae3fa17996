"""What Lectern keeps is for its user alone, whatever the umask; what a person asks for by name is theirs to share."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import load_settings
from tests.app.programs import Program
from tests.index.stand_in import TopicEmbedder


@pytest.fixture(autouse=True)
def _open_umask():
    """Files are for all to read unless somebody sees to it; so they are for most people."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What in the folder, itself included, its group or others have any right to."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


def loosen(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def papers(tmp_path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "harbour.txt").write_text("The ferry leaves at noon. The tide turns an hour later.")
    return folder


def test_a_home_is_closed_to_others_from_its_first_file_on(home, papers):
    def lectern(*arguments: str) -> None:
        program = Program(*arguments)
        out, err = program.communicate(timeout=100)
        assert program.returncode == 0, out + err
        assert not open_to_others(home)

    lectern("ingest", str(papers))
    loosen(home)
    lectern("docs", "list")
    loosen(home)
    lectern("ask", "When does the ferry leave?")
    lectern("eval", "add", "When does the ferry leave?", "--document", "harbour.txt")
    lectern("doctor")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Program("serve", "--no-browser", "--port", str(port))
    server.wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
    server.ended(signal.SIGINT)
    assert not open_to_others(home)
    assert {"generating.lock", "libraries", "models"} <= {path.name for path in home.iterdir()}


def test_a_library_that_another_program_opens_is_private_too(home, papers):
    from index.build import ingest
    from index.search.retriever import Retriever
    from index.store.library import Library

    settings = load_settings()
    with Library.open(settings, create=True) as library:
        ingest([papers], library, TopicEmbedder(), settings)
        Retriever(library, TopicEmbedder(), settings).search("ferry")
        kinds = {file.name.rpartition(".")[2] for file in library.folder.iterdir()}
        assert {"sqlite", "sqlite-wal", "faiss"} <= kinds
        assert not open_to_others(home)
    loosen(home)
    with Library.open(settings) as library:
        assert not open_to_others(library.database.path)
        assert stat.S_IMODE(library.folder.stat().st_mode) == 0o700
    assert os.umask(0o022) == 0o022


def test_what_belongs_to_nobody_of_ours_stays_as_it_is(home):
    from core.files import close_home

    (home / "libraries").mkdir(parents=True)
    (home / "their own.txt").touch()
    (home / "libraries" / "link").symlink_to(home / "their own.txt")
    loosen(home / "libraries")
    close_home(home)
    assert stat.S_IMODE(home.stat().st_mode) == stat.S_IMODE((home / "libraries").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "their own.txt").stat().st_mode) == 0o644


def test_results_that_a_person_asks_for_follow_their_umask(tmp_path):
    code = """
import sys
from pathlib import Path
from core.files import append_row, for_the_person, keep_private, write_atomically
from evaluate.report import write_text
folder = Path(sys.argv[1])
keep_private()
write_text(folder / "text", "x")
with for_the_person():
    write_atomically(folder / "data", b"x", private=False)
Path(folder, "kept").touch()
write_atomically(folder / "kept too", b"x")
append_row(folder / "rows", {})
"""
    (tmp_path / "out").mkdir()
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=True)
    modes = {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in (tmp_path / "out").iterdir()}
    private = dict.fromkeys(("kept", "kept too", "rows"), "0o600")
    assert modes == {"text": "0o644", "data": "0o644", **private}
