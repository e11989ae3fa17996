"""Documents of one small table for tests, and an embedder that leaves everything to the words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.figures.scope import Scope
from core.types import Document
from ingest.document_builder import DocumentBuilder
from ingest.tables.raw import RawCell, RawRow, RawTable


class WordsAlone:
    """An embedder to which nothing is near."""

    name = "none"
    dimension = 2
    window = 100

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 2), dtype=np.float32)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        return np.zeros(2, dtype=np.float32)


def drawn(
    columns: Sequence[str], lines: Sequence[str], *, note: str = "", title: str = "", key: str = "report"
) -> Document:
    """A document of one table: columns as "Widest head > name", lines as "Group > Label | cell | cell"."""
    builder = DocumentBuilder(f"{key}.txt")
    rows = []
    for line in lines:
        label, *cells = line.split(" | ")
        start = builder.write(line, "\n")
        at = start + len(label) + 3
        found = []
        for column, cell in enumerate(cells):
            if cell:
                found.append(RawCell(column, at, at + len(cell)))
            at += len(cell) + 3
        rows.append(RawRow(tuple(label.split(" > ")), start, start + len(line), tuple(found)))
    paths = tuple(tuple(column.split(" > ")) for column in columns)
    builder.table(RawTable(title, paths, tuple(rows), 0, builder.length, (note,)))
    return builder.finish(key)


def scope(*documents: Document) -> Scope:
    return Scope({document.id: document.tables for document in documents})
