"""The figures of a document's tables that a reader asks for first: revenue and net income, what is due, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import regex
import yaml

from app.answer.citations import cite
from app.figures.cells import FoundCell, cells_of_row, latest, of_own_period
from app.figures.wording import cell_text, column_name, item_name
from app.summarize.reading import as_sentence
from core.facets import Facets
from core.tables import Row, Table
from core.types import AnswerSentence, Document
from index.analyzer import analyze

CONCEPTS = Path(__file__).with_name("concepts.yaml")
MOST_TOTALS = 3
"""Bare totals that are shown, or first rows where there is none."""

MOST_FIGURES = 8
"""Most key figures of tables and rows."""

MOST_CELLS = 4
"""Cells of a row that are told in one sentence, where its columns are no periods."""

_BRACKETS = regex.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of a table that is called as a concept, by the concept's place in the file."""

    concept: int
    table: Table
    row: Row


def _key_figures(document: Document, facets: Facets) -> list[AnswerSentence]:
    """A sentence for each of the figures that is found, cited in its row; in the order of the concepts.

    Bare totals, the last concept, stand for a document that has none of the others. Of several rows
    of one name that in the table with most of the others is taken, then the first.
    """
    rows = _key_rows(document)
    together = Counter(id(row.table) for row in {(one.concept, id(one.table)): one for one in rows}.values())
    found: dict[int, AnswerSentence] = {}
    last = len(_concepts()) - 1
    for row in sorted(rows, key=lambda one: (one.concept, -together[id(one.table)], one.row.start)):
        if row.concept not in found and row.concept != last and (told := _told(document, row, facets)):
            found[row.concept] = told
    if not found:
        totals = (told for row in rows if row.concept == last and (told := _told(document, row, facets)))
        return list(islice(totals, MOST_TOTALS)) or _first_rows(document, facets)
    return list(found.values())


def _first_rows(document: Document, facets: Facets) -> list[AnswerSentence]:
    """The first rows with figures of the first table that has some: of technical data, a price list."""
    for table in document.tables:
        rows = (told for row in table.rows if row.path and (told := _told(document, KeyRow(-1, table, row), facets)))
        if first := list(islice(rows, MOST_TOTALS)):
            return first
    return []


def _key_rows(document: Document) -> list[KeyRow]:
    names = _concepts()
    return [
        KeyRow(concept, table, row)
        for table in document.tables
        for row in table.rows
        if row.path and (label := _terms(row.path[-1]))
        for concept, known in enumerate(names)
        if label in known
    ]


def _told(document: Document, key: KeyRow, facets: Facets) -> AnswerSentence | None:
    """ "Total net sales, Three Months Ended June 25, 2022: $82,959 million"; None for a row without figures."""
    cells = cells_of_row(document.id, key.table, key.row, "", frozenset())
    cells = [one for one in cells if one.cell.number is not None]
    own = of_own_period(cells, facets.period.days if facets.period else None, 0)
    chosen = own[:1] or latest(cells, 0)[:MOST_CELLS]
    if not chosen:
        return None
    item = item_name(key.row.path[-1:])
    said = "; ".join(_cell_words(one) for one in chosen)
    return AnswerSentence(f"{item}: {said}", (cite(document, key.row.start, key.row.end),))


def _cell_words(one: FoundCell) -> str:
    column = column_name(one)
    return f"{cell_text(one)} ({column})" if column else cell_text(one)


@cache
def _concepts() -> list[frozenset[frozenset[str]]]:
    names = yaml.safe_load(CONCEPTS.read_text("utf-8"))
    return [frozenset(_terms(name) for name in group) for group in names]


def _terms(label: str) -> frozenset[str]:
    """The terms of a label without what stands in brackets."""
    return frozenset(analyze(_BRACKETS.sub(" ", label)))


def _called_rows(document: Document) -> Iterator[AnswerSentence]:
    """Rows whose first cell that is not blank is called as a concept: of files whose tables are rows of their text."""
    known: frozenset[frozenset[str]] = frozenset().union(*_concepts())
    start = 0
    for line in document.text.splitlines(keepends=True):
        cells = [cell.strip() for cell in line.split(" | ")]
        first = next(filter(None, cells), "")
        if len(cells) > 1 and _terms(first) in known and any(map(str.isdigit, line)):
            yield _row_sentence(document, start, start + len(line.rstrip()))
        start += len(line)


def _row_sentence(document: Document, start: int, end: int) -> AnswerSentence:
    """A row, cited, with the names of its columns where they are known."""
    start += len(document.text[start:end]) - len(document.text[start:end].lstrip(" |"))
    return AnswerSentence(as_sentence(document, start, document.text[start:end]), (cite(document, start, end),))


def figures_of(document: Document, facets: Facets) -> list[AnswerSentence]:
    """The first key figures of a document, of its rows and of its tables."""
    called = islice(_called_rows(document), MOST_FIGURES)
    found = {one.citations[0].start: one for one in (*called, *_key_figures(document, facets))}
    return list(found.values())[:MOST_FIGURES]
