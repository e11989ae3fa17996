"""The documents that a question asks about, as a search uses them: alone where they are sure, else preferred."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.facets import DocumentChoice, Facets
from index.analyzer import analyze
from index.search.by_facets import documents_asked_about
from index.search.filters import ResolvedFilter, documents_in
from index.search.fusion import Candidates
from index.search.question_names import Names
from index.store import stored_facets
from index.store.statements import current_generation


@dataclass(frozen=True, slots=True)
class _Known:
    """What the documents are and what they are called, by id, at a generation of the library."""

    generation: int
    facets: Mapping[str, Facets]
    names: Mapping[str, str]
    whose: Names


class DocumentChooser:
    """Chooses documents of one library; what they are is read once for each state of it."""

    def __init__(self) -> None:
        self._known: _Known | None = None

    def choose(self, db: sqlite3.Connection, question: str, resolved: ResolvedFilter | None) -> DocumentChoice | None:
        """The documents among those of the filter that a question asks about; None where that says nothing."""
        known = self._read(db)
        facets, whose = known.facets, known.whose
        if resolved is not None:
            kept = documents_in(db, resolved)
            facets = {key: of for key, of in facets.items() if key in kept}
            whose = Names(facets)
        if len(facets) < 2:
            return None
        choice = documents_asked_about(
            question, facets, names=known.names, known=lambda word: _has(db, word), whose=whose
        )
        if choice is None or (len(choice.document_ids) == len(facets) and not choice.said):
            return None
        return choice

    def _read(self, db: sqlite3.Connection) -> _Known:
        generation = current_generation(db)
        known = self._known
        if known is None or known.generation != generation:
            names = {str(row[0]): str(row[1]) for row in db.execute("SELECT id, name FROM documents")}
            facets = stored_facets.load(db)
            known = self._known = _Known(generation, facets, names, Names(facets))
        return known


def narrowed(db: sqlite3.Connection, resolved: ResolvedFilter | None, choice: DocumentChoice) -> ResolvedFilter | None:
    """The part of a filter that is in the chosen documents; the filter itself where they have no text in it."""
    rows = db.execute(
        "SELECT id FROM chunks WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(choice.document_ids),),
    )
    chunks = np.fromiter((row[0] for row in rows), dtype=np.int64)
    if resolved is not None:
        chunks = np.intersect1d(chunks, resolved.chunks)
    if not chunks.size:
        return resolved
    numbers = db.execute(
        "SELECT number FROM documents WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(choice.document_ids),)
    )
    return ResolvedFilter(chunks, tuple(int(row[0]) for row in numbers), resolved.pages if resolved else None)


def preferring(db: sqlite3.Connection, candidates: Candidates, choice: DocumentChoice, weight: float) -> Candidates:
    """The candidates with the scores of chunks of other documents multiplied by ``weight``."""
    rows = db.execute(
        "SELECT id FROM chunks WHERE id IN (SELECT value FROM json_each(?1))"
        " AND document_id IN (SELECT value FROM json_each(?2))",
        (json.dumps(list(candidates.fused)), json.dumps(choice.document_ids)),
    )
    chosen = {int(row[0]) for row in rows}
    fused = {key: score if key in chosen else score * weight for key, score in candidates.fused.items()}
    return replace(candidates, fused=fused)


def _has(db: sqlite3.Connection, word: str) -> bool:
    """Whether some chunk has a word."""
    terms = analyze(word)
    return bool(terms) and all(db.execute("SELECT 1 FROM terms WHERE term = ?", (term,)).fetchone() for term in terms)
