"""Every document of a library looked at for what a question asks of documents: a row for each that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answer.rules.text_features import content_words
from app.figures.periods import asked_periods
from app.library_table.asked import DocumentsAsked
from core.facets import Facets
from core.tables import Period
from index.analyzer import analyze
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.store.library import Library

FEWEST_OF_KIND = 2
"""Documents from which a word is their kind: "Which pump was serviced?" asks for no documents where one is of pumps."""

LONGEST_KIND = 5
"""Words of a title that names a kind; a longer one is a sentence."""

CELLS = " | "
"""What stands between the cells of a row: a table without a title is of no kind."""

SENTENCE = 5
"""Words from which on a line is more than a heading."""

_BLOCK = re.compile(r"\S.*?(?=\n\s*\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document that says what was asked for, in ``text[start:end]``."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """The documents that say it, by name, and of how many: ``looked_at`` of the library's documents were read."""

    rows: tuple[DocumentRow, ...]
    looked_at: int
    is_count: bool = False


def document_rows(asked: DocumentsAsked, library: Library) -> DocumentRows | None:
    """The documents of a library that a question asks for; None where it names no kind or name that one of them has."""
    facets = library.all_facets()
    ids = [one.id for one in sorted(library.documents(), key=lambda one: one.name.casefold())]
    if asked.whose:
        rows = [row for key in ids if key in facets and (row := _from_whom(key, facets[key], asked.whose))]
        return DocumentRows(tuple(rows), len(ids)) if rows else None
    if asked.kind:
        kind = frozenset(analyze(asked.kind))
        ids = [key for key in ids if key in facets and _is_kind(facets[key], kind)]
        if len(ids) < FEWEST_OF_KIND:
            return None
    rows = [row for key in ids if (row := _saying(key, library.text(key), asked))]
    if not rows and not asked.is_mention:
        return None  # it may ask for something that a document says
    return DocumentRows(tuple(rows), len(ids), asked.is_count)


def _is_kind(facets: Facets, kind: frozenset[str]) -> bool:
    named = (one.value for one in facets.of("kind") if CELLS not in one.value)
    return any(kind <= frozenset(analyze(value)) for value in named if len(value.split()) <= LONGEST_KIND)


def _from_whom(document_id: str, facets: Facets, whose: str) -> DocumentRow | None:
    """The words in which a document names one whose it is."""
    wanted = content_words(whose)
    for one in (*facets.of("organisation"), *facets.of("person")):
        called = (one.value, *one.aliases)
        if wanted and any(wanted <= content_words(name) for name in called) and not one.given:
            return DocumentRow(document_id, one.start, one.end)
    return None


def _saying(document_id: str, text: str, asked: DocumentsAsked) -> DocumentRow | None:
    """The first sentence of a document that says all that is asked for, else the first heading."""
    heading = None
    for start, end in _near(text, asked.words):
        said = text[start:end]
        if asked.words <= content_words(said) and (asked.days is None or _names_day_of(said, asked.days)):
            if len(said.split()) >= SENTENCE:
                return DocumentRow(document_id, start, end)
            heading = heading or DocumentRow(document_id, start, end)
    return heading


def _near(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The sentences of the stretches of a text, between blank lines, that may hold all of some stems."""
    begins = [word[: max(2, len(word) - 1)] for word in words]
    for block in _BLOCK.finditer(text):
        small = block[0].casefold()
        if all(begin in small for begin in begins):
            for start, end in sentence_spans(block[0]):
                yield block.start() + start, block.start() + end


def _names_day_of(text: str, days: Period) -> bool:
    """Whether a text names a day, a month or a year that lies within some days."""
    first = days.start or days.end
    found = (one.days for one in asked_periods(text).periods)
    return any(first <= (one.start or one.end) and one.end <= days.end for one in found)
