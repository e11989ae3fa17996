"""What could be asked of a library's documents to start with; each is tried before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.answer.writing import generate_text
from core.messages import _
from core.types import Citation, Locator, Sampling
from prompts.fit import fit
from prompts.render import HERE, read_template

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from core.protocols import ChatEngine
    from core.tables import Cell, Table
    from core.types import Document
    from index.store.library import Library
    from index.store.records import DocumentRecord

DOCUMENTS = 6
"""The documents added last that are asked about."""

CELLS = 2
"""Of a document that are asked for."""

LONGEST_NAME = 48
"""Characters of a row's or a column's name, or of a title, that fit into a question."""

SHORTEST, LONGEST = 300, 1400
"""Characters of a passage that a model writes a question of."""

QUESTION_TOKENS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question whose answer is expected from ``start``..``end`` of a document; from all of it where both are 0."""

    question: str
    document_id: str
    start: int = 0
    end: int = 0


def candidates(library: Library, write: Callable[[Citation], str] | None) -> Iterator[Candidate]:
    """Questions about the documents added last, those first that say most of what can be asked, each way in turns.

    ``write`` lets a model that reads write a question of a passage; without one they are made of cells of tables and of
    names.
    """
    records = library.documents()
    latest = sorted(records, key=lambda record: record.added_at, reverse=True)[:DOCUMENTS]
    documents = {record.id: library.document(record.id) for record in latest}
    ways = [
        *([(one for it in latest for one in of_passages(documents[it.id], write))] if write else []),
        (one for it in latest for one in islice(of_cells(documents[it.id]), CELLS)),
        of_whole(latest),
    ]
    return (one for one in chain.from_iterable(zip_longest(*ways)) if one)


def of_passages(document: Document, write: Callable[[Citation], str]) -> Iterator[Candidate]:
    """A question of the passage with the most figures and names."""
    passages = [(start, end) for start, end in paragraphs(document.text) if SHORTEST <= end - start <= LONGEST]
    if not passages:
        return
    start, end = max(passages, key=lambda span: _telling(document.text[slice(*span)]))
    quote = document.text[start:end]
    question = write(Citation(document.id, document.name, Locator(None, ""), quote, start, end, 1.0))
    if question.endswith(("?", "؟", "？")):
        yield Candidate(question, document.id, start, end)


def question_of(passage: Citation, engine: ChatEngine, cancel: threading.Event) -> str:
    """What the model asks of a passage. Raises what the engine raises."""
    template = read_template(HERE / "starter.yaml", "direct")
    asked = "One question that this passage answers"
    fitted = fit(template, asked, (passage,), (), engine.window, QUESTION_TOKENS, engine)
    sampling = Sampling(max_tokens=fitted.tokens["answer"], shape=template.shape)
    return generate_text(engine, fitted.messages, sampling, cancel).strip()


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """The spans of text between empty lines."""
    at = 0
    for part in text.split("\n\n"):
        yield at, at + len(part)
        at += len(part) + 2


def _telling(text: str) -> float:
    """The share of words that begin with a capital or a digit."""
    words = text.split()
    return sum(word[:1].isupper() or word[:1].isdigit() for word in words) / max(1, len(words))


def of_cells(document: Document) -> Iterator[Candidate]:
    """What a cell of a table says, where its row and its column have names and it holds a figure."""
    for table in document.tables:
        for cell in table.cells:
            if cell.number is not None and (names := _names_of(cell, table)):
                question = _("What is “{row}” in “{column}”?", row=names[0], column=names[1])
                yield Candidate(question, document.id, cell.start, cell.end)


def _names_of(cell: Cell, table: Table) -> tuple[str, str] | None:
    row, column = table.rows[cell.row].path, table.columns[cell.column].path
    if not row or not column:
        return None
    names = " ".join(row[-1].split()), " ".join(" ".join(column).split())
    fits = all(len(name) <= LONGEST_NAME and any(map(str.isalnum, name)) for name in names)
    return names if fits and any(map(str.isalpha, names[0])) else None


def of_whole(records: Sequence[DocumentRecord]) -> Iterator[Candidate]:
    """What a document is about, which its summary answers."""
    for record in records:
        title = " ".join(record.title.split())
        usable = 0 < len(title) <= LONGEST_NAME and any(map(str.isalpha, title))
        yield Candidate(_("What is “{title}” about?", title=title if usable else PurePath(record.name).name), record.id)
