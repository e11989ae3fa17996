"""What a .lecternignore leaves out, as git's .gitignore does."""

from pathlib import Path

import pytest

from ingest.folder import find_files
from ingest.ignore import is_left_out

FILES = ("a.md", "a.log", "keep.log", "build/x.md", "build/keep.md", "sub/build/y.md", "sub/b.log", "sub/deep/c.log")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


def found(tree: Path) -> set[str]:
    names = {str(file.path.relative_to(tree)) for file in find_files([tree])}
    assert names == {name for name in FILES if not is_left_out(tree / name, tree)}
    return names


def test_patterns_hold_below_their_folder_and_the_last_one_decides(tree):
    (tree / ".lecternignore").write_text("# logs\n*.log\n!keep.log\n/build/\n")
    assert found(tree) == {"a.md", "keep.log", "sub/build/y.md"}


def test_what_lies_in_a_folder_that_is_left_out_cannot_be_taken_back_in(tree):
    (tree / ".lecternignore").write_text("build/\n!build/keep.md\n")
    assert found(tree) == set(FILES) - {"build/x.md", "build/keep.md", "sub/build/y.md"}


def test_a_nearer_file_overrules_the_ones_above(tree):
    (tree / ".lecternignore").write_text("*.log\n")
    (tree / "sub" / ".lecternignore").write_text("!b.log\n/deep\n")
    assert found(tree) == set(FILES) - {"a.log", "keep.log", "sub/deep/c.log"}


def test_what_is_no_pattern_is_passed_over(tree):
    (tree / ".lecternignore").write_bytes(b"\xef\xbb\xbf*.log\r\n!\n\\\n\xff\n")
    assert found(tree) == {name for name in FILES if not name.endswith(".log")}


def test_a_file_that_is_named_is_read_all_the_same(tree):
    (tree / ".lecternignore").write_text("*.log\n")
    assert [file.path for file in find_files([tree / "a.log"])] == [tree / "a.log"]
