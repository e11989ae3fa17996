"""A library follows folders: what is added, changed, moved, deleted and left out on the disk."""

import threading
from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.errors import Cancelled, UsageError
from core.settings import Settings
from index.folder_changes import Digests, FolderChanges, find_changes
from index.ingest_report import IngestReport
from index.search.retriever import Retriever
from index.store.check import check
from index.store.library import Library
from index.sync import sync


class Followed:
    """A folder and the library that follows it."""

    def __init__(self, folder: Path, library: Library, settings: Settings) -> None:
        self.folder, self.library, self.settings = folder, library, settings
        self.embedder = TopicEmbedder()

    def changes(self, *folders: Path) -> FolderChanges:
        return find_changes(folders or [self.folder], self.library, self.settings)

    def sync(self, *folders: Path) -> IngestReport:
        report = sync(self.changes(*folders), self.library, self.embedder, self.settings)
        assert check(self.library) == []
        assert not self.changes(*folders)
        return report

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def names(self) -> list[str]:
        return [record.name for record in self.library.documents()]

    def tags(self) -> dict[str, tuple[str, ...]]:
        return {record.name: record.tags for record in self.library.documents()}

    def tag(self, name: str, tag: str) -> None:
        self.library.tag([self.library.find(name)], [tag])

    def found(self, question: str) -> tuple[str, str]:
        first = Retriever(self.library, self.embedder, self.settings).search(question).passages[0]
        return first.file, first.text


@pytest.fixture
def docs(library: Library, settings: Settings, tmp_path: Path) -> Followed:
    followed = Followed(tmp_path / "docs", library, settings)
    followed.write("cellar.txt", "The pump stands in the cellar.")
    followed.write("roof.txt", "The seal sleeps on the roof.")
    followed.sync()
    return followed


def test_new_and_changed_files_are_read_and_others_left_alone(docs):
    docs.write("cellar.txt", "The pump stands in the yard.")
    docs.write("sub/pier.txt", "The ferry leaves from the pier.")
    changes = docs.changes()
    assert [found.path.name for found in changes.added] == ["pier.txt"]
    assert [found.path.name for found in changes.changed] == ["cellar.txt"]
    assert changes.unchanged == 1
    assert [file.state for file in docs.sync().files] == ["replaced", "added"]
    assert docs.found("Where is the pump?") == ("cellar.txt", "The pump stands in the yard.")


def test_to_look_for_changes_changes_nothing(docs):
    docs.write("pier.txt", "The ferry leaves from the pier.")
    (docs.folder / "roof.txt").unlink()
    before = docs.library.generation
    assert docs.changes()
    assert docs.library.generation == before
    assert docs.names() == ["cellar.txt", "roof.txt"]


def test_a_moved_file_keeps_its_tags_and_is_cited_by_its_new_name_unread(docs):
    docs.tag("cellar.txt", "pumps")
    read = docs.embedder.read
    (docs.folder / "old").mkdir()
    (docs.folder / "cellar.txt").rename(docs.folder / "old" / "basement.txt")
    assert len(docs.changes().moved) == 1
    assert docs.sync().files == ()
    assert docs.embedder.read == read
    assert docs.tags() == {"basement.txt": ("pumps",), "roof.txt": ()}
    assert docs.found("Where is the pump?")[0] == "basement.txt"


def test_files_that_changed_places_keep_their_own_tags(docs):
    docs.tag("cellar.txt", "pumps")
    docs.tag("roof.txt", "animals")
    (docs.folder / "cellar.txt").rename(docs.folder / "between")
    (docs.folder / "roof.txt").rename(docs.folder / "cellar.txt")
    (docs.folder / "between").rename(docs.folder / "roof.txt")
    docs.sync()
    assert docs.tags() == {"roof.txt": ("pumps",), "cellar.txt": ("animals",)}
    assert docs.found("Where is the pump?") == ("roof.txt", "The pump stands in the cellar.")


def test_in_a_row_of_files_that_move_up_only_the_last_one_goes(docs):
    for number, text in enumerate(("The tide is low.", "The room is cold.", "The kelp grows.")):
        docs.write(f"log.{number}", text)
    docs.sync()
    (docs.folder / "log.1").rename(docs.folder / "log.2")
    (docs.folder / "log.0").rename(docs.folder / "log.1")
    docs.write("log.0", "The budget is spent.")
    docs.sync()
    texts = {name: docs.library.document(name).text for name in docs.names() if name.startswith("log")}
    assert texts == {"log.0": "The budget is spent.", "log.1": "The tide is low.", "log.2": "The room is cold."}
    assert [version.name for version in docs.library.replaced_versions()] == ["log.2"]


def test_a_document_of_two_places_survives_where_one_moves_and_one_is_overwritten(docs):
    docs.write("copy.txt", "The pump stands in the cellar.")
    docs.sync()
    (docs.folder / "cellar.txt").rename(docs.folder / "zz.txt")
    (docs.folder / "roof.txt").rename(docs.folder / "copy.txt")
    docs.sync()
    assert sorted(docs.names()) == ["copy.txt", "zz.txt"]
    assert docs.found("Where is the pump?")[0] == "zz.txt"


def test_a_file_that_moved_from_one_folder_to_another_is_known(docs, tmp_path):
    docs.tag("cellar.txt", "pumps")
    other = tmp_path / "other"
    other.mkdir()
    (docs.folder / "cellar.txt").rename(other / "cellar.txt")
    docs.sync(other)
    assert docs.tags() == {"cellar.txt": ("pumps",), "roof.txt": ()}
    assert docs.sync(docs.folder).gone == ()


def test_a_deleted_file_goes_and_comes_back_with_its_tags_where_it_is_there_again(docs):
    docs.tag("cellar.txt", "pumps")
    (docs.folder / "cellar.txt").unlink()
    assert docs.sync().gone == ("cellar.txt",)
    assert docs.names() == ["roof.txt"]
    docs.write("later.txt", "The pump stands in the cellar.")
    docs.sync()
    assert docs.tags() == {"later.txt": ("pumps",), "roof.txt": ()}


def test_what_was_taken_out_can_be_brought_back_until_the_next_sync(docs):
    (docs.folder / "cellar.txt").unlink()
    docs.sync()
    (version,) = docs.library.replaced_versions()
    docs.write("pier.txt", "The ferry leaves from the pier.")
    docs.sync()
    assert docs.library.replaced_versions() == []
    assert not any(b"in the cellar" in file.read_bytes() for file in docs.library.folder.rglob("*") if file.is_file())
    assert version.name == "cellar.txt"


def test_what_is_named_in_lecternignore_later_goes(docs):
    docs.write(".lecternignore", "roof*\n")
    assert [*docs.changes().left_out.values()] == ["roof.txt"]
    assert docs.sync().gone == ("roof.txt",)
    assert docs.names() == ["cellar.txt"]


def test_a_folder_in_which_no_file_is_left_is_refused_and_nothing_goes(docs):
    for file in docs.folder.iterdir():
        file.unlink()
    with pytest.raises(UsageError, match="no files are left"):
        docs.changes()
    docs.folder.rmdir()
    with pytest.raises(UsageError, match="no such file or folder"):
        docs.changes()
    assert len(docs.names()) == 2


def test_a_closed_folder_costs_nothing_that_came_from_it(docs, monkeypatch):
    docs.write("sub/pier.txt", "The ferry leaves from the pier.")
    docs.sync()
    from ingest import folder

    scan = folder.os.scandir

    def closed(path):
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(folder.os, "scandir", closed)
    changes = docs.changes()
    assert changes.gone == {}
    assert changes.left_out == {}
    assert next(str(found.problem) for found in changes.added).endswith("Check that it is there and who may read it.")


def test_a_file_that_cannot_be_read_keeps_what_the_library_has_of_it(docs):
    (docs.folder / "cellar.txt").write_bytes(bytes(range(256)) * 40)
    report = sync(docs.changes(), docs.library, docs.embedder, docs.settings)
    assert [file.state for file in report.files] == ["failed"]
    assert docs.found("Where is the pump?") == ("cellar.txt", "The pump stands in the cellar.")


def test_a_stopped_sync_takes_nothing_out_and_the_next_one_does(docs):
    (docs.folder / "cellar.txt").unlink()
    docs.write("pier.txt", "The ferry leaves from the pier.")
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        find_changes([docs.folder], docs.library, docs.settings, cancel=stopped)
    report = sync(docs.changes(), docs.library, docs.embedder, docs.settings, cancel=stopped)
    assert (report.cancelled, report.gone) == (True, ())
    assert docs.names() == ["cellar.txt", "roof.txt"]
    docs.sync()
    assert docs.names() == ["pier.txt", "roof.txt"]


def test_only_folders_are_followed(docs):
    with pytest.raises(UsageError, match="is a file"):
        docs.changes(docs.folder / "roof.txt")


def test_a_file_whose_times_and_size_stay_is_hashed_once(docs, monkeypatch):
    from index import folder_changes

    hashed: list[Path] = []
    sha256_of = folder_changes.sha256_of
    monkeypatch.setattr(folder_changes, "sha256_of", lambda path: hashed.append(path) or sha256_of(path))
    digests = Digests()
    for _ in range(2):
        find_changes([docs.folder], docs.library, docs.settings, digests=digests)
    assert len(hashed) == 2
    docs.write("roof.txt", "The seal swims in the tide.")
    assert find_changes([docs.folder], docs.library, docs.settings, digests=digests).changed
    assert len(hashed) == 3
