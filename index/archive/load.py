"""An archive -> a new library. The archive may be a stranger's: nothing in it is trusted, nothing is unpacked by name.

The library is built aside and takes its name when it is whole: a kill leaves no half of it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from core.errors import DamagedFile, LecternError, LibraryError, LibraryLocked, UsageError
from core.files import append_row, private_folder, write_atomically
from core.settings import Settings
from index.archive import layout
from index.archive.carried_settings import take_settings
from index.archive.checked_rows import kept_sources, why_wrong
from index.archive.layout import ChatRow, DocumentRow, Manifest
from index.store import kept_questions, statements, stored_facets
from index.store.chats import title_of
from index.store.database import Database
from index.store.library import FILE, Library
from index.store.originals import folder_of
from index.store.records import Entry, check_tag
from index.store.stored_answers import by_place, is_readable, texts_in
from index.store.upload_inbox import safe_name

MOST_UNPACKED = 64 * 2**30
"""Bytes of all that an archive holds."""

MOST_RATIO = 200
"""Times its packed size that a part may unpack to: text packs to a tenth, one repeated for ever to a thousandth."""

MOST_LINE = 2**30
"""Bytes of one document or conversation as JSON: a 10,000-page report has 0.2 GB."""

_AT_ONCE = 1000
"""Vectors that are saved at a time."""

T = TypeVar("T", bound=BaseModel)

_PARTS = (layout.MANIFEST, layout.DOCUMENTS, layout.VECTORS, layout.CHATS, layout.QUESTIONS, layout.SETTINGS)
_NEEDED = (layout.MANIFEST, layout.DOCUMENTS, layout.VECTORS, layout.CHATS)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in. ``settings`` names those that were taken over, ``settings_left`` those that were not."""

    library: str
    documents: int
    chats: int
    questions: int
    originals: int
    settings: tuple[str, ...]
    settings_left: tuple[str, ...]


def load(path: Path, settings: Settings, name: str = "") -> Imported:
    """Make a new library of an archive; ``name`` "" is the one that it had.

    Raises UsageError where there is a library of that name or no file, DamagedFile for what is no whole archive of a
    library, LibraryError where the disk refuses.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, path.name)
            return _Import(archive, path.name, settings, name).run()
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file.", "Check the spelling, or give the full path.") from error
    except LecternError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _damaged(path.name, "it is no whole archive") from error
    except OSError as error:
        raise LibraryError(f"{path.name} could not be imported: {error.strerror or error}.", "Make room.") from error


def _damaged(name: str, why: str) -> DamagedFile:
    return DamagedFile(f"{name} was not imported: {why}.", "Nothing was changed. Export the library again.")


def _check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Raises DamagedFile for parts that are missing, unknown, twice there, or unpack to too much."""
    names = [info.filename for info in archive.infolist()]
    if len(set(names)) < len(names) or not set(_NEEDED) <= set(names):
        raise _damaged(name, "it is no archive of a library")
    for info in archive.infolist():
        if info.filename not in _PARTS and not _is_original(info.filename):
            raise _damaged(name, f"it holds '{info.filename[:80]}', which no library has")
        if info.file_size > MOST_RATIO * max(info.compress_size, 10_000):
            raise _damaged(name, f"{info.filename} would unpack to {info.file_size / 2**20:,.0f} MiB")
    if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
        raise _damaged(name, f"it would unpack to more than {MOST_UNPACKED / 2**30:.0f} GiB")


def _is_original(name: str) -> bool:
    parts = name.removeprefix(layout.ORIGINALS).split("/")
    return name.startswith(layout.ORIGINALS) and len(parts) == 2 and all(parts) and safe_name(parts[1]) == parts[1]


class _Import:
    """One run over an archive whose parts are known."""

    def __init__(self, archive: zipfile.ZipFile, file: str, settings: Settings, name: str) -> None:
        self._archive = archive
        self._file = file
        self._settings = settings
        self._manifest = self._parsed(Manifest, archive.open(layout.MANIFEST).read(MOST_LINE))
        if self._manifest.format > layout.FORMAT:
            raise UsageError(f"{file} was made by a later version of Lectern.", "Update Lectern.")
        self._name = name or self._manifest.library
        self._ids: set[str] = set()
        self._sources: set[str] = set()

    def run(self) -> Imported:
        target = self._settings.libraries_dir / self._name
        if (target / FILE).exists():
            raise UsageError(f"there is a library '{self._name}' already.", "Name another with --library NAME.")
        needed = sum(info.file_size for info in self._archive.infolist())
        private_folder(self._settings.libraries_dir)
        if shutil.disk_usage(self._settings.libraries_dir).free < 3 * needed:
            raise LibraryError(f"{self._file} needs {3 * needed / 2**20:,.0f} MiB of the disk.", "Make room.")
        with _building(self._settings.libraries_dir) as folder:
            with Library(Database(folder / FILE)) as library:
                self._note_embedder(library)
                self._put_vectors(library)
                for row in self._rows(layout.DOCUMENTS, DocumentRow):
                    self._put(library, row)
                chats = sum(self._put_chat(library, row) for row in self._rows(layout.CHATS, ChatRow))
                originals = sum(self._put_original(folder, info) for info in self._archive.infolist())
                questions = self._put_questions(folder)
                library.database.truncate_log()
            if target.is_dir():
                target.rmdir()  # an empty one; any other is in the way
            folder.rename(target)
        taken: tuple[str, ...] = ()
        left: tuple[str, ...] = ()
        if layout.SETTINGS in self._archive.namelist():
            taken, left = take_settings(self._archive.read(layout.SETTINGS), self._settings.home)
        return Imported(self._name, len(self._ids), chats, questions, originals, taken, left)

    def _damaged(self, why: str) -> DamagedFile:
        return _damaged(self._file, why)

    def _parsed(self, kind: type[T], data: bytes) -> T:
        try:
            return kind.model_validate_json(data)
        except (ValidationError, RecursionError) as error:
            raise self._damaged("what is in it contradicts itself") from error

    def _rows(self, part: str, kind: type[T]) -> Iterator[T]:
        with self._archive.open(part) as file:
            while line := file.readline(MOST_LINE):
                if not line.endswith(b"\n"):
                    raise self._damaged(f"{part} is cut off")
                yield self._parsed(kind, line)

    def _note_embedder(self, library: Library) -> None:
        """Make the archive's embedder the library's; nobody needs to have it here for that."""
        made_with = self._manifest
        if made_with.embedder:
            rows = [("embedder", made_with.embedder), ("dimension", str(made_with.dimension))]
            with library.database.writing() as db:
                db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _put_vectors(self, library: Library) -> None:
        """Save all vectors, some at a time. Raises DamagedFile for what are no unit vectors of the right length."""
        size = layout.HASH_BYTES + 4 * self._manifest.dimension
        with self._archive.open(layout.VECTORS) as file:
            while data := file.read(_AT_ONCE * size):
                if len(data) % size:
                    raise self._damaged("its vectors are cut off")
                rows = [data[at : at + size] for at in range(0, len(data), size)]
                vectors = {row[: layout.HASH_BYTES]: np.frombuffer(row[layout.HASH_BYTES :], "<f4") for row in rows}
                if not all(abs(float(vector @ vector) - 1.0) < 0.01 for vector in vectors.values()):  # NaN is not
                    raise self._damaged("its vectors are none")
                library.keep_vectors(vectors)

    def _put(self, library: Library, row: DocumentRow) -> None:
        """Put one document into the library. Raises DamagedFile where its parts do not fit together."""
        if row.id in self._ids or (why := why_wrong(row)):
            raise self._damaged("a document is there twice" if row.id in self._ids else why)
        hashes = tuple(bytes.fromhex(key) for key in row.hashes)
        vectors = library.known_vectors(hashes)
        if len(vectors) < len(set(hashes)):
            raise self._damaged("vectors are missing")
        sources = kept_sources(row, self._sources)
        self._sources |= {source for source, _ in sources}
        self._ids.add(row.id)
        library.put([Entry(row.document, sources[0][0], row.size, row.chunks, hashes, row.day)], vectors)
        with library.database.writing() as db:
            db.execute(
                "UPDATE documents SET name = ?, added_at = ? WHERE id = ?", (row.document.name, row.added_at, row.id)
            )
            if row.day:
                db.execute("INSERT OR REPLACE INTO dates VALUES (?, ?)", (row.id, row.day))
            values = ((source, row.id, name) for source, name in sources)
            db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", values)
            statements.set_tags(db, row.id, map(check_tag, row.tags))
            if row.given:
                stored_facets.give(db, row.id, stored_facets.to_facets(row.given))

    def _put_chat(self, library: Library, row: ChatRow) -> int:
        """Save one conversation. Raises DamagedFile where one of its answers cannot be shown."""
        if not all(is_readable(message.answer) for message in row.messages):
            raise self._damaged("an answer in a chat cannot be read")
        with library.database.writing() as db:
            text_of = texts_in(db)
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)",
                (row.id, title_of(row.title), row.created_at, row.changed_at),
            )
            if row.pinned:
                db.execute("INSERT INTO pins VALUES (?)", (row.id,))
            for said in row.messages:
                answer = by_place(said.answer, text_of) if said.answer else ""
                number = db.execute(
                    "INSERT INTO messages (conversation_id, role, text, sent, answer, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (row.id, said.role, said.text, said.sent, answer, said.created_at),
                ).lastrowid
                if one := said.verdict:
                    json.loads(one.settings)
                    values = (number, one.verdict, one.reason, one.settings, one.given_at)
                    db.execute("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?)", values)
        return 1

    def _put_original(self, folder: Path, info: zipfile.ZipInfo) -> int:
        """Keep the original of a document that is in, where its content is that document's."""
        if not info.filename.startswith(layout.ORIGINALS):
            return 0
        document_id, name = info.filename.removeprefix(layout.ORIGINALS).split("/")
        content = self._archive.read(info)
        if document_id not in self._ids or sha256(content).hexdigest() != document_id:
            raise self._damaged(f"the original {name[:80]} is of another document")
        write_atomically(folder_of(folder / "uploads", document_id) / name, content)
        return 1

    def _put_questions(self, folder: Path) -> int:
        """Keep the person's own questions, each as it is asked to be; returns their number."""
        if layout.QUESTIONS not in self._archive.namelist():
            return 0
        rows = [kept_questions.parse(json.loads(line)) for line in self._archive.read(layout.QUESTIONS).splitlines()]
        for row in rows:
            append_row(folder / kept_questions.FILE, asdict(row))
        return len(rows)


@contextmanager
def _building(libraries: Path) -> Iterator[Path]:
    """A folder to build a library in, one at a time; what killed imports left is deleted. Raises LibraryLocked."""
    private_folder(libraries)
    try:
        with FileLock(libraries / ".import.lock", timeout=0, mode=0o600):
            for left in libraries.glob(".import-*"):
                shutil.rmtree(left, ignore_errors=True)
            aside = libraries / f".import-{secrets.token_hex(4)}"
            private_folder(aside / "library")
            try:
                yield aside / "library"
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except Timeout as error:
        raise LibraryLocked("another import is under way.", "Wait until it is done.") from error
