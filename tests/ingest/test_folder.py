"""Which files below the named paths are read."""

from pathlib import Path

import pytest

from core.errors import UsageError
from ingest.folder import FoundFile, find_files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b.md",
        "a.md",
        "sub/c.pdf",
        ".hidden.md",
        ".git/config",
        "node_modules/x.js",
        "~$a.docx",
        "photo.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return tmp_path


def names(files: list[FoundFile], root: Path) -> list[str]:
    return [str(file.path.relative_to(root)) for file in files]


def test_folders_are_walked_in_order_without_what_programs_leave_there(tree: Path) -> None:
    assert names(find_files([tree]), tree) == ["a.md", "b.md", "photo.jpg", "sub/c.pdf"]


def test_a_named_file_is_always_there_and_each_only_once(tree: Path) -> None:
    found = find_files([tree / ".hidden.md", tree / "b.md", tree, tree / "sub"])
    assert names(found, tree) == [".hidden.md", "b.md", "a.md", "photo.jpg", "sub/c.pdf"]


def test_a_link_that_leads_back_is_followed_once(tree: Path) -> None:
    (tree / "sub" / "loop").symlink_to(tree, target_is_directory=True)
    (tree / "sub" / "same.md").symlink_to(tree / "a.md")
    assert names(find_files([tree]), tree) == ["a.md", "b.md", "photo.jpg", "sub/c.pdf"]


def test_a_broken_link_is_left_for_reading_to_report(tree: Path) -> None:
    (tree / "gone.md").symlink_to(tree / "nowhere.md")
    assert "gone.md" in names(find_files([tree]), tree)


def test_a_wrong_path_is_named(tree: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder") as caught:
        find_files([tree, tree / "nothing here"])
    assert "nothing here" in caught.value.message
