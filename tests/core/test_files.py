"""Files of a line an object: no line is lost to a kill, to another writer or to a full disk."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.files import append_row, drop_rows, read_rows

APPEND = """
import sys
from pathlib import Path
from core.files import append_row
for number in range(int(sys.argv[3])):
    append_row(Path(sys.argv[1]), {"from": sys.argv[2], "n": number, "text": "x" * 5000})
"""


def start(path: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", APPEND, str(path), name, str(count)], stderr=subprocess.PIPE)


def numbers(path: Path) -> tuple[int, ...]:
    return read_rows(path, lambda row: int(row["n"])).rows


def test_processes_that_write_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    append_row(path, {"n": -1})
    writers = [start(path, name, 60) for name in "ab"]
    while any(writer.poll() is None for writer in writers):
        drop_rows(path, lambda row: row["n"] == -1)
        append_row(path, {"n": -1})
    assert [writer.wait() for writer in writers] == [0, 0]
    rows = read_rows(path, lambda row: (row.get("from"), row["n"]))
    assert not rows.damaged
    assert sorted(row for row in rows.rows if row[0]) == [(name, n) for name in "ab" for n in range(60)]


def test_half_a_line_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    append_row(path, {"n": 1})
    with path.open("ab") as lines:
        lines.write(b'{"n": 2, "text": "h\xc3')
    assert numbers(path) == (1,)
    append_row(path, {"n": 3})
    assert numbers(path) == (1, 3)
    assert read_rows(path, dict).problem == f"{path}: line 2 is damaged and left out; all others are read."
    drop_rows(path, lambda row: row["n"] == 1)
    assert b"\xc3" in path.read_bytes()
    assert numbers(path) == (3,)


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    append_row(path, {"n": 1})
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        with pytest.raises(LibraryError, match=r"rows\.jsonl could not be written: .*make room"):
            append_row(path, {"n": 2, "text": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    append_row(path, {"n": 2})
    assert numbers(path) == (1, 2)
