"""Rows of tables ranked for a question by their label, the headings they stand under, their title and column names.

A row says little, and says it in the words of its trade: what counts is how much of the question it holds, how much of
its label is asked for, and how near the embedder finds both.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from core.protocols import Embedder
from core.tables import Cell, Row, Table
from index.analyzer import FUNCTION_WORDS, analyze
from index.of_documents import OfDocuments
from index.relatedness import relatedness
from index.search.moments import moments
from index.search.question_words import without_question_words
from index.table_names import column_line

FIELDS: Mapping[str, float] = {"label": 1.0, "group": 0.8, "words": 0.8, "title": 0.5, "columns": 0.5}
"""What a word of the question counts for that stands in this part of a row; "words" are its cells without a figure."""

NEARNESS, HELD, ASKED = 1.0, 1.0, 0.5
"""Weights of the embedder's nearness, of the question's share that a row holds, of the label's share that is asked."""

SHORT_LABEL = 0.15
"""The part of the rarest word that is added to a label's words: "Total" in full says less than "Total net sales"."""

NAMED_LEAST, MOST_NAMED, RARE, LONG_NUMBER = 0.2, 3, 0.4, 4
"""A row is told by its name where it alone, or one of as many, holds most of the question's words: one with as many
digits, or two that are rare (of the rarest's weight this part) and this share of all by their rarity."""

EMBEDDED = 24
"""Rows of a document, the best by their words, that the embedder compares with the question."""

VECTORS_KEPT = 20_000
"""Vectors of rows that a ranker remembers."""

_SHORT = re.compile(r"\b[A-Z][A-Z&]{1,5}\b")
_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_SHORT = 6


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A row of a table of a document; ``score`` is higher for rows that fit better.

    ``held`` is the share of the question's words, by their rarity, that the row, its title and its columns hold,
    ``asked`` the share of its label's words that the question holds, both 0..1. ``nearness`` is the embedder's, 0 for
    unrelated and 1 for the same; 0 where it was not asked.
    """

    document_id: str
    table: Table
    row: Row
    score: float
    held: float = 0.0
    asked: float = 0.0
    nearness: float = 0.0


@dataclass(frozen=True, slots=True)
class RowTerms:
    """A row with the terms of its parts (`FIELDS`), and the text that the embedder reads of it. ``name`` are those of
    its label but for what stands in brackets."""

    document_id: str
    table: Table
    row: Row
    text: str
    fields: Mapping[str, frozenset[str]]
    name: frozenset[str]

    @property
    def own(self) -> frozenset[str]:
        """The terms of the row itself, without those of its title and columns."""
        return self.fields["label"] | self.fields["group"] | self.fields["words"]


class RowVectors:
    """Vectors of the texts of rows, the last `VECTORS_KEPT` of them."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, dimension)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self.embedder.embed_passages(new), strict=True))
        found = np.array([self._known[text] for text in texts], dtype=np.float32)
        while len(self._known) > VECTORS_KEPT:
            self._known.popitem(last=False)
        return found


class RowRanker:
    """Ranks the rows of tables, given by their documents' ids."""

    def __init__(self, tables: Mapping[str, Sequence[Table]], vectors: RowVectors | Embedder) -> None:
        self._vectors = vectors if isinstance(vectors, RowVectors) else RowVectors(vectors)
        self.rows = [row for key, found in tables.items() for row in rows_of(key, tuple(found))]
        spread = Counter(term for row in self.rows for term in frozenset().union(*row.fields.values()))
        self._rarity = {term: log(1 + len(self.rows) / count) for term, count in spread.items()}
        self._rarest = log(1 + len(self.rows))

    def rank(self, question: str, *, by_words: bool = False) -> list[RankedRow]:
        """All rows, the best first; ``by_words`` alone, without the embedder, takes some milliseconds."""
        if not self.rows:
            return []
        nearness, held, asked = self.signs(question, by_words=by_words)
        scores = NEARNESS * nearness + HELD * held + ASKED * asked
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        return [
            RankedRow(
                self.rows[at].document_id,
                self.rows[at].table,
                self.rows[at].row,
                float(scores[at]),
                float(held[at]),
                float(asked[at]),
                float(nearness[at]),
            )
            for at in order
        ]

    def cells(self) -> list[list[Cell]]:
        """The cells of each row, in the order of ``signs``."""
        return [[cell for cell in row.table.cells if row.table.rows[cell.row] is row.row] for row in self.rows]

    def signs(
        self, question: str, *, by_words: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """For each row, shapes (rows,): the embedder's nearness, 0 and up; the share of the question's words, by their
        rarity, that the row holds; and the share of its label's words that the question holds, both 0..1."""
        wanted = question_terms(question)
        held = np.array([self._held(row, wanted) for row in self.rows], dtype=np.float32)
        asked = np.array([self._asked(row, wanted) for row in self.rows], dtype=np.float32)
        nearness = np.zeros(len(self.rows), dtype=np.float32)
        best = self._best_of_each(HELD * held + ASKED * asked)
        if len(best) and not by_words:
            embedder = self._vectors.embedder
            vectors = self._vectors.of([self.rows[at].text for at in best])
            cosines = (vectors @ embedder.embed_question(question)).astype(np.float32)
            nearness[best] = np.clip(relatedness(cosines, embedder, "passages"), 0, None)
        return nearness, held, asked

    def _best_of_each(self, scores: NDArray[np.float32]) -> list[int]:
        """The rows of each document with the best scores, `EMBEDDED` of a few documents and fewer of many."""
        of: dict[str, list[int]] = {}
        for at in np.argsort(-scores, kind="stable"):
            of.setdefault(self.rows[at].document_id, []).append(int(at))
        each = max(EMBEDDED // max(1, len(of) // 4), 4)
        return [at for rows in of.values() for at in rows[:each]]

    def _held(self, row: RowTerms, wanted: frozenset[str]) -> float:
        whole = sum(self._rarity.get(term, self._rarest) for term in wanted)
        best = (
            max(FIELDS[name] * (term in terms) for name, terms in row.fields.items()) * self._rarity[term]
            for term in wanted
            if term in self._rarity
        )
        return sum(best) / whole if whole else 0.0

    def named(self, terms: frozenset[str]) -> list[tuple[RankedRow, frozenset[str]]]:
        """The rows, at most `MOST_NAMED`, that a question of these ``terms`` tells from all others by a name, a number
        or a date, each with the terms by which it does; [] where there are none."""
        whole = sum(self._rarity.get(term, self._rarest) for term in terms)
        known = terms & self._rarity.keys()
        masses = [sum(self._rarity[term] for term in known & row.own) for row in self.rows]
        best = max(masses, default=0.0)
        first = [row for row, mass in zip(self.rows, masses, strict=True) if mass and mass > best - 1e-9]
        if not 0 < len(first) <= MOST_NAMED or not all(self._tells(terms & row.own, best / whole) for row in first):
            return []
        share = best / whole
        return [(RankedRow(row.document_id, row.table, row.row, share, share), terms & row.own) for row in first]

    def _tells(self, terms: frozenset[str], share: float) -> bool:
        rare = [term for term in terms if self._rarity[term] > RARE * self._rarest]
        has_number = any(sum(map(str.isdigit, term)) >= LONG_NUMBER for term in rare)
        return has_number or (len(rare) > 1 and share >= NAMED_LEAST)

    def _asked(self, row: RowTerms, wanted: frozenset[str]) -> float:
        label = row.name
        if not label:
            return 0.0
        if any(term.startswith(_MARK) for term in row.fields["label"] & wanted):
            return 1.0
        whole = sum(self._rarity[term] for term in label) + SHORT_LABEL * self._rarest
        return sum(self._rarity[term] for term in label & wanted) / whole


def question_terms(question: str) -> frozenset[str]:
    """The terms of a question but for its question words and other function words; an abbreviation as one term."""
    plain = _SHORT.sub(" ", question)
    found = set(analyze(without_question_words(plain))) - FUNCTION_WORDS
    found |= {_MARK + short.replace("&", "").lower() for short in _SHORT.findall(question)}
    found |= {term for short in _SHORT.findall(question) if "&" not in short for term in analyze(short)}
    return frozenset(found or analyze(question))


_rows = OfDocuments[list[RowTerms]]()


def rows_of(document_id: str, tables: tuple[Table, ...]) -> list[RowTerms]:
    """The rows of a document's tables that have a cell."""
    return _rows.of(document_id, tables, lambda: [row for table in tables for row in _of(document_id, table)])


def _of(document_id: str, table: Table) -> list[RowTerms]:
    shared = {"title": frozenset(analyze(table.title)), "columns": frozenset(analyze(column_line(table)))}
    filled = {cell.row for cell in table.cells}
    words: dict[int, list[str]] = {}
    for cell in table.cells:
        if cell.number is None or _NUMBER_OF.fullmatch(cell.text):
            words.setdefault(cell.row, []).append(cell.text)
    found = []
    for number, row in enumerate(table.rows):
        if number in filled:
            label = row.path[-1] if row.path else ""
            told = " ".join(words.get(number, ()))
            fields = {
                "label": frozenset(analyze(label)) - FUNCTION_WORDS | initials(label),
                "group": frozenset(analyze(" ".join(row.path[:-1]))),
                "words": frozenset(analyze(told)) | moments(f"{label} {told}"),
                **shared,
            }
            name = " ".join(row.path[-1:] if len(label.split()) > 1 else row.path[-2:])
            text = name or f"{told[:80]} {table.title}".strip()
            names = frozenset(analyze(_BRACKETS.sub(" ", label)) or analyze(label)) - FUNCTION_WORDS
            found.append(RowTerms(document_id, table, row, text, fields, names))
    return found


_NUMBER_OF = re.compile(r"(?!(?:19|20)\d\d$)\d{3,}")
"""A cell that may be the number of something: without a sign of thousands or decimals, and no year."""

_MARK = "&"
"""What the term of an abbreviation begins with: "R&D" and "Research and development" are both "&rd"."""


@lru_cache(maxsize=2**16)
def initials(label: str) -> frozenset[str]:
    """The abbreviations that the words of a label may have, function words left out."""
    letters = [word[0].lower() for word in _WORD.findall(label) if word.lower() not in FUNCTION_WORDS]
    return frozenset(
        _MARK + "".join(letters[first:last])
        for first in range(len(letters))
        for last in range(first + 2, min(len(letters), first + _LONGEST_SHORT) + 1)
    )
