"""A library in one archive: all of it comes back, and a stranger's archive does no harm."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_answers import answer_from
from stand_in import TopicEmbedder

from core.errors import DamagedFile, UsageError
from core.settings import Settings
from index.archive import layout
from index.archive.export import export
from index.archive.load import load
from index.build import ingest
from index.search.retriever import Retriever
from index.store import kept_questions
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.library import Library, list_libraries
from index.store.originals import folder_of
from index.store.upload_inbox import UploadInbox


@pytest.fixture
def archive(library: Library, settings: Settings, tmp_path: Path) -> Path:
    """Of a library with a file, an upload, a chat that quotes the file, a question and settings."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "cellar.txt").write_text("The pump stands in the cellar.")
    inbox = UploadInbox(library.incoming_dir)
    upload = inbox.keep("roof.txt", b"The seal sleeps on the roof.")
    ingest([folder, upload], library, TopicEmbedder(), settings)
    inbox.close()
    library.tag([library.find("cellar.txt")], ["pumps"])
    answer = answer_from(library.document("cellar.txt"))
    said = ChatMessage("assistant", answer.text, answer.text, answer)
    chats = Chats(library)
    chat = chats.create("Where?", ChatMessage("user", "Where?", "Where?"), said)
    chats.pin(chat, pinned=True)
    kept_questions.keep(library.folder, "Where is the pump?", "cellar.txt", 1, "in the cellar")
    (settings.home / "settings.toml").write_text('strictness = "strict"\nserver_url = "http://198.51.100.1/"\n')
    path = tmp_path / "all.lectern"
    export(library, settings, path)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Another machine's home."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "elsewhere"))
    return Settings()


def test_all_comes_back(archive: Path, library: Library, elsewhere: Settings, tmp_path: Path) -> None:
    (tmp_path / "papers" / "cellar.txt").unlink()
    done = load(archive, elsewhere)
    assert (done.library, done.documents, done.chats, done.questions, done.originals) == ("default", 2, 1, 1, 1)
    with Library.open(elsewhere) as new:
        assert check(new) == []
        assert [(record.name, record.tags, record.day) for record in new.documents()] == [
            (record.name, record.tags, record.day) for record in library.documents()
        ]
        first = Retriever(new, TopicEmbedder(), elsewhere).search("Where is the pump?").passages[0]
        assert (first.file, first.text) == ("cellar.txt", "The pump stands in the cellar.")
        (kept,) = folder_of(new.uploads_dir, new.find("roof.txt")).iterdir()
        assert kept.read_bytes() == b"The seal sleeps on the roof."
        (record,) = Chats(new).list()
        assert record.pinned
        assert Chats(new).load(record.id) == Chats(library).load(record.id)
        assert kept_questions.kept_questions(new.folder) == kept_questions.kept_questions(library.folder)


def test_settings_that_reach_out_are_left(archive: Path, elsewhere: Settings) -> None:
    done = load(archive, elsewhere)
    assert (done.settings, done.settings_left) == (("strictness",), ("server_url",))
    assert Settings().strictness == "strict"
    assert Settings().server_url == ""


def test_a_setting_of_one_s_own_stays(archive: Path, elsewhere: Settings) -> None:
    elsewhere.home.mkdir()
    (elsewhere.home / "settings.toml").write_text('strictness = "lenient"\n')
    assert load(archive, elsewhere).settings == ()
    assert Settings().strictness == "lenient"


def test_an_archive_is_for_its_owner_and_replaces_nothing(archive: Path, library: Library, settings: Settings) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    before = archive.read_bytes()
    with pytest.raises(UsageError, match="there already"):
        export(library, settings, archive)
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.glob(".*.tmp")] == []


def test_no_library_is_replaced(archive: Path, settings: Settings) -> None:
    with pytest.raises(UsageError, match="there is a library 'default' already"):
        load(archive, settings)
    assert load(archive, settings, "copy").library == "copy"
    assert list_libraries(settings) == ["copy", "default"]


Change = Callable[[dict[str, bytes]], None]


def changed(archive: Path, change: Change) -> Path:
    """The archive with its parts changed."""
    with zipfile.ZipFile(archive) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    change(content)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    path = archive.with_name("changed.lectern")
    path.write_bytes(packed.getvalue())
    return path


def with_row(part: str, **values: object) -> Change:
    """A change of the first row of a part."""

    def change(content: dict[str, bytes]) -> None:
        first, *rest = content[part].split(b"\n")
        content[part] = b"\n".join([json.dumps({**json.loads(first), **values}).encode(), *rest])

    return change


def with_document(**values: object) -> Change:
    def change(content: dict[str, bytes]) -> None:
        first = json.loads(content[layout.DOCUMENTS].split(b"\n")[0])
        with_row(layout.DOCUMENTS, document={**first["document"], **values})(content)

    return change


def with_part(name: str, data: bytes) -> Change:
    return lambda content: content.update({name: data})


HOSTILE: dict[str, Change] = {
    "a file beside": with_part("../../.bashrc", b"rm -rf ~"),
    "an absolute path": with_part("/etc/passwd", b""),
    "an original outside": with_part("originals/../../x", b""),
    "an original of nobody": with_part(f"originals/{'0' * 64}/x.txt", b"x"),
    "an id that names a folder": with_row(layout.DOCUMENTS, id="../../../home"),
    "another text than its chunks": with_document(text="The pump stands in the yard.!!"),
    "pages beyond the text": with_document(pages=[["section", 1, "", 0, 10**9]]),
    "a name that is none": with_document(name=""),
    "no vectors": with_part(layout.VECTORS, b""),
    "half a vector": lambda content: content.update({layout.VECTORS: content[layout.VECTORS][:-3]}),
    "vectors that are no numbers": lambda content: content.update(
        {layout.VECTORS: content[layout.VECTORS][:32] + b"\xff" * (len(content[layout.VECTORS]) - 32)}
    ),
    "a role that there is not": with_row(layout.CHATS, messages=[dict.fromkeys(("role", "text", "sent"), "system")]),
    "more than it should have": with_row(layout.CHATS, program="sh"),
    "deep nesting": with_part(layout.CHATS, b"[" * 200_000 + b"\n"),
    "half a line": lambda content: content.update({layout.CHATS: content[layout.CHATS][:-9]}),
    "another library's name": with_row(layout.MANIFEST, library="../evil"),
    "a bomb": with_part(layout.CHATS, b" " * 50_000_000),
    "no manifest": lambda content: content.__delitem__(layout.MANIFEST),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_that_lies_is_refused_and_leaves_nothing(archive: Path, elsewhere: Settings, change: Change) -> None:
    outside = {path: path.stat().st_mtime_ns for path in archive.parent.rglob("*") if path.is_file()}
    path = changed(archive, change)
    with pytest.raises(DamagedFile, match=r"changed\.lectern was not imported"):
        load(path, elsewhere)
    assert list_libraries(elsewhere) == []
    left = [one for one in elsewhere.home.rglob("*") if one.is_file() and one.name != ".import.lock"]
    assert left == []
    path.unlink()
    now = {one: one.stat().st_mtime_ns for one in archive.parent.rglob("*") if one.is_file()}
    assert {one: at for one, at in now.items() if one.name != ".import.lock"} == outside


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello", b"\0" * 1000])
def test_what_is_no_archive(tmp_path: Path, elsewhere: Settings, data: bytes) -> None:
    (tmp_path / "x.lectern").write_bytes(data)
    with pytest.raises(DamagedFile):
        load(tmp_path / "x.lectern", elsewhere)


def test_a_cut_archive_is_refused(archive: Path, elsewhere: Settings) -> None:
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(DamagedFile):
        load(archive, elsewhere)
    assert list_libraries(elsewhere) == []


def test_sources_that_would_read_elsewhere_are_none(archive: Path, elsewhere: Settings) -> None:
    sources = [["/dev/zero", "zero"], ["web:file:///etc/passwd", "x"], ["web:http://user:pw@10.0.0.1/", "x"]]
    load(changed(archive, with_row(layout.DOCUMENTS, sources=sources)), elsewhere)
    with Library.open(elsewhere) as new:
        assert new.documents()[0].sources == ("earlier:cellar.txt",)
