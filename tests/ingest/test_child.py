"""A file that hangs, crashes or eats memory costs itself alone, and the next one is read."""

import os
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Cancelled, EncryptedFile, ReaderKilled
from core.settings import Settings
from ingest.child import ReaderPool
from ingest.read import read_file
from tests.ingest.files import make, write_pdf, write_zip_bomb
from tests.ingest.outlook import compound


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[ReaderPool]:
    with ReaderPool(Settings(home=tmp_path, reader_megabytes=256)) as pool:
        yield pool


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file that takes seconds to read: long enough for something to happen meanwhile."""
    path = tmp_path / "big.md"
    path.write_text("".join(f"# Heading {n}\n\nSome *words* and a [link](x{n}).\n\n" for n in range(60_000)), "utf-8")
    return path


def after(seconds: float, act: object, *given: object) -> threading.Timer:
    timer = threading.Timer(seconds, act, given)  # type: ignore[arg-type]
    timer.start()
    return timer


@pytest.mark.parametrize("extension", sorted(make))
def test_a_document_arrives_as_it_was_read(extension: str, pool: ReaderPool, tmp_path: Path) -> None:
    path = make[extension](tmp_path / f"sample{extension}")
    assert pool.read(path, name="Called so.x") == read_file(path, name="Called so.x")


def test_one_child_reads_all_files_in_order(pool: ReaderPool, tmp_path: Path) -> None:
    pool.read(make[".md"](tmp_path / "one.md"))
    first = pool.pid
    pool.read(make[".txt"](tmp_path / "two.txt"))
    assert pool.pid == first is not None
    assert os.getpriority(os.PRIO_PROCESS, first) >= 10


def test_an_error_keeps_its_kind_and_its_child(pool: ReaderPool, tmp_path: Path) -> None:
    locked = write_pdf(tmp_path / "locked.pdf", ["x"], user_password="sesame")
    with pytest.raises(EncryptedFile, match="needs a password") as caught:
        pool.read(locked)
    assert caught.value.hint
    first = pool.pid
    assert pool.read(make[".md"](tmp_path / "next.md")).text
    assert pool.pid == first


def test_a_file_that_takes_too_long(big: Path, tmp_path: Path) -> None:
    with ReaderPool(Settings(home=tmp_path, reader_seconds=0.5)) as pool:
        began = time.monotonic()
        with pytest.raises(ReaderKilled, match=r"big\.md took longer than 0\.5 s"):
            pool.read(big)
        assert time.monotonic() - began < 5
        assert pool.pid is None


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL])
def test_a_file_that_crashes_its_reader(how: signal.Signals, pool: ReaderPool, big: Path, tmp_path: Path) -> None:
    pool.read(make[".md"](tmp_path / "first.md"))
    pid = pool.pid
    assert pid
    after(0.3, os.kill, pid, how)
    with pytest.raises(ReaderKilled, match=rf"big\.md crashed its reader \({how.name}\)"):
        pool.read(big)
    assert pool.read(make[".md"](tmp_path / "next.md")).text
    assert pool.pid != pid


def test_a_child_that_died_between_files_is_replaced(pool: ReaderPool, tmp_path: Path) -> None:
    path = make[".md"](tmp_path / "one.md")
    pool.read(path)
    assert pool.pid
    os.kill(pool.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert pool.read(path).text


def test_a_zip_bomb_below_the_declared_limit_meets_the_memory_limit(pool: ReaderPool, tmp_path: Path) -> None:
    bomb = write_zip_bomb(tmp_path / "bomb.docx", 100)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(ReaderKilled, match=r"bomb\.docx needs more than 256 MiB"):
        pool.read(bomb)
    assert pool.read(make[".docx"](tmp_path / "next.docx")).text


def test_a_file_in_an_archive_that_needs_too_much_memory_costs_itself_alone(pool: ReaderPool, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("first.txt", "The ferry sails at ten.")
        archive.write(write_zip_bomb(tmp_path / "bomb.docx", 100), "in/bomb.docx")
        archive.writestr("last.txt", "The dog pays half.")
    document = pool.read(tmp_path / "all.zip")
    assert document.text.endswith("last.txt\n\nThe ferry sails at ten.\n\nThe dog pays half.")
    assert document.warnings == ("Not read: in/bomb.docx (needs more than 256 MiB to read).",)


def test_a_file_in_an_archive_that_takes_too_long_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "soffice").write_text("#!/bin/sh\nexec sleep 300\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("old.doc", compound([("WordDocument", b"\xec\xa5" + b"\0" * 30)]))
        archive.writestr("last.txt", "The dog pays half.")
    with ReaderPool(Settings(home=tmp_path, reader_seconds=8)) as pool:
        document = pool.read(tmp_path / "all.zip")
    assert document.text.endswith("last.txt\n\nThe dog pays half.")
    assert document.warnings == ("Not read: old.doc (took too long to read).",)


def test_cancel_ends_a_file_at_once(pool: ReaderPool, big: Path, tmp_path: Path) -> None:
    cancel = threading.Event()
    after(0.3, cancel.set)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        pool.read(big, cancel=cancel)
    assert time.monotonic() - began < 2
    assert pool.read(make[".md"](tmp_path / "next.md")).text


def test_leaving_ends_the_child(tmp_path: Path) -> None:
    with ReaderPool(Settings(home=tmp_path)) as pool:
        pool.read(make[".md"](tmp_path / "one.md"))
        pid = pool.pid
        assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_outlives_no_parent(tmp_path: Path) -> None:
    import subprocess
    import sys

    make[".md"](tmp_path / "one.md")
    script = (
        "import os, signal, pathlib; from core.settings import Settings; from ingest.child import ReaderPool\n"
        f"pool = ReaderPool(Settings(home={str(tmp_path)!r})); pool.read(pathlib.Path({str(tmp_path / 'one.md')!r}))\n"
        "print(pool.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    pid = int(parent.stdout)
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":  # ended; nobody has collected it yet
            return
        time.sleep(0.1)
    pytest.fail("the reader still runs")
