"""Documents whose rows can be read in a damaged library -> a new library."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.digests import sha256_of
from core.errors import ModelError
from core.protocols import Embedder
from core.settings import Settings
from core.types import Chunk, Document
from index.context import passage_text
from index.salvage.damaged_rows import Place, Remains, Values
from index.salvage.document_rows import ChunksWithHashes, contradicts, covering, document_of
from index.store import embeddings, statements, stored_facets
from index.store.library import Library
from index.store.records import Entry
from index.store.sources import UPLOAD
from ingest.chunk import chunk

_BATCH = 32
"""Chunks embedded at a time."""

Vectors = dict[bytes, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Lost:
    """A document that could not be saved: its name, "" where it cannot be read, and its sources."""

    name: str
    sources: tuple[str, ...]


class DocumentRescue:
    """Moves the documents of a damaged library into a new one, once.

    A document's text counts as undamaged where its length is right and its chunks, which are stored apart from it, hold
    the same text. Lost chunks and vectors are made again.

    After ``run``: ``saved`` and ``remade`` count documents (``remade`` those whose chunks or vectors were made again),
    ``lost`` are those that could not be saved, ``replaced`` the ids of replaced versions, which are not saved.
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
        self._given = {values.get("document_id"): values for _, values in remains.rows("given_facets")}
        self._chunks: dict[object, list[Place]] = defaultdict(list)
        self._removed: set[object] = set()
        self._find_chunks()
        self.replaced = {str(values["document_id"]) for _, values in remains.rows("former") if "document_id" in values}

    def run(self) -> None:
        """Put every document that can be read into the new library."""
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
        """Rebuild lost rows of ``sources`` from the two indexes over that table."""
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
            if values.get("id") in removed:  # an old page of a removed document, which must not come back
                self._removed.add(document_id)
            elif document_id is not None:
                self._chunks[document_id].append(place)
        self._removed -= set(self._chunks)

    def _note_meta(self) -> dict[str, str]:
        """Copy the library's ``meta`` values; a lost embedder is taken from the settings. Returns them by key."""
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
        values = {**values, "tables": values.get("tables", "[]")}  # a document is whole without them
        document = document_of(values) if self._remains.is_complete("documents", values) else None
        if document is None or document.id in self._removed:
            return False
        chunks = list(self._stored_chunks(document.id))
        cut = covering(document, chunks)
        if cut is None and ("\0" in document.text or any(contradicts(document, piece) for piece, _ in chunks)):
            return False  # some of the text was overwritten
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
        """The document's readable chunks in order, each with the hash of its vector."""
        rows = [self._remains.at("chunks", place) for place in self._chunks[document_id]]
        whole: list[dict[str, Any]] = [row for row in rows if self._remains.is_complete("chunks", row)]
        for row in sorted(whole, key=lambda row: row["ordinal"]):
            try:
                headings = tuple(map(str, json.loads(row["headings"])))
            except ValueError:
                continue
            piece = Chunk(document_id, row["ordinal"], row["start"], row["end"], row["text"], headings, row["tokens"])
            if len(piece.text) == piece.end - piece.start:
                yield piece, row["embedding"]

    def _is_right(self, document: Document, cut: ChunksWithHashes) -> bool:
        """Whether the vectors were made by the library's embedder, also where that had to be guessed."""
        embedder = self._embedder
        if not self._meta["guessed"]:
            return True
        return embedder is not None and all(
            embeddings.vector_hash(embedder.name, passage_text(document, piece, embedder)) == key
            for piece, key in zip(*cut, strict=True)
        )

    def _stored_vectors(self, hashes: tuple[bytes, ...]) -> Vectors | None:
        """The vectors of these hashes; None where one is lost."""
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

    def _make(self, document: Document) -> tuple[ChunksWithHashes, Vectors] | None:
        """Chunks and vectors made again; None where the library's embedder is not on this machine."""
        embedder = self._embedder
        if embedder is None:
            return None
        chunks = chunk(document, embedder, self._settings.chunk_tokens)
        texts = [passage_text(document, piece, embedder) for piece in chunks]
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

    def _put(self, document: Document, values: Values, cut: ChunksWithHashes, vectors: Vectors) -> None:
        sources = self._sources_of(document)
        day = self._days.get(document.id)
        size = values["size"]
        assert isinstance(size, int)
        self._new.put([Entry(document, sources[0][0], size, *cut, str(day or ""))], vectors)
        kept = [(name, value) for name, value in values.items() if name not in ("number", "id", "tables")]
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
            if (given := self._given.get(document.id)) and self._remains.is_complete("given_facets", given):
                with suppress(ValueError):
                    stored_facets.give(db, document.id, stored_facets.to_facets(str(given["facets"])))
            statements.set_tags(db, document.id, (str(row["tag"]) for row in self._tags[document.id]))
        self._ids.add(document.id)
        self.saved += 1

    def _sources_of(self, document: Document) -> list[tuple[str, str]]:
        """The sources of a document with their names; where they are lost, the stored upload of the same content."""
        found = [(str(row["source"]), str(row["name"])) for row in self._sources[document.id]]
        if not found and document.id in self._uploads:
            found = [(self._uploads[document.id], document.name)]
        return found or [(f"text:{document.id}", document.name)]

    @cached_property
    def _uploads(self) -> dict[object, str]:
        """The sources of stored uploads by the SHA-256 of their content, which is their document's id."""
        found: dict[object, str] = {}
        for path in sorted(self._uploads_dir.glob("*/*")):
            found[sha256_of(path)] = UPLOAD + path.name
        return found

    # What is lost

    def _name_the_lost(self, broken: dict[object, Values], whole: set[object]) -> None:
        """Fill ``lost``, with names from damaged rows, from the indexes over their table, or from their sources."""
        names: dict[object, object] = {number: values.get("name") for number, values in broken.items()}
        ids: dict[object, object] = {number: values.get("id") for number, values in broken.items()}
        for known, index in ((names, "documents_name"), (ids, "sqlite_autoindex_documents_1")):
            for entry in self._remains.index(index):
                if len(entry) == 2 and entry[1] not in whole and not known.get(entry[1]):
                    known[entry[1]] = entry[0]
        named = {ids.get(number) or number: name for number, name in names.items()}
        unnamed = {*ids.values(), *self._sources, *self._chunks} - {None}
        for key in [*named, *sorted(unnamed - set(named), key=str)]:
            if key in self._ids or key in self._removed:
                continue
            rows = self._sources[key]
            sources = [str(row["source"]) for row in rows] or [self._uploads.get(key, "")]
            name = named.get(key) or next((row["name"] for row in rows), "")
            self.lost.append(Lost(str(name), tuple(filter(None, sources))))
