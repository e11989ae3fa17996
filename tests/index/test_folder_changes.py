"""What changed on the disk since a folder was added: files gone, renamed, moved, of one name, unreadable."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from stand_in import TopicEmbedder

from core.errors import UsageError
from core.settings import Settings
from core.types import Document
from index import read_ahead
from index.build import ingest
from index.ingest_report import IngestReport
from index.search.retriever import Retriever
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.file_report import FileReport
from index.store.library import Library
from index.store.sources import all_gone
from index.store.upload_inbox import UploadInbox
from tests.index.made_answers import answer_from


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "cellar.txt").write_text("The pump stands in the cellar.")
    (folder / "roof.txt").write_text("The seal sleeps on the roof.")
    return folder


def add(library: Library, settings: Settings, *paths: Path, prune: bool = False) -> IngestReport:
    return ingest(paths, library, TopicEmbedder(), settings, prune=prune)


def names(library: Library) -> list[str]:
    return [record.name for record in library.documents()]


def test_a_file_that_is_gone_is_told_and_taken_out_only_where_asked(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    (docs / "cellar.txt").unlink()
    assert add(library, settings, docs).gone == ("cellar.txt",)
    assert names(library) == ["cellar.txt", "roof.txt"]
    assert [all_gone(record.sources) for record in library.documents()] == [True, False]
    assert add(library, settings, docs / "roof.txt").gone == ()  # of the folders that were named
    assert add(library, settings, docs, prune=True).gone == ("cellar.txt",)
    assert names(library) == ["roof.txt"]
    assert add(library, settings, docs).gone == ()
    assert check(library) == []


def test_what_was_pruned_can_be_brought_back_until_the_next_ingest_lets_it_go(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    library.tag([library.find("cellar.txt")], ["pumps"])
    cellar = library.document("cellar.txt")
    chat = Chats(library).create("Where is the pump?", ChatMessage("assistant", "a", "a", answer_from(cellar)))
    (docs / "cellar.txt").unlink()
    add(library, settings, docs, prune=True)
    (gone,) = library.replaced_versions()
    assert (gone.name, gone.successor) == ("cellar.txt", "")
    assert library.bring_back(gone.document_id) == "cellar.txt"
    assert {record.name: record.tags for record in library.documents()} == {"cellar.txt": ("pumps",), "roof.txt": ()}
    found = Retriever(library, TopicEmbedder(), settings).search("Where is the pump?").passages
    assert found[0].text == "The pump stands in the cellar."
    assert add(library, settings, docs, prune=True).gone == ()  # no file of the folder any more
    assert names(library) == ["cellar.txt", "roof.txt"]

    (docs / "cellar.txt").write_text("The pump stands in the yard.")
    add(library, settings, docs)
    (docs / "cellar.txt").unlink()
    add(library, settings, docs, prune=True)
    assert any(b"in the yard" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    add(library, settings, docs)
    assert library.replaced_versions() == []
    assert not any(b"in the yard" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    (message,) = Chats(library).load(chat).messages
    assert message.answer is not None
    assert message.answer.passages != ()  # that document is there
    assert check(library) == []


def test_chats_lose_the_passages_of_what_was_pruned_when_it_is_let_go(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    answer = answer_from(library.document("cellar.txt"))
    chat = Chats(library).create("Where is the pump?", ChatMessage("assistant", "a", "a", answer))
    (docs / "cellar.txt").unlink()
    add(library, settings, docs, prune=True)
    add(library, settings, docs)
    (message,) = Chats(library).load(chat).messages
    assert message.answer is not None
    assert message.answer.passages == ()


def test_a_folder_in_which_no_file_is_left_is_not_pruned(library: Library, settings: Settings, tmp_path: Path) -> None:
    folders = [tmp_path / "drive", tmp_path / "desk", tmp_path / "new"]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "cellar.txt").write_text("The pump stands in the cellar.")
    (folders[1] / "roof.txt").write_text("The seal sleeps on the roof.")
    add(library, settings, *folders)
    (folders[1] / "roof.txt").write_text("The seal sleeps in the yard.")
    add(library, settings, *folders)
    (folders[0] / "cellar.txt").unlink()  # as where its drive is not connected
    with pytest.raises(UsageError) as refused:
        add(library, settings, *folders, prune=True)
    assert f"no files are left in {folders[0]}: nothing was taken out. Connect its drive" in str(refused.value)
    assert names(library) == ["cellar.txt", "roof.txt"]
    assert [one.name for one in library.replaced_versions()] == ["roof.txt"]  # the refused one let nothing go
    assert add(library, settings, *folders).gone == ("cellar.txt",)
    assert add(library, settings, *folders[1:], prune=True).gone == ()


def test_a_drive_that_is_taken_away_during_a_run_is_not_pruned(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)

    def taken_away(_report: FileReport) -> None:
        for path in docs.iterdir():
            path.unlink()

    report = ingest([docs], library, TopicEmbedder(), settings, told=taken_away, prune=True)
    assert (report.gone, report.pruned) == (("cellar.txt", "roof.txt"), False)
    assert names(library) == ["cellar.txt", "roof.txt"]


def test_a_renamed_file_is_called_by_its_present_name_also_in_old_chats(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    document = library.document("cellar.txt")
    chat = Chats(library).create("Where is the pump?", ChatMessage("assistant", "a", "a", answer_from(document)))
    (docs / "cellar.txt").rename(docs / "basement.txt")
    report = add(library, settings, docs)
    assert {file.name: file.note for file in report.files}["basement.txt"] == "called 'cellar.txt' before."
    assert report.gone == ()
    assert names(library) == ["basement.txt", "roof.txt"]
    assert library.document("basement.txt").id == document.id
    (message,) = Chats(library).load(chat).messages
    assert [citation.file for citation in message.citations] == ["basement.txt"]
    assert message.answer is not None
    assert [passage.file for passage in message.answer.passages] == ["basement.txt"]


def test_a_file_that_was_moved_and_edited_is_new_and_its_old_place_is_told(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    (docs / "old").mkdir()
    (docs / "cellar.txt").rename(docs / "old" / "cellar.txt")
    (docs / "old" / "cellar.txt").write_text("The pump stands in the yard.")
    report = add(library, settings, docs)
    assert report.gone == ("docs/cellar.txt",)
    assert names(library) == ["docs/cellar.txt", "old/cellar.txt", "roof.txt"]


def test_files_of_one_name_are_told_apart_by_their_folders(library: Library, settings: Settings, docs: Path) -> None:
    for folder in ("a", "b", "x/b"):
        (docs / folder).mkdir(parents=True)
        (docs / folder / "scan.txt").write_text(f"The tide of {folder}.")
    add(library, settings, docs)
    assert names(library) == ["a/scan.txt", "b/scan.txt", "cellar.txt", "roof.txt", "x/b/scan.txt"]
    (docs / "a" / "scan.txt").write_text("The tide of another day.")
    assert add(library, settings, docs).files[0].state == "replaced"
    assert library.text(library.find("a/scan.txt")) == "The tide of another day."


def test_no_two_documents_have_one_name_wherever_they_came_from(
    library: Library, settings: Settings, docs: Path
) -> None:
    add(library, settings, docs)
    inbox = UploadInbox(library.incoming_dir)
    add(library, settings, inbox.keep("cellar.txt", b"The pump of another cellar."))
    assert names(library) == ["cellar.txt", "docs/cellar.txt", "roof.txt"]
    (docs / "copy").mkdir()
    (docs / "copy" / "roof.txt").write_bytes((docs / "roof.txt").read_bytes())
    add(library, settings, docs)
    (docs / "roof.txt").write_text("The seal sleeps in the yard.")  # its copy stays as it was
    add(library, settings, docs)
    assert len(set(names(library))) == len(names(library)) == 4
    assert check(library) == []


def test_the_original_of_an_upload_goes_with_its_document_when_its_last_file_is_gone(
    library: Library, settings: Settings, docs: Path
) -> None:
    inbox = UploadInbox(library.incoming_dir)
    text = (docs / "roof.txt").read_bytes()
    add(library, settings, docs)
    add(library, settings, inbox.keep("roof.txt", text))
    add(library, settings, inbox.keep("roof.txt", text + b" Often."))
    (docs / "roof.txt").unlink()
    add(library, settings, docs, prune=True)
    assert check(library) == []


def test_whatever_stands_in_a_folder_costs_a_line_and_never_the_run(
    library: Library, settings: Settings, docs: Path
) -> None:
    os.mkfifo(docs / "a-pipe")
    (docs / "b-loop").symlink_to(docs / "b-loop")
    (docs / "c-nowhere.txt").symlink_to(docs / "nothing.txt")
    (docs / "d-folder-loop").symlink_to(docs, target_is_directory=True)
    (docs / "e-zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(docs / "f-socket"))
    Path(os.fsdecode(os.fsencode(docs) + b"/g-\xe9t\xe9.txt")).write_text("The tide in summer.")
    report = add(library, settings, docs)
    told = {file.name: file.message for file in report.files}
    assert "is not a file but a pipe." in told["a-pipe"]
    assert "Too many levels of symbolic links" in told["b-loop"]
    assert "No such file" in told["c-nowhere.txt"]
    assert "is not a file but a device." in told["e-zero"]
    assert "is not a file but a socket." in told["f-socket"]
    assert names(library) == ["cellar.txt", "g-\ufffdt\ufffd.txt", "roof.txt"]
    assert add(library, settings, docs).gone == ()
    assert {file.state for file in add(library, settings, docs).files} == {"failed", "unchanged"}


def test_a_folder_that_is_closed_or_a_file_that_vanishes_costs_a_line(
    library: Library, settings: Settings, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def closed(path: Path) -> object:  # a superuser may read every folder: the system's refusal is made here
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    (docs / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", closed)
    find = read_ahead.ReadAhead.__init__

    def then_one_vanishes(self: object, *given: object) -> None:
        find(self, *given)  # type: ignore[arg-type]
        (docs / "cellar.txt").unlink()

    monkeypatch.setattr(read_ahead.ReadAhead, "__init__", then_one_vanishes)
    report = add(library, settings, docs)
    told = {file.name: (file.state, file.message) for file in report.files}
    assert told["roof.txt"][0] == "added"
    assert "cellar.txt cannot be read: No such file or directory." in told["cellar.txt"][1]
    assert "closed cannot be read: Permission denied." in told["closed"][1]


class Growing(read_ahead.ReaderPool):
    """A reader beside which a program goes on writing, for as many readings as it is told to."""

    times = 0

    def read(self, path: Path, *rest: Any) -> Document:
        document = super().read(path, *rest)
        if Growing.times:
            Growing.times -= 1
            with path.open("a") as file:
                file.write(" And more of it.")
        return document


@pytest.mark.parametrize(("times", "state"), [(1, "added"), (9, "failed")])
def test_a_file_that_changes_while_it_is_read_goes_in_as_it_ends_or_says_so(
    library: Library, settings: Settings, docs: Path, monkeypatch: pytest.MonkeyPatch, times: int, state: str
) -> None:
    monkeypatch.setattr(read_ahead, "ReaderPool", Growing)
    Growing.times = times
    (report,) = add(library, settings, docs / "cellar.txt").files
    assert report.state == state
    if state == "added":
        assert library.text(report.document_id) == (docs / "cellar.txt").read_text()
    else:
        assert "changes while it is read. Add it again" in report.message
