"""What a person's documents go through in a library: added, the same again, changed, removed, checked, mended."""

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from stand_in import TopicEmbedder, document

from core.errors import EmbedderMismatch, LibraryDamaged, LibraryError, LibraryLocked, NoDocuments, UnknownDocument
from core.settings import Settings
from core.types import Page
from index.add import add_documents
from index.build import ingest
from index.search.retriever import Retriever
from index.store import database, embeddings, schema, statements
from index.store.check import check, repair
from index.store.library import FILE, Library, list_libraries
from index.store.upload_inbox import UploadInbox
from index.store.vectors import VectorIndex


def bytes_below(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_the_same_content_under_two_names_is_stored_once_and_found_by_both(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    for name in ("ferry.txt", "copy.txt"):
        (tmp_path / name).write_text("The ferry leaves at noon.")
    embedder = TopicEmbedder()
    report = ingest([tmp_path / "ferry.txt", tmp_path / "copy.txt"], library, embedder, settings)
    assert [file.state for file in report.files] == ["added", "unchanged"]
    (record,) = library.documents()
    assert record.name == "ferry.txt"
    assert {Path(source).name for source in record.sources} == {"ferry.txt", "copy.txt"}
    assert library.document("copy.txt").id == record.id
    assert (record.chunks, embedder.read) == (1, 1)
    again = ingest([tmp_path / "ferry.txt"], library, embedder, settings)
    assert [file.state for file in again.files] == ["unchanged"]
    assert embedder.read == 1


def test_a_changed_file_replaces_its_old_version_unless_another_file_still_has_it(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("The ferry leaves at noon.")
    ingest([one], library, TopicEmbedder(), settings)
    one.write_text("The ferry leaves at dusk.")
    (noon,) = (record.id for record in library.documents())
    (report,) = ingest([one], library, TopicEmbedder(), settings).files
    assert (report.state, report.replaced_version) == ("replaced", noon)
    assert [library.text(record.id) for record in library.documents()] == ["The ferry leaves at dusk."]
    ingest([one], library, TopicEmbedder(), settings)
    assert b"at noon" not in bytes_below(library.folder)  # it could be brought back until then

    two.write_text("The ferry leaves at dusk.")
    one.write_text("The ferry is cancelled.")
    _, report = ingest([two, one], library, TopicEmbedder(), settings).files
    assert (report.state, report.replaced_version, report.note) == (
        "replaced",
        "",
        "",
    )  # nothing went that could be brought back
    assert {record.name: library.text(record.id) for record in library.documents()} == {
        "one.txt": "The ferry is cancelled.",
        "two.txt": "The ferry leaves at dusk.",
    }
    assert library.replaced_versions() == []
    one.write_text("The ferry leaves at dusk.")
    (report,) = ingest([one], library, TopicEmbedder(), settings).files
    assert report.replaced_version == hashlib.sha256(b"The ferry is cancelled.").hexdigest()
    assert check(library) == []


@pytest.mark.parametrize("step", ["set_source", "remove_document", "save_vectors"])
def test_a_replacement_that_breaks_off_leaves_the_old_version_whole(
    library: Library, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "one.txt"
    file.write_text("The ferry leaves at noon.")
    ingest([file], library, TopicEmbedder(), settings)
    file.write_text("The pump is new.")
    module = embeddings if step == "save_vectors" else statements
    real, calls = getattr(module, step), []

    def breaks_off_at_its_end(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        calls.append(step)
        if step != "save_vectors" or len(calls) == 2:  # vectors are also kept ahead of their document
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, step, breaks_off_at_its_end)
        with pytest.raises(KeyboardInterrupt):
            ingest([file], library, TopicEmbedder(), settings)
    assert [library.text(record.id) for record in library.documents()] == ["The ferry leaves at noon."]
    assert check(library) == []
    assert Retriever(library, TopicEmbedder(), settings).search("ferry noon").passages[0].file == "one.txt"
    assert [file.state for file in ingest([file], library, TopicEmbedder(), settings).files] == ["replaced"]


def test_one_bad_file_never_stops_the_others(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The pump needs oil.")
    (tmp_path / "b.txt").write_bytes(b"")
    (tmp_path / "c.txt").write_text("The seal sleeps.")
    report = ingest([tmp_path], library, TopicEmbedder(), settings)
    assert [(file.name, file.state) for file in report.files] == [
        ("a.txt", "added"),
        ("b.txt", "failed"),
        ("c.txt", "added"),
    ]
    assert "b.txt" in report.failed[0].message


def test_a_pipe_is_named_and_never_waited_for(library: Library, settings: Settings, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "c.txt").write_text("The seal sleeps.")
    report = ingest([tmp_path / "pipe", tmp_path / "c.txt"], library, TopicEmbedder(), settings)
    assert [file.state for file in report.files] == ["failed", "added"]
    assert "is not a file but a pipe. Name a file or a folder." in report.failed[0].message


def test_nothing_of_a_removed_document_stays_on_the_disk(library: Library, settings: Settings) -> None:
    secret = "Zugunruhe"
    inbox = UploadInbox(library.incoming_dir)
    kept = inbox.keep("kept.txt", b"The tide turns at six.")
    upload = inbox.keep("../../sec ret \N{SEAL}.txt", f"The code of the pump is {secret}.".encode())
    assert upload.is_relative_to(library.incoming_dir)
    assert upload.name == "sec ret \N{SEAL}.txt"
    ingest([kept, upload], library, TopicEmbedder(), settings)
    assert sorted(file.name for file in library.uploads_dir.rglob("*.txt")) == [kept.name, upload.name]
    found = bytes_below(library.folder)
    assert secret.encode() in found
    assert b"zugunruh" in found  # as the word index holds it
    vector = TopicEmbedder().embed_passages(["sec ret \N{SEAL}\npump"])[0].tobytes()
    assert vector in found

    assert library.documents()[1].sources == ("upload:sec ret \N{SEAL}.txt",)
    library.remove("sec ret \N{SEAL}.txt")
    left = bytes_below(library.folder)
    for trace in (secret.encode(), b"zugunruh", vector):
        assert trace not in left
    assert [record.name for record in library.documents()] == ["kept.txt"]
    assert [file.name for file in library.uploads_dir.rglob("*.txt")] == [kept.name]
    assert (library.counts().chunks, library.counts().vectors) == (1, 1)
    assert check(library) == []


def test_an_upload_that_cannot_be_read_is_not_kept(library: Library, settings: Settings) -> None:
    upload = UploadInbox(library.incoming_dir).keep("empty.pdf", b"")
    report = ingest([upload], library, TopicEmbedder(), settings)
    assert report.failed[0].state == "failed"
    assert not upload.exists()


def test_a_tag_for_a_document_that_is_gone_is_passed_over(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at noon.")
    ingest([tmp_path / "ferry.txt"], library, TopicEmbedder(), settings)
    library.tag(["0" * 64, library.find("ferry.txt")], ["boats"], ["cars"])
    assert [record.tags for record in library.documents()] == [("boats",)]


def test_a_wrong_name_gets_names_that_look_alike(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "boathouse-lease.txt").write_text("The room is let.")
    ingest([tmp_path], library, TopicEmbedder(), settings)
    with pytest.raises(UnknownDocument, match=r"Did you mean: boathouse-lease\.txt"):
        library.remove("boathouse-leese.txt")


def test_a_library_does_not_mix_embedders(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The pump.")
    ingest([tmp_path], library, TopicEmbedder(), settings)
    other = TopicEmbedder()
    other.name = "other"
    with pytest.raises(EmbedderMismatch, match="built with the embedder 'topics'"):
        ingest([tmp_path], library, other, settings)
    with pytest.raises(EmbedderMismatch):
        Retriever(library, other, settings)


def test_libraries_are_listed_and_one_that_is_missing_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(NoDocuments, match="lectern ingest"):
        Library.open(settings)
    for name in ("work", "default"):
        Library.open(Settings(home=settings.home, library=name), create=True).close()
    assert list_libraries(settings) == ["default", "work"]


def test_a_database_of_version_1_migrates_with_what_is_in_it(settings: Settings) -> None:
    path = settings.libraries_dir / "default" / FILE
    path.parent.mkdir(parents=True)
    old = database.Database(path, schema.STEPS[:1])
    with old.writing() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone()
        values = (None, "id", "old.txt", "text/plain", "Old", "The ferry.", "[]", "[]", "{}", "[]", 10, 0, 10, "2026")
        db.execute(f"INSERT INTO documents VALUES ({', '.join('?' * len(values))})", values)
    old.close()
    with Library.open(settings) as library:
        assert [record.name for record in library.documents()] == ["old.txt"]
        assert library.counts().conversations == 0
        with library.database.reading() as db:
            assert db.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="later version"):
        Library.open(settings)


def test_a_migration_that_fails_leaves_the_old_version(settings: Settings) -> None:
    path = settings.libraries_dir / "default" / FILE
    path.parent.mkdir(parents=True)
    database.Database(path, schema.STEPS[:1]).close()
    with pytest.raises(LibraryDamaged):
        database.Database(path, (*schema.STEPS, "CREATE TABLE fine (x);\nCREATE TABLE meta (x);\n"))
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name IN ('messages', 'fine')").fetchone()


def test_a_file_that_is_not_a_database_says_so(settings: Settings) -> None:
    path = settings.libraries_dir / "default" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LibraryDamaged, match="lectern doctor"):
        Library.open(settings)


def test_a_writer_that_waits_too_long_says_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.1)
    other = sqlite3.connect(library.database.path)
    other.execute("BEGIN IMMEDIATE")
    try:
        with (
            Library(database.Database(library.database.path)) as waiting,
            pytest.raises(LibraryLocked, match="another program"),
        ):
            waiting.keep_vectors({})
    finally:
        other.close()


def test_check_finds_and_repair_mends_what_went_missing(library: Library, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The pump needs oil.")
    (tmp_path / "b.txt").write_text("The seal sleeps.")
    ingest([tmp_path], library, TopicEmbedder(), settings)
    assert check(library) == []
    with sqlite3.connect(library.database.path) as db:
        first = db.execute("SELECT min(id) FROM chunks").fetchone()[0]
        db.execute("DELETE FROM words WHERE rowid = ?", (first,))
        db.execute("INSERT INTO words (rowid, file, body) VALUES (999, 'x', 'stray')")
        db.execute("DELETE FROM sources WHERE name = 'b.txt'")
    problems = [str(problem) for problem in check(library)]
    assert any("not in the word index" in text for text in problems)
    assert any("belong to no chunk" in text for text in problems)
    assert any("no source" in text for text in problems)
    assert repair(library) == []
    found = Retriever(library, TopicEmbedder(), settings).search("oil").passages[0]
    assert (found.file, found.words is not None) == ("a.txt", True)


def test_a_torn_or_foreign_vector_file_is_rebuilt_from_the_library(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The pump needs oil.")
    ingest([tmp_path / "a.txt"], library, TopicEmbedder(), settings)
    (file,) = library.folder.glob("vectors-*.faiss")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    question = TopicEmbedder().embed_question("pump")
    assert [round(score, 3) for _, score in VectorIndex(library).search(question, 5)] == [1.0]

    (tmp_path / "b.txt").write_text("The seal sleeps.")
    ingest([tmp_path / "b.txt"], library, TopicEmbedder(), settings)
    (newer,) = library.folder.glob("vectors-*.faiss")
    newer.write_bytes(whole)  # holds less than its name says
    assert len(VectorIndex(library).search(question, 5)) == 2
    assert check(library) == []


def test_a_search_may_be_limited_to_some_chunks(library: Library, settings: Settings, tmp_path: Path) -> None:
    import numpy as np

    for topic in ("pump", "seal", "tide"):
        (tmp_path / f"{topic}.txt").write_text(f"The {topic}.")
    ingest([tmp_path], library, TopicEmbedder(), settings)
    index = VectorIndex(library)
    ids = index.ids()
    found = index.search(TopicEmbedder().embed_question("pump"), 5, among=ids[1:])
    assert {key for key, _ in found} == set(ids[1:].tolist())
    assert np.array_equal(np.sort(ids), ids)


def test_unread_pages_are_counted_by_why_and_blank_ones_are_not(library: Library, settings: Settings) -> None:
    text = "The ferry leaves at noon."
    end = len(text)
    pages = (
        Page("page", 1, "", 0, end),
        Page("page", 2, "", end, end, note="no text: scanned?"),
        Page("page", 3, "", end, end, note="no text: scanned?"),
        Page("page", 4, "", end, end, note="blank page"),
    )
    add_documents([document("ferry", text, *pages)], library, TopicEmbedder(), settings)
    (record,) = library.documents()
    assert record.unread == (("no text: scanned?", 2),)


def test_documents_with_tables_are_known_until_there_are_others(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    for name, text in (("a.csv", "Item,Cost\nTea,3\nMilk,4\n"), ("b.txt", "The ferry leaves at noon.")):
        (tmp_path / name).write_text(text)
    ingest([tmp_path / "a.csv", tmp_path / "b.txt"], library, TopicEmbedder(), settings)
    first = library.find("a.csv")
    assert library.with_tables(1_000_000) == [first]
    assert library.with_tables(1) == []
    (tmp_path / "c.csv").write_text("Item,Cost\nJam,5\nBread,6\n")
    with Library.open(settings) as other:  # another process that adds documents
        ingest([tmp_path / "c.csv"], other, TopicEmbedder(), settings)
    second = library.find("c.csv")
    assert sorted(library.with_tables(1_000_000)) == sorted((first, second))
    library.remove(first)
    assert library.with_tables(1_000_000) == [second]
