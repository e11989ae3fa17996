"""Rows of tables ranked for a question by their label, the headings they stand under, their title and column names.

A row says little, and says it in the words of its trade: what counts is how much of the question it holds, how much of
its label is asked for, and how near the embedder finds both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from core.tables import Cell, Row, Table
from index.analyzer import analyze
from index.relatedness import relatedness
from index.search.question_words import without_question_words
from index.table_names import column_line
from ingest.document_builder import PATH_SIGN

FIELDS: Mapping[str, float] = {"label": 1.0, "group": 0.7, "title": 0.5, "columns": 0.3}
"""What a word of the question counts for that stands in this part of a row."""

NEARNESS, HELD, ASKED = 1.0, 1.0, 0.5
"""Weights of the embedder's nearness, of the question's share that a row holds, of the label's share that is asked."""


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A row of a table of a document; ``score`` is higher for rows that fit better."""

    document_id: str
    table: Table
    row: Row
    score: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    document_id: str
    table: Table
    row: Row
    text: str
    fields: Mapping[str, frozenset[str]]


class RowRanker:
    """Ranks the rows of tables, given by their documents' ids."""

    def __init__(self, tables: Mapping[str, Sequence[Table]], embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows = [candidate for key, found in tables.items() for table in found for candidate in _of(key, table)]
        spread = Counter(term for row in self._rows for term in frozenset().union(*row.fields.values()))
        self._rarity = {term: log(1 + len(self._rows) / count) for term, count in spread.items()}
        texts = list(dict.fromkeys(row.text for row in self._rows))
        known = dict(zip(texts, embedder.embed_passages(texts), strict=True)) if texts else {}
        self._vectors = np.array([known[row.text] for row in self._rows], dtype=np.float32)

    def rank(self, question: str) -> list[RankedRow]:
        """All rows, the best first."""
        if not self._rows:
            return []
        nearness, held, asked = self.signs(question)
        scores = NEARNESS * nearness + HELD * held + ASKED * asked
        order = np.argsort(-scores, kind="stable")
        return [
            RankedRow(self._rows[at].document_id, self._rows[at].table, self._rows[at].row, float(scores[at]))
            for at in order
        ]

    def cells(self) -> list[list[Cell]]:
        """The cells of each row, in the order of ``signs``."""
        return [[cell for cell in row.table.cells if row.table.rows[cell.row] is row.row] for row in self._rows]

    def signs(self, question: str) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """For each row, shapes (rows,): the embedder's nearness, 0 and up; the share of the question's words, by their
        rarity, that the row holds; and the share of its label's words that the question holds, both 0..1."""
        wanted = set(analyze(without_question_words(question)) or analyze(question))
        cosines = self._vectors @ self._embedder.embed_question(question)
        nearness = relatedness(cosines.astype(np.float32), self._embedder, "question")
        held = np.array([self._held(row, wanted) for row in self._rows], dtype=np.float32)
        asked = np.array([self._asked(row, wanted) for row in self._rows], dtype=np.float32)
        return nearness, held, asked

    def _held(self, row: _Candidate, wanted: set[str]) -> float:
        known = {term: self._rarity[term] for term in wanted if term in self._rarity}
        whole = sum(known.values())
        best = {term: max(FIELDS[name] * (term in terms) for name, terms in row.fields.items()) for term in known}
        return sum(best[term] * weight for term, weight in known.items()) / whole if whole else 0.0

    def _asked(self, row: _Candidate, wanted: set[str]) -> float:
        label = row.fields["label"]
        whole = sum(self._rarity[term] for term in label)
        return sum(self._rarity[term] for term in label & wanted) / whole if whole else 0.0


def _of(document_id: str, table: Table) -> list[_Candidate]:
    """The rows of a table that hold a figure."""
    columns = column_line(table)
    shared = {"title": frozenset(analyze(table.title)), "columns": frozenset(analyze(columns))}
    with_figures = {cell.row for cell in table.cells if cell.number is not None}
    return [
        _Candidate(
            document_id,
            table,
            row,
            PATH_SIGN.join(filter(None, (table.title, *row.path))),
            {
                "label": frozenset(analyze(row.path[-1]) if row.path else ()),
                "group": frozenset(analyze(" ".join(row.path[:-1]))),
                **shared,
            },
        )
        for number, row in enumerate(table.rows)
        if number in with_figures
    ]
