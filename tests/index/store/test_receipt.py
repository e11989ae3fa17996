"""The receipt of a removal: what went, and a search of the raw files that finds what did not."""

from pathlib import Path

import pytest
from made_answers import answer_from
from stand_in import TopicEmbedder

from core.settings import Settings
from core.types import Answer
from index.build import ingest
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.library import FILE, Library
from index.store.originals import folder_of
from index.store.receipt import receipt, traces_of
from index.store.upload_inbox import UploadInbox
from index.store.vectors import VectorIndex

WORDS = [f"Clause {at}: the pump number {at * 7919} is to be greased on every day of month {at}." for at in range(60)]
TEXT = "\n\n".join(WORDS)


@pytest.fixture
def filled(library: Library, settings: Settings) -> Library:
    """A library with an upload beside another document."""
    inbox = UploadInbox(library.incoming_dir)
    paths = [inbox.keep("lease.txt", TEXT.encode()), inbox.keep("other.txt", b"The ferry leaves at noon.")]
    ingest(paths, library, TopicEmbedder(), settings)
    inbox.close()
    return library


def answer(library: Library) -> Answer:
    return answer_from(library.document("lease.txt"))


def test_what_went_is_named_and_nothing_is_found(filled: Library) -> None:
    VectorIndex(filled).save()
    traces = traces_of(filled, filled.find("lease.txt"))
    assert (traces.characters, len(traces.stretches), len(traces.originals)) == (len(TEXT), 32, 1)
    assert traces.chunks
    filled.remove("lease.txt")
    found = receipt(filled, traces)
    assert (found.left, found.quoted) == ((), False)
    assert found.size >= (filled.folder / FILE).stat().st_size


def test_before_the_removal_all_of_it_is_found(filled: Library) -> None:
    traces = traces_of(filled, filled.find("lease.txt"))
    found = receipt(filled, traces)
    assert f"uploads/{folder_of(Path(), traces.document_id)}/lease.txt" in found.left


@pytest.mark.parametrize("place", ["library.sqlite-wal.old", "vectors-1-1-0.faiss.copy", "open/x.tmp"])
def test_what_stayed_in_a_file_is_found(filled: Library, place: str) -> None:
    traces = traces_of(filled, filled.find("lease.txt"))
    filled.remove("lease.txt")
    path = filled.folder / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0" * (1 << 22) + TEXT.encode())  # over the end of a block that is read at a time
    assert receipt(filled, traces).left == (place,)


def test_words_in_free_pages_of_the_database_are_found(filled: Library) -> None:
    """As a program without SQLite's secure_delete leaves them."""
    traces = traces_of(filled, filled.find("lease.txt"))
    filled.remove("lease.txt")
    with (filled.folder / FILE).open("ab") as file:
        file.write(TEXT.encode())
    assert receipt(filled, traces).left == (FILE,)


def test_quotes_that_a_person_keeps_are_told_apart(filled: Library) -> None:
    said = answer(filled)
    Chats(filled).create("?", ChatMessage("user", "?", "?"), ChatMessage("assistant", said.text, said.text, said))
    traces = traces_of(filled, filled.find("lease.txt"))
    filled.remove_ids([traces.document_id])
    assert (receipt(filled, traces).left, receipt(filled, traces).quoted) == ((), True)


def test_words_that_another_document_has_too_are_its_own(filled: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_text(TEXT + "\n\nSigned.")
    ingest([tmp_path / "copy.txt"], filled, TopicEmbedder(), settings)
    traces = traces_of(filled, filled.find("lease.txt"))
    filled.remove("lease.txt")
    assert (receipt(filled, traces).left, receipt(filled, traces).quoted) == ((), True)
