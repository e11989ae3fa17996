"""Where a question asks for something over all rows of a table: its answer by a query, each row cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.draft import Draft
from app.answer.evidence import Evidence
from app.answer.figures_answer import vectors_of
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services
from app.answer.verdict import Verdict
from app.table_query.linking import LinkIndex
from app.table_query.nearness import Nearest
from app.table_query.plain import Planned, plan
from app.table_query.relation import relations_of
from app.table_query.run import MOST_CITED, TableAnswer, run_planned
from app.table_query.wording import Wording, read_wording
from app.table_query.written import answer_of, write_query
from core.table_results import TableResult
from core.types import AnswerSentence, Citation, Document, Step
from index.of_documents import OfDocuments
from index.table_names import column_line
from ingest.locate import locate

if TYPE_CHECKING:
    from index.store.library import Library

MOST_CHARACTERS = 1_000_000
"""Characters of the documents with tables up to which those of all are asked; of more those of the passages found:
twenty long reports would have to be loaded for each question."""

LEAST_COVERED, LEAST_ALONE = 0.6, 0.3
"""The share of a question's telling words that a query must account for, over several documents and over a single one
that the person named and that holds little but tables."""

LEAST_LOOKED_UP = 0.75
"""The same for a query that computes nothing: passages answer such a question as well."""

SURE = 0.5
"""The share of a question's words that a plain query accounts for, from which on no model is asked for one."""

PASSAGE_BONUS = 0.1
"""What a table gains whose document has the best passage."""

MOST_TRIED = 3
"""Queries, the best ones, that are run until one has a value."""

MOST_ROWS = 1000
"""Rows of a result that are kept with an answer."""


@dataclass(frozen=True, slots=True)
class TableFound:
    """The answer of a table, and the document that it is of; ``is_alone`` where the person named that document."""

    answer: TableAnswer
    document: Document
    covered: float
    is_alone: bool = False

    @property
    def comes_first(self) -> bool:
        """Whether it is answered so before single figures are looked for."""
        return self.is_alone or self.computes

    @property
    def computes(self) -> bool:
        """Whether something is computed over rows, and not only looked up in them."""
        query = self.answer.query
        return query is None or query.function != "list" or bool(query.limit)


def table_answer_for(question: Question, retrieved: RetrievedPassages, services: Services) -> TableFound | None:
    """What a question asks of whole tables of the documents that it concerns; None where it asks nothing of them, or
    its words are not all accounted for."""
    if question.mode not in (None, "direct"):
        return None
    wording = read_wording(question.search_text)
    if not wording.tokens:
        return None
    documents = _documents(question, retrieved, services.library)
    alone = question.within is not None and len(documents) == 1 and all(map(_is_tables, documents.values()))
    plans = _plans(wording, documents, retrieved, services)
    best = plans[0] if plans else None
    if alone and (best is None or best[0].covered < SURE):
        (document,) = documents.values()
        if answer := _by_model(wording, best[0] if best else None, document, question, services):
            return TableFound(answer, document, best[0].covered if best else 0.0, is_alone=True)
    for planned, document in plans[:MOST_TRIED]:
        if planned.covered < (LEAST_ALONE if alone else LEAST_COVERED):
            break
        if answer := run_planned(planned):
            found = TableFound(answer, document, planned.covered, is_alone=alone)
            return found if alone or found.computes or found.covered >= LEAST_LOOKED_UP else None
    return None


def _by_model(
    wording: Wording, planned: Planned | None, document: Document, question: Question, services: Services
) -> TableAnswer | None:
    """The answer of the query that a model which reads writes; None where there is none, or its samples differ.

    Without a plan for one of its tables the document's largest is asked.
    """
    engine, indexes = services.engine, _indexes(document)
    if engine is None or services.phrases_only or not indexes or not engine.load(question.cancel):
        return None
    largest = max(indexes, key=lambda one: len(one.relation.rows))
    index = next((one for one in indexes if planned and one.relation is planned.relation), largest)
    written = write_query(wording, index, engine, question.cancel)
    return answer_of(written, index.relation) if written else None


def _is_tables(document: Document) -> bool:
    """Whether a document is tables for the most part, so that a question about it is one about them."""
    return sum(table.end - table.start for table in document.tables) > len(document.text) / 2


def _documents(question: Question, retrieved: RetrievedPassages, library: Library) -> dict[str, Document]:
    """The documents whose tables are asked, those of the best passages first."""
    known = dict(retrieved.documents)
    if question.within is None:
        others = library.with_tables(MOST_CHARACTERS)
        known |= {key: library.document(key) for key in others if key not in known}
    return {key: document for key, document in known.items() if document.tables}


def _plans(
    wording: Wording, documents: Mapping[str, Document], retrieved: RetrievedPassages, services: Services
) -> list[tuple[Planned, Document]]:
    """The query of each table, that which accounts for most first."""
    near = Nearest(vectors_of(services.embedder))
    first = retrieved.passages[0].document_id if retrieved.passages else ""
    found = [
        (planned.covered + PASSAGE_BONUS * (key == first), planned, document)
        for key, document in documents.items()
        for index in _indexes(document)
        if (planned := plan(wording, index, near)) is not None and not (len(documents) > 1 and _mixes_items(planned))
    ]
    return [one[1:] for one in sorted(found, key=lambda one: -one[0])]


def _mixes_items(planned: Planned) -> bool:
    """Whether a query computes over a column of a statement, whose rows are different items in one period: its figures
    are looked up (`app.figures`)."""
    field = planned.query.column or (planned.query.shown[0] if planned.query.shown else None)
    columns = planned.relation.table.columns
    is_statement = sum(column.period is not None for column in columns) > 1
    return is_statement and field is not None and field.at >= 0 and columns[field.at].period is not None


def with_its_document(found: TableFound, retrieved: RetrievedPassages) -> RetrievedPassages:
    """What was retrieved, with the document of the table."""
    return replace(retrieved, documents={**retrieved.documents, found.document.id: found.document})


def rows_as_evidence(found: TableFound) -> Evidence:
    """The rows as evidence: enough for an answer."""
    quotes = tuple(dict.fromkeys(quote for sentence in _sentences(found) for quote in sentence.citations))
    return Evidence(quotes, is_enough=True, ranked=quotes)


def from_table(found: TableFound) -> Verdict:
    """The answer: a sentence for each line of the result, with the rows that it is of."""
    sentences = _sentences(found)
    text = "\n".join(sentence.text for sentence in sentences)
    return Verdict(text, sentences, found=True, notes=(found.answer.told,), table=result_of(found))


def steps_of(found: TableFound) -> Draft:
    """What was done instead of a draft: the query."""
    return Draft("", (), steps=(Step("lookup", found.answer.sql),))


def result_of(found: TableFound) -> TableResult:
    """The result as it is kept and given away."""
    answer, relation = found.answer, found.answer.relation
    listed = list(dict.fromkeys(at for _, rows in answer.lines for at in rows)) if found.computes else []
    rows = listed if answer.query and answer.query.function in ("rank", "list") and listed else answer.rows
    return TableResult(
        answer.told,
        answer.sql,
        len(answer.rows),
        len(relation.counted),
        tuple(field.header for field in relation.fields),
        tuple(tuple(field.texts[at] for field in relation.fields) for at in rows[:MOST_ROWS]),
        found.document.name,
        relation.title,
        is_cut=len(rows) > MOST_ROWS,
    )


def _sentences(found: TableFound) -> tuple[AnswerSentence, ...]:
    return tuple(
        AnswerSentence(line, tuple(citation_of(at, found) for at in rows[:MOST_CITED]))
        for line, rows in found.answer.lines
    )


def citation_of(position: int, found: TableFound) -> Citation:
    """A row as a citation, below the names of its columns."""
    relation, document = found.answer.relation, found.document
    row = relation.table.rows[relation.rows[position]]
    place = locate(document.pages, document.text, row.start)
    quote = document.text[row.start : row.end]
    named = column_line(relation.table)
    return Citation(document.id, document.name, place, quote, row.start, row.end, 1.0, columns=named)


_made = OfDocuments[list[LinkIndex]]()


def _indexes(document: Document) -> list[LinkIndex]:
    """The relations of a document with their words."""
    key, tables = document.id, document.tables
    return _made.of(
        key, tables, lambda: [LinkIndex(one) for one in relations_of(key, tables, document.text, document.name)]
    )
