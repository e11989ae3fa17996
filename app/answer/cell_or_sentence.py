"""Whether a sentence of the passages found tells what was asked for better than a cell of a table does.

Both are measured by the question's own words: those that name the cell (its row, column, table and document) against
those of a sentence that stands outside of tables, with what its document and its headings are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from app.answer.retrieval import RetrievedPassages
from app.answer.rules.text_features import content_words
from app.figures.cells import FoundCell, shortened
from app.figures.found import FiguresFound
from core.types import Document, Passage
from index.table_names import rows_within
from ingest.sentences import sentence_spans

LOOKED_AT = 5
"""Passages, the best ones, whose sentences are compared."""


Telling = Literal["cell", "sentence", "both"]
"""What tells best what was asked for; "both": a sentence does, and of the cells it is open which one is meant."""


def told_by(asked: str, found: FiguresFound, retrieved: RetrievedPassages) -> Telling:
    """What says every word of a question: "the deposit for the boathouse" is told by its lease, and not by the row of
    its rent. Where the cells are called all of it, and nothing in the question tells one of several columns of the
    row, a sentence that says all as well goes before them.

    A sentence of the cells' own document tells it only in that last case: reports repeat the words of their tables.
    """
    wanted = content_words(asked)
    if not wanted or not found.cells:
        return "cell"
    is_called = wanted <= _called(found.cells, retrieved.documents)
    if is_called and (found.result or any(_is_column_told(one, asked) for one in found.cells)):
        return "cell"
    own = {one.document_id for one in found.cells}
    has_figure = any(one.cell.number is not None for one in found.cells)
    is_told = any(
        wanted <= words
        for passage in retrieved.readable[:LOOKED_AT]
        if is_called or passage.document_id not in own
        for words in _sentences(passage, retrieved.documents, wanted, has_figure=has_figure)
    )
    return "cell" if not is_told else "both" if is_called else "sentence"


def without_tables_of(found: FiguresFound, retrieved: RetrievedPassages) -> RetrievedPassages:
    """What was retrieved, without the passages that hold little but the rows of the cells' tables."""
    tables = {(one.document_id, one.table.start, one.table.end) for one in found.cells}

    def is_left(passage: Passage) -> bool:
        inside = (
            min(end, passage.end) - max(start, passage.start)
            for key, start, end in tables
            if key == passage.document_id
        )
        return max(inside, default=0) <= len(passage.text) / 2

    return replace(retrieved, readable=tuple(filter(is_left, retrieved.readable)))


def _called(cells: Sequence[FoundCell], documents: Mapping[str, Document]) -> set[str]:
    """The words that name cells: of their rows, columns, tables and documents."""
    named = (" ".join((*one.row, *one.named, *one.column.path, one.table.title)) for one in cells)
    files = (documents[one.document_id].name for one in cells if one.document_id in documents)
    return {word for text in (*named, *files) for word in content_words(text)}


def _is_column_told(one: FoundCell, asked: str) -> bool:
    """Whether a cell's column is told by the question, by its words or its period, or is the only one of its row."""
    others = [cell for cell in one.table.cells if cell.row == one.cell.row and cell.number is not None]
    if one.period or len(others) < 2:
        return True
    return bool(
        content_words(" ".join(one.column.path)) & content_words(asked) or shortened(one.column.path, asked.split())
    )


def _sentences(
    passage: Passage, documents: Mapping[str, Document], wanted: set[str], *, has_figure: bool
) -> Iterator[set[str]]:
    """The words of each sentence of a passage that stands outside of tables and says some of what is ``wanted``, with
    those of its headings and its document's name; ``has_figure`` wants a figure in it."""
    document = documents.get(passage.document_id)
    tables = document.tables if document else ()
    about = content_words(" ".join((passage.title, passage.file, *passage.headings)))
    for start, end in sentence_spans(passage.text):
        text = passage.text[start:end]
        words = content_words(text)
        if not words & wanted or (has_figure and not any(map(str.isdigit, text))):
            continue
        if rows_within(tables, passage.start + start, passage.start + end) is None:
            yield words | about
