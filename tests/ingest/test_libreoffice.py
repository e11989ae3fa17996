"""Files that LibreOffice converts: nothing is fetched, nothing is left running. A script stands in for the program."""

import os
import time
from pathlib import Path

import pytest

from core.errors import DamagedFile, EncryptedFile, ReaderKilled
from core.settings import Settings
from ingest.child import ReaderPool
from ingest.read import read_file
from ingest.readers import libreoffice
from tests.ingest.files import make
from tests.ingest.outlook import compound

CONVERT = """
while [ "$1" != --outdir ]; do case $1 in -env:*) profile=${1#*file://};; esac; shift; done
mkdir -p "$2" && cp "$SAMPLE" "$2/source.docx"
"""


@pytest.fixture
def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script of that name, which is to be written; what it converts to is a Word file that says so."""
    script = tmp_path / "bin" / "soffice"
    script.parent.mkdir()
    script.touch(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SAMPLE", str(make[".docx"](tmp_path / "sample.docx")))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return script


def write_doc(path: Path, header: bytes = b"\xec\xa5" + b"\0" * 30, before: bytes = b"") -> Path:
    """What begins as Word's files of before 2007 do, behind a stream of other data."""
    path.write_bytes(compound([("Data", before or b"\0" * 8), ("WordDocument", header)]))
    return path


def write_ppt(path: Path, token: bytes) -> Path:
    user = b"\0\0\xf6\x0f\x14\0\0\0\x14\0\0\0" + token + b"\0" * 16
    path.write_bytes(compound([("Current User", user), ("PowerPoint Document", b"\0" * 64)]))
    return path


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pids: list[int]) -> None:
    late = time.monotonic() + 20
    while any(map(is_running, pids)):
        assert time.monotonic() < late, "the converter still runs"
        time.sleep(0.05)


def test_what_a_document_links_to_is_not_fetched(
    soffice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    soffice.write_text(f'#!/bin/sh\n{CONVERT}env > "$SEEN"; cat "$profile/user/registrymodifications.xcu" >> "$SEEN"\n')
    assert read_file(write_doc(tmp_path / "old.doc")).text
    seen = (tmp_path / "seen").read_text()
    assert "proxy.example" not in seen
    assert '"BlockUntrustedRefererLinks" oor:op="fuse"><value>true<' in seen
    assert 'Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2<' in seen
    assert not list((tmp_path / "temporary").iterdir())


def test_the_converter_has_more_memory_than_its_reader(soffice: Path, tmp_path: Path) -> None:
    soffice.write_text(f'#!/bin/sh\n{CONVERT}ulimit -v > "$SEEN"\n')
    with ReaderPool(Settings(home=tmp_path, reader_megabytes=512)) as pool:
        assert pool.read(write_doc(tmp_path / "old.doc")).text
    assert int((tmp_path / "seen").read_text()) == libreoffice.MEGABYTES * 1024


HANG = '#!/bin/sh\nsleep 300 &\necho $$ $! > "$SEEN.part"; mv "$SEEN.part" "$SEEN"; wait\n'


def test_a_reader_that_is_killed_leaves_no_converter(soffice: Path, tmp_path: Path) -> None:
    soffice.write_text(HANG)
    with ReaderPool(Settings(home=tmp_path, reader_seconds=5)) as pool:
        with pytest.raises(ReaderKilled):
            pool.read(write_doc(tmp_path / "old.doc"))
        wait_for_end([int(one) for one in (tmp_path / "seen").read_text().split()])
    assert not list((tmp_path / "temporary").iterdir()), "the document's text lies there"


def test_a_conversion_that_takes_too_long_ends_whole(
    soffice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice.write_text(HANG)
    monkeypatch.setattr(libreoffice, "SECONDS", 2)
    with pytest.raises(ReaderKilled, match=r"old\.doc took longer than 2 s to convert"):
        read_file(write_doc(tmp_path / "old.doc"))
    wait_for_end([int(one) for one in (tmp_path / "seen").read_text().split()])


def test_only_a_file_s_own_header_locks_it(soffice: Path, tmp_path: Path) -> None:
    soffice.write_text(f"#!/bin/sh\n{CONVERT}")
    locked = b"\xec\xa5" + b"\0" * 8 + b"\0\x01" + b"\0" * 20
    assert read_file(write_doc(tmp_path / "open.doc", before=locked)).text
    with pytest.raises(EncryptedFile):
        read_file(write_doc(tmp_path / "locked.doc", locked, before=b"\xec\xa5" + b"\0" * 30))
    with pytest.raises(EncryptedFile):
        read_file(write_ppt(tmp_path / "locked.ppt", b"\xdf\xc4\xd1\xf3"))
    with pytest.raises(DamagedFile):  # it is converted; the script makes a Word file
        read_file(write_ppt(tmp_path / "open.ppt", b"\x5f\xc0\x91\xe3"))
