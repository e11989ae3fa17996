"""The rows that can be read of a damaged library -> a new library: document by document, chat by chat."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.protocols import Embedder
from core.settings import Settings
from core.types import Chunk, Document, Heading
from index.context import passage_text
from index.salvage.damaged_rows import Place, Remains, Values
from index.store import embeddings, statements
from index.store.library import Library
from index.store.records import Entry, to_pages
from index.store.sources import UPLOAD
from ingest.chunk import chunk

_BATCH = 32
"""Chunks embedded at a time."""

Cut = tuple[tuple[Chunk, ...], tuple[bytes, ...]]
"""A document's chunks, and by which hash the vector of each is kept."""

Vectors = dict[bytes, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Lost:
    """A document that could not be saved: its name, "" where none can be read, and where it came from."""

    name: str
    sources: tuple[str, ...]


class DocumentRescue:
    """One run over the documents of a damaged library; the counts say what it saved.

    A text is trusted where all of it is there and its chunks, which are stored apart from it, say the same. Chunks and
    vectors that are lost are made again.
    """

    def __init__(
        self,
        remains: Remains,
        new: Library,
        uploads_dir: Path,
        settings: Settings,
        load_embedder: Callable[[], Embedder],
    ) -> None:
        self.saved = self.remade = 0
        self.lost: list[Lost] = []
        self._remains = remains
        self._new = new
        self._uploads_dir = uploads_dir
        self._settings = settings
        self._load_embedder = load_embedder
        self._ids: set[object] = set()
        self._vectors = {values["hash"]: place for place, values in remains.rows("embeddings") if "hash" in values}
        self._sources = self._by_document("sources")
        self._find_indexed_sources()
        self._tags = self._by_document("tags")
        self._days = {values.get("document_id"): values.get("day") for _, values in remains.rows("dates")}
        self._chunks: dict[object, list[Place]] = defaultdict(list)
        self._removed: set[object] = set()
        self._find_chunks()
        self.former = {str(values["document_id"]) for _, values in remains.rows("former") if "document_id" in values}

    def run(self) -> None:
        """Put all that can be read into the new library."""
        self._meta = self._note_meta()
        numbers = {v["number"]: place for place, v in self._remains.rows("documents") if "number" in v}
        broken: dict[object, Values] = {}
        for number, place in sorted(numbers.items(), key=lambda item: str(item[0]).zfill(20)):
            values = self._remains.at("documents", place)
            if not self._save(values) and values.get("id") not in self._removed:
                broken[number] = values
        self._name_the_lost(broken, set(numbers) - set(broken))

    # What is there

    def _by_document(self, table: str) -> dict[object, list[Values]]:
        found: dict[object, list[Values]] = defaultdict(list)
        for _, values in self._remains.rows(table):
            if self._remains.is_complete(table, values):
                found[values["document_id"]].append(values)
        return found

    def _find_indexed_sources(self) -> None:
        """Put together from the two indexes that hold them, what rows of ``sources`` are lost."""
        read = {row["source"] for rows in self._sources.values() for row in rows}
        documents = {entry[-1]: entry[0] for entry in self._remains.index("sources_document")}
        for source, *_, number in self._remains.index("sqlite_autoindex_sources_1"):
            if source not in read and number in documents:
                name = str(source).removeprefix(UPLOAD).rpartition("/")[2]
                self._sources[documents[number]].append({"source": source, "name": name})

    def _find_chunks(self) -> None:
        removed = {values.get("chunk_id") for _, values in self._remains.rows("removed")}
        for place, values in self._remains.rows("chunks"):
            document_id = values.get("document_id")
            if values.get("id") in removed:  # an old page of a removed document: it is not to come back
                self._removed.add(document_id)
            elif document_id is not None:
                self._chunks[document_id].append(place)
        self._removed -= set(self._chunks)

    def _note_meta(self) -> dict[str, str]:
        """What the library says of itself, copied; of a lost embedder, the one that the settings name."""
        rows = (values for _, values in self._remains.rows("meta"))
        found = {str(v["key"]): str(v["value"]) for v in rows if {"key", "value"} <= v.keys()}
        found = {key: value for key, value in found.items() if key not in ("generation", "identity")}
        known = found.get("embedder") and found.get("dimension", "").isdecimal()
        if not known and self._vectors:
            embedder = self._load_embedder()
            found |= {"embedder": embedder.name, "dimension": str(embedder.dimension)}
        with self._new.database.writing() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", found.items())
        return found | {"guessed": "" if known else "yes"}

    @cached_property
    def _loaded(self) -> Embedder | None:
        try:
            embedder = self._load_embedder()
            loaded = embedder.dimension > 0  # which is known with its weights
        except ModelError:
            return None
        return embedder if loaded else None

    @property
    def _embedder(self) -> Embedder | None:
        """The embedder that made the library's vectors; None where it is not on this machine."""
        embedder = self._loaded
        if embedder and (self._meta.get("embedder"), self._meta.get("dimension")) == (
            embedder.name,
            str(embedder.dimension),
        ):
            return embedder
        return None

    # Saving

    def _save(self, values: Values) -> bool:
        document = to_document(values) if self._remains.is_complete("documents", values) else None
        if document is None or document.id in self._removed:
            return False
        chunks = list(self._stored_chunks(document.id))
        cut = covering(document, chunks)
        if cut is None and ("\0" in document.text or any(contradicts(document, part) for part, _ in chunks)):
            return False  # part of the text was overwritten
        vectors = self._stored_vectors(cut[1]) if cut and self._is_right(document, cut) else None
        if cut is None or vectors is None:
            made = self._make(document)
            if made is None:
                return False
            cut, vectors = made
            self.remade += 1
        self._put(document, values, cut, vectors)
        return True

    def _stored_chunks(self, document_id: str) -> Iterator[tuple[Chunk, bytes]]:
        """The document's chunks that can be read, in order, with the hashes of their vectors."""
        rows = [self._remains.at("chunks", place) for place in self._chunks[document_id]]
        whole: list[dict[str, Any]] = [row for row in rows if self._remains.is_complete("chunks", row)]
        for row in sorted(whole, key=lambda row: row["ordinal"]):
            try:
                headings = tuple(map(str, json.loads(row["headings"])))
            except ValueError:
                continue
            part = Chunk(document_id, row["ordinal"], row["start"], row["end"], row["text"], headings, row["tokens"])
            if len(part.text) == part.end - part.start:
                yield part, row["embedding"]

    def _is_right(self, document: Document, cut: Cut) -> bool:
        """Whether the vectors are of the embedder that had to be guessed."""
        embedder = self._embedder
        if not self._meta["guessed"]:
            return True
        return embedder is not None and all(
            embeddings.vector_hash(embedder.name, passage_text(document, part, embedder)) == key
            for part, key in zip(*cut, strict=True)
        )

    def _stored_vectors(self, hashes: tuple[bytes, ...]) -> Vectors | None:
        """None where one is lost."""
        found = self._readable_vectors(hashes)
        return found if len(found) == len(set(hashes)) else None

    def _readable_vectors(self, hashes: tuple[bytes, ...]) -> Vectors:
        found: Vectors = {}
        for key in hashes:
            place = self._vectors.get(key)
            stored = self._remains.at("embeddings", place).get("vector") if place else None
            if isinstance(stored, bytes) and str(len(stored) // 4) == self._meta.get("dimension"):
                vector = np.frombuffer(stored[: len(stored) // 4 * 4], dtype="<f4")
                if abs(float(vector @ vector) - 1.0) < 0.01:  # all are unit vectors; NaN is not
                    found[key] = vector
        return found

    def _make(self, document: Document) -> tuple[Cut, Vectors] | None:
        """Chunks and vectors anew; None where the embedder is not the library's, or not there."""
        embedder = self._embedder
        if embedder is None:
            return None
        chunks = chunk(document, embedder, self._settings.chunk_tokens)
        texts = [passage_text(document, part, embedder) for part in chunks]
        hashes = tuple(embeddings.vector_hash(embedder.name, text) for text in texts)
        vectors = self._readable_vectors(hashes)
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in vectors}
        for first in range(0, len(missing), _BATCH):
            batch = list(missing)[first : first + _BATCH]
            try:
                found = embedder.embed_passages([missing[key] for key in batch])
            except ModelError:
                return None
            vectors |= dict(zip(batch, found, strict=True))
        return (chunks, hashes), vectors

    def _put(self, document: Document, values: Values, cut: Cut, vectors: Vectors) -> None:
        sources = self._sources_of(document)
        day = self._days.get(document.id)
        size = values["size"]
        assert isinstance(size, int)
        self._new.put([Entry(document, sources[0][0], size, *cut, str(day or ""))], vectors)
        kept = [(name, value) for name, value in values.items() if name not in ("number", "id")]
        assignments = ", ".join(f"{name} = ?" for name, _ in kept)
        with self._new.database.writing() as db:
            query = f"UPDATE documents SET {assignments} WHERE id = ?"  # noqa: S608
            db.execute(query, (*(value for _, value in kept), document.id))
            if day:
                db.execute("INSERT OR REPLACE INTO dates VALUES (?, ?)", (document.id, day))
            db.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
                ((source, document.id, name) for source, name in sources),
            )
            statements.set_tags(db, document.id, (str(row["tag"]) for row in self._tags[document.id]))
        self._ids.add(document.id)
        self.saved += 1

    def _sources_of(self, document: Document) -> list[tuple[str, str]]:
        """Where it came from, with the name it has there; of lost sources, the upload of the same content."""
        found = [(str(row["source"]), str(row["name"])) for row in self._sources[document.id]]
        if not found and document.id in self._uploads:
            found = [(self._uploads[document.id], document.name)]
        return found or [(f"text:{document.id}", document.name)]

    @cached_property
    def _uploads(self) -> dict[object, str]:
        """The sources of stored uploads by the SHA-256 of their content, which is their document's id."""
        found: dict[object, str] = {}
        for path in sorted(self._uploads_dir.glob("*/*")):
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            found[digest] = UPLOAD + path.name
        return found

    # What is lost

    def _name_the_lost(self, broken: dict[object, Values], whole: set[object]) -> None:
        """By what is left of their rows, by the indexes that name them, and by their sources."""
        names: dict[object, object] = {number: values.get("name") for number, values in broken.items()}
        ids: dict[object, object] = {number: values.get("id") for number, values in broken.items()}
        for given, index in ((names, "documents_name"), (ids, "sqlite_autoindex_documents_1")):
            for entry in self._remains.index(index):
                if len(entry) == 2 and entry[1] not in whole and not given.get(entry[1]):
                    given[entry[1]] = entry[0]
        named = {ids.get(number) or number: name for number, name in names.items()}
        unnamed = {*ids.values(), *self._sources, *self._chunks} - {None}
        for key in [*named, *sorted(unnamed - set(named), key=str)]:
            if key in self._ids or key in self._removed:
                continue
            rows = self._sources[key]
            sources = [str(row["source"]) for row in rows] or [self._uploads.get(key, "")]
            name = named.get(key) or next((row["name"] for row in rows), "")
            self.lost.append(Lost(str(name), tuple(filter(None, sources))))


def to_document(values: Values) -> Document | None:
    """The document of a row, None where what stands in it cannot be right."""
    row: dict[str, Any] = values
    try:
        pages = to_pages(row["pages"])
        headings = tuple(Heading(start, level, text) for start, level, text in json.loads(row["headings"]))
        metadata = dict(json.loads(row["metadata"]))
        warnings = tuple(map(str, json.loads(row["warnings"])))
    except (ValueError, TypeError):
        return None
    text: str = row["text"]
    if len(text) != row["characters"] or len(pages) != row["page_count"]:
        return None
    return Document(row["id"], row["name"], row["media_type"], row["title"], text, pages, headings, metadata, warnings)


def covering(document: Document, chunks: list[tuple[Chunk, bytes]]) -> Cut | None:
    """The chunks where they are all there and say what the text says; None where one is missing or does not."""
    parts = [part for part, _ in chunks]
    if not parts or [part.ordinal for part in parts] != list(range(len(parts))):
        return None
    text = document.text
    ends = [0, *(place for part in parts for place in (part.start, part.end)), len(text)]
    if any(text[first:last].strip() for first, last in list(pairwise(ends))[::2]):
        return None
    if any(contradicts(document, part) for part in parts):
        return None
    return tuple(parts), tuple(key for _, key in chunks)


def contradicts(document: Document, part: Chunk) -> bool:
    return document.text[part.start : part.end] != part.text
