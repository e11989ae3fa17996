"""A library whose file is damaged: what can be read is saved into a new one, the rest is named, nothing is deleted."""

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from stand_in import TOPICS, TopicEmbedder

from core.errors import LibraryDamaged, LibraryError, LibraryLocked, ModelMissing
from core.settings import Settings
from index.build import ingest
from index.salvage import damaged_rows
from index.salvage.salvage import Salvaged, read_again, salvage
from index.salvage.sqlite_pages import Pages
from index.search.retriever import Retriever
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.library import FILE, Library
from index.store.schema import STEPS, migrate
from index.store.upload_inbox import UploadInbox
from tests.index.version_4 import make_version_4

PAGE = 4096
SMALL, LARGE = 14, 4


def words_of(number: int, lines: int) -> str:
    rng = random.Random(number)
    return "".join(
        f"{rng.choice(TOPICS).capitalize()} {number}-{line}: {' '.join(rng.choices('äöüabcdef', k=12))}.\n\n"
        for line in range(lines)
    )


@dataclass
class Whole:
    """A library as it was before it was damaged."""

    settings: Settings
    texts: dict[str, str]
    chats: dict[str, list[str]]
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / FILE


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Documents of one page and of many, an upload, tags, chats; documents were removed from among them."""
    home, docs = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("docs")
    settings = Settings(home=home, chunk_tokens=64)
    for number in range(SMALL + LARGE):
        (docs / f"doc-{number:02}.txt").write_text(words_of(number, 6 if number < SMALL else 250))
    with Library.open(settings, create=True) as library:
        ingest([docs], library, TopicEmbedder(), settings)
        upload = UploadInbox(library.incoming_dir).keep("came.txt", b"The ferry came by the browser.")
        ingest([upload], library, TopicEmbedder(), settings)
        library.tag([library.find("doc-03.txt")], add=["harbour"])
        for number in (1, 5, 16):
            library.remove(f"doc-{number:02}.txt")
        chats = Chats(library)
        for number in range(8):
            said = [ChatMessage("user", f"Question {number}-{turn} {'x' * 400}", "sent") for turn in range(9)]
            chats.append(chats.create(f"Chat {number}", said[0]), *said[1:])
        texts = {record.name: library.text(record.id) for record in library.documents()}
        kept = {one.title: [message.text for message in chats.load(one.id).messages] for one in chats.list()}
        assert check(library) == []
        return Whole(settings, texts, kept, library.folder)


@pytest.fixture
def whole(original: Whole, home: Path) -> Whole:
    """A copy of it that a test may damage."""
    settings = Settings(home=home, chunk_tokens=64)
    folder = home / "libraries" / "default"
    shutil.copytree(original.folder, folder)
    return Whole(settings, original.texts, original.chats, folder)


def repair(whole: Whole, embedder: Callable[[], TopicEmbedder] = TopicEmbedder) -> Salvaged:
    """Salvage, and what holds whatever was damaged: nothing is deleted, nothing is made up, all lost is named."""
    damaged = whole.file.read_bytes()
    found = salvage(whole.settings, embedder)
    assert found.kept.read_bytes() == damaged
    assert not list(whole.folder.glob(".salvage-*"))
    with Library.open(whole.settings) as library:
        texts = {record.name: library.text(record.id) for record in library.documents()}
        assert texts.items() <= whole.texts.items()
        assert len(texts) == found.documents
        for record in library.documents():
            assert record.sources[0].endswith(record.name)
        chats = Chats(library)
        for one in chats.list():
            kept = [message.text for message in chats.load(one.id).messages]
            known = whole.chats.get(one.title) or next(said for said in whole.chats.values() if set(kept) <= set(said))
            assert kept == [text for text in known if text in kept]
        problems = [str(problem) for problem in check(library)]
        assert [text for text in problems if "upload" not in text] == []
        search(library, whole, texts)
    return found


def search(library: Library, whole: Whole, texts: dict[str, str]) -> None:
    retriever = Retriever(library, TopicEmbedder(), whole.settings)
    for name, text in list(texts.items())[:3]:
        line = text.split("\n")[0]
        assert any(p.file == name for p in retriever.search(line, k=10).passages), (name, line)


def pages_of(file: Path, name: str) -> list[int]:
    """The pages of a table or index, overflowing ones too, as SQLite tells."""
    with closing(sqlite3.connect(file)) as db:
        return [row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = ?", (name,))]


class Watched(Pages):
    """Notes which pages are looked at."""

    def page(self, number: int) -> bytes:
        self.__dict__.setdefault("touched", set()).add(number)
        return super().page(number)


def pages_by_document(file: Path) -> dict[str, set[int]]:
    """The pages that hold each document's row: a leaf of the table, and those that its text goes on in."""
    found = {}
    with file.open("rb") as stream:
        pages = Watched(stream, file.with_name("none"))
        rows = [(place, str(values["name"])) for place, values in damaged_rows.Remains(pages).rows("documents")]
        for place, name in rows:
            pages.__dict__["touched"] = set()
            assert pages.row(*place) is not None
            found[name] = pages.__dict__["touched"]
    return found


def overwrite(file: Path, number: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek((number - 1) * PAGE)
        stream.write(data)


def test_an_undamaged_library_is_saved_whole(whole: Whole) -> None:
    before = describe(whole)
    found = repair(whole, no_embedder)
    assert (found.documents, found.remade, found.lost) == (len(whole.texts), 0, ())
    assert (found.chats, found.messages, found.lost_chats, found.lost_messages) == (8, 72, 0, 0)
    assert describe(whole) == before


def describe(whole: Whole) -> list[object]:
    with Library.open(whole.settings) as library:
        chats = Chats(library)
        said = [(one, chats.load(one.id)) for one in chats.list()]
        documents = [library.document(record.id) for record in library.documents()]
        return [library.documents(), documents, said, library.embedder_name, library.dimension]


def no_embedder() -> TopicEmbedder:
    raise ModelMissing("the embedder is not on this machine.")


@pytest.mark.parametrize("table", ["words_data", "words_content", "abouts_data", "documents_name", "sources_document",
                                   "chunks_embedding", "sqlite_autoindex_embeddings_1", "sqlite_sequence"])  # fmt: skip
def test_damaged_indexes_cost_nothing(whole: Whole, table: str) -> None:
    for number in pages_of(whole.file, table):
        overwrite(whole.file, number, random.Random(number).randbytes(PAGE))
    found = repair(whole, no_embedder)
    assert (found.documents, found.remade, found.lost) == (len(whole.texts), 0, ())
    assert found.messages == 72


@pytest.mark.parametrize("table", ["embeddings", "chunks"])
def test_lost_chunks_and_vectors_are_made_again(whole: Whole, table: str) -> None:
    for number in pages_of(whole.file, table):
        overwrite(whole.file, number, bytes(PAGE))
    found = repair(whole)
    assert (found.documents, found.remade, found.lost) == (len(whole.texts), len(whole.texts), ())


def test_without_the_embedder_they_are_named_with_their_files(whole: Whole) -> None:
    for number in pages_of(whole.file, "embeddings"):
        overwrite(whole.file, number, bytes(PAGE))
    found = repair(whole, no_embedder)
    assert {lost.name for lost in found.lost} == set(whole.texts)
    assert all(lost.sources[0].endswith(lost.name) for lost in found.lost)


@pytest.mark.parametrize("damage", ["zeros", "random", "another page"])
def test_a_page_of_a_long_text_costs_that_document_alone(whole: Whole, damage: str) -> None:
    number = max(pages_of(whole.file, "documents"))
    other = whole.file.read_bytes()[(number - 2) * PAGE : (number - 1) * PAGE]
    data = {"zeros": bytes(PAGE), "random": random.Random(3).randbytes(PAGE), "another page": other}[damage]
    overwrite(whole.file, number, data)
    found = repair(whole)
    assert len(found.lost) == 1
    assert found.documents == len(whole.texts) - 1
    assert found.lost[0].name in whole.texts


@pytest.mark.parametrize("table", ["documents", "chunks", "messages", "sources", "embeddings"])
def test_the_root_of_a_table_costs_nothing_but_what_it_holds(whole: Whole, table: str) -> None:
    with closing(sqlite3.connect(whole.file)) as db:
        kind = db.execute("SELECT pageno, pagetype FROM dbstat WHERE name = ? AND path = '/'", (table,)).fetchone()
    overwrite(whole.file, kind[0], random.Random(4).randbytes(PAGE))
    found = repair(whole)
    if kind[1] == "internal":
        assert (found.documents, found.messages, found.lost) == (len(whole.texts), 72, ())
    assert found.documents + len(found.lost) >= len(whole.texts)


def test_a_lost_name_of_the_embedder_is_found_by_the_vectors(whole: Whole) -> None:
    for number in pages_of(whole.file, "meta"):
        overwrite(whole.file, number, bytes(PAGE))
    with pytest.raises(ModelMissing):
        salvage(whole.settings, no_embedder)
    assert not list(whole.folder.glob("*.damaged-*"))
    found = repair(whole)
    assert (found.documents, found.remade, found.lost) == (len(whole.texts), 0, ())


def test_a_text_whose_chunks_say_otherwise_is_not_trusted(whole: Whole) -> None:
    """Bytes of a text that are changed into others of the same kind are told by the chunks, which lie elsewhere."""
    data = whole.file.read_bytes()
    (line,) = [text for text in whole.texts["doc-17.txt"].split("\n") if "17-100:" in text]
    (place,) = [n for n in range(len(data)) if data.startswith(line.encode(), n) and n // PAGE + 1 in own(whole)]
    whole.file.write_bytes(data[:place] + b"F" + data[place + 1 :])
    found = repair(whole)
    assert [lost.name for lost in found.lost] == ["doc-17.txt"]


def own(whole: Whole) -> set[int]:
    return pages_by_document(whole.file)["doc-17.txt"]


def test_the_first_page_costs_nothing(whole: Whole) -> None:
    overwrite(whole.file, 1, random.Random(5).randbytes(PAGE))
    with pytest.raises(LibraryDamaged, match="lectern doctor --library 'default' --repair"):
        Library.open(whole.settings)
    found = repair(whole)
    assert (found.documents, found.lost, found.messages) == (len(whole.texts), (), 72)


@pytest.mark.parametrize("first_page", [True, False])
def test_the_chats_of_a_file_in_the_former_format_are_saved_as_they_were(home: Path, first_page: bool) -> None:
    old = make_version_4(home)
    if first_page:
        overwrite(old.file, 1, random.Random(5).randbytes(PAGE))
    found = salvage(old.settings, TopicEmbedder)
    assert (found.chats, found.messages, found.lost_messages) == (1, 4, 0)
    with Library.open(old.settings) as library:
        messages = Chats(library).load("chat").messages
        assert tuple(message.answer for message in messages[1::2]) == old.answers
        assert [message.sent for message in messages[::2]] == ["Sources: ... When?"] * 2


@pytest.mark.parametrize("seed", range(40))
def test_random_pages(whole: Whole, seed: int) -> None:
    """Documents none of whose pages were hit are saved; those of hit pages are saved or named."""
    chance = random.Random(seed)
    count = whole.file.stat().st_size // PAGE
    hit = {chance.randrange(1, count + 1) for _ in range(chance.choice((1, 2, 5, 12)))}
    own = pages_by_document(whole.file)
    name_pages = {*pages_of(whole.file, "sources"), *pages_of(whole.file, "documents_name")}
    for number in hit:
        kind = chance.randrange(4)
        data = {0: bytes(PAGE), 1: chance.randbytes(PAGE), 2: b"\xff" * PAGE, 3: chance.randbytes(200)}[kind]
        overwrite(whole.file, number, data)
    found = repair(whole)
    named = {lost.name for lost in found.lost}
    with Library.open(whole.settings) as library:
        saved = {record.name for record in library.documents()}
    intact = {name for name, pages in own.items() if not pages & hit}
    assert intact <= saved
    missing = set(whole.texts) - saved - named
    assert not missing or hit & name_pages, f"{missing} are neither saved nor named"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.95, 0.999])
def test_a_truncated_file(whole: Whole, share: float) -> None:
    size = whole.file.stat().st_size
    with whole.file.open("r+b") as stream:
        stream.truncate(int(size * share))
    found = repair(whole)
    with Library.open(whole.settings) as library, Library.open(whole.settings) as same:
        again = read_again(found, library, TopicEmbedder, whole.settings)
        assert "came.txt" in again.names or any(record.name == "came.txt" for record in same.documents())
        assert not {lost.name for lost in again.lost} & set(again.names)
        assert check(library) == []


def test_an_emptied_file_is_no_new_library(whole: Whole) -> None:
    whole.file.write_bytes(b"")
    with pytest.raises(LibraryDamaged, match="--repair"):
        Library.open(whole.settings)
    assert whole.file.stat().st_size == 0


def test_lost_documents_are_read_again_and_no_upload_is_deleted(whole: Whole) -> None:
    whole.file.write_bytes(random.Random(1).randbytes(8 * PAGE))
    broken = store_upload_of(whole, "broken.pdf", b"%PDF-1.7 nothing follows")
    found = salvage(whole.settings, TopicEmbedder)
    assert found.documents == 0
    with Library.open(whole.settings) as library:
        again = read_again(found, library, TopicEmbedder, whole.settings)
        assert again.names == ("came.txt",)
        assert [path.name for path in again.aside] == ["broken.pdf"]
        assert again.aside[0].exists()
        assert [record.sources for record in library.documents()] == [("upload:came.txt",)]
        assert check(library) == []
    assert not broken.exists()


def store_upload_of(whole: Whole, name: str, data: bytes) -> Path:
    path = whole.folder / "uploads" / hashlib.sha256(data).hexdigest()[:16] / name
    path.parent.mkdir()
    path.write_bytes(data)
    return path


def logged(whole: Whole, folder: Path) -> Path:
    """The library with its write-ahead log, as a killed process leaves them: all of it stands in the log."""
    with Library.open(whole.settings) as library:
        with library.database._connection() as db:
            db.execute("PRAGMA wal_autocheckpoint = 0")
        for number in range(3):
            file = folder / f"later-{number}.txt"
            file.write_text(words_of(100 + number, 20))
            ingest([file], library, TopicEmbedder(), whole.settings)
            whole.texts[file.name] = library.text(library.find(file.name))
        log = whole.file.with_name(f"{FILE}-wal")
        copies = [shutil.copy(path, folder) for path in (whole.file, log)]
    for copy in copies:
        shutil.copy(copy, whole.folder)
    return log


@pytest.fixture
def own_texts(whole: Whole) -> Whole:
    whole.texts = dict(whole.texts)
    return whole


@pytest.mark.parametrize("damage", ["none", "header", "one frame", "torn", "zeros", "empty"])
def test_a_damaged_log(own_texts: Whole, tmp_path: Path, damage: str) -> None:
    whole = own_texts
    log = logged(whole, tmp_path)
    data = bytearray(log.read_bytes())
    middle = 32 + (len(data) // (PAGE + 24) // 2) * (PAGE + 24)
    if damage == "header":
        data[:32] = random.Random(1).randbytes(32)
    elif damage == "one frame":
        data[middle + 30 : middle + 1000] = random.Random(1).randbytes(970)
    elif damage == "torn":
        del data[middle + 100 :]
    elif damage == "zeros":
        data[:] = bytes(len(data))
    elif damage == "empty":
        data.clear()
    log.write_bytes(data)
    found = repair(whole)
    assert found.kept.with_name(f"{found.kept.name}-wal").read_bytes() == bytes(data)
    assert found.documents >= len(whole.texts) - 3
    if damage == "one frame":  # what was committed behind it counts
        assert found.documents >= len(whole.texts) - 1
    if damage == "none":
        assert (found.documents, found.lost) == (len(whole.texts), ())


def test_a_removed_document_does_not_come_back(whole: Whole) -> None:
    overwrite(whole.file, 1, bytes(PAGE))
    found = repair(whole)
    assert not {"doc-01.txt", "doc-05.txt", "doc-16.txt"} & {lost.name for lost in found.lost}


def test_a_library_that_another_process_has_open_is_left_alone(whole: Whole) -> None:
    code = (
        f"import sqlite3; db = sqlite3.connect({str(whole.file)!r}); db.execute('SELECT 1 FROM meta').fetchone();"
        " print('open', flush=True); input()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    before = whole.file.read_bytes()
    with pytest.raises(LibraryLocked, match="another process has the library 'default' open"):
        salvage(whole.settings, TopicEmbedder)
    assert whole.file.read_bytes() == before
    process.communicate("\n")
    assert repair(whole, no_embedder).documents == len(whole.texts)


def test_a_repair_killed_between_log_and_file_loses_nothing(
    own_texts: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = own_texts
    logged(whole, tmp_path)
    replace = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if target == whole.file:
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            salvage(whole.settings, TopicEmbedder)
    found = repair(whole)
    assert (found.documents, found.lost) == (len(whole.texts), ())


def test_a_full_disk_leaves_the_damaged_file_in_place(whole: Whole) -> None:
    import resource

    overwrite(whole.file, 5, bytes(PAGE))
    before = whole.file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 4, limits[1]))
    try:
        with pytest.raises(LibraryError):
            salvage(whole.settings, TopicEmbedder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert whole.file.read_bytes() == before
    assert sorted(path.name for path in whole.folder.glob("*library.sqlite*")) == [FILE]


def test_every_table_is_read_or_made_from_those_that_are() -> None:
    derived = {"chunk_pages", "abouts", "words", "terms", "former_vectors", "reembedded", "facets"}
    # What a person said of chats, which of their branches is shown, what waits to be read: nobody misses it beside a
    # damaged library.
    let_go = {"pins", "verdicts", "branches", "heads", "starters", "jobs", "job_files", "recognized_pages"}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, STEPS)
        tables = {row[0] for row in db.execute("SELECT name FROM pragma_table_list WHERE type IN ('table', 'virtual')")}
    tables = {name for name in tables if not name.startswith("sqlite_")}
    assert tables == {*damaged_rows.TABLES} | derived | let_go
