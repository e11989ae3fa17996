"""Where a question asks for documents: all that say it, each with its words, and of how many that was looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services
from app.answer.verdict import Verdict
from app.library_table.asked import documents_asked
from app.library_table.rows import DocumentRows, document_rows
from app.table_query.run import MORE
from core.messages import N_, _
from core.table_results import TableResult
from core.types import AnswerSentence, Citation, Document
from ingest.locate import locate

LOOKED_AT = N_("{count} of {all} documents looked at.")
SAYS = N_("{document}: “{words}”")

MOST_SHOWN = 50
"""Documents of an answer; how many more there are is said."""


@dataclass(frozen=True, slots=True)
class DocumentsFound:
    """The documents that a question asks for, those shown with their words as citations; ``count`` is how many say it,
    ``of`` how many the library holds."""

    rows: DocumentRows
    quotes: tuple[Citation, ...]
    documents: dict[str, Document]
    of: int


def documents_for(question: Question, services: Services) -> DocumentsFound | None:
    """The documents that a question asks for, of the whole library; None for any other question."""
    if question.mode not in (None, "direct") or question.within is not None:
        return None
    asked = documents_asked(question.search_text, date.today())
    rows = document_rows(asked, services.library) if asked else None
    if rows is None:
        return None
    shown = rows.rows[:MOST_SHOWN]
    documents = {one.document_id: services.library.document(one.document_id) for one in shown}
    quotes = tuple(_quote(documents[one.document_id], one.start, one.end) for one in shown)
    return DocumentsFound(rows, quotes, documents, services.library.counts().documents)


def _quote(document: Document, start: int, end: int) -> Citation:
    place = locate(document.pages, document.text, start)
    return Citation(document.id, document.name, place, document.text[start:end], start, end, 1.0)


def with_listed(found: DocumentsFound, retrieved: RetrievedPassages) -> RetrievedPassages:
    """What was retrieved, with all documents of the answer."""
    return replace(retrieved, documents={**retrieved.documents, **found.documents})


def listed_as_evidence(found: DocumentsFound) -> Evidence:
    """The words of the documents as evidence: enough for an answer."""
    return Evidence(found.quotes, is_enough=bool(found.quotes), ranked=found.quotes)


def from_library(found: DocumentsFound) -> Verdict:
    """The answer: a line for each document with its words; how many, where that was asked; that none says it."""
    count = len(found.rows.rows)
    head = [AnswerSentence(str(count), found.quotes)] if found.rows.is_count else []
    lines = [AnswerSentence(_(SAYS, document=one.file, words=_plain(one.quote)), (one,)) for one in found.quotes]
    if more := count - len(lines):
        lines.append(AnswerSentence(_(MORE, count=more), ()))
    told = _(LOOKED_AT, count=found.rows.looked_at, all=found.of)
    if not lines:
        return Verdict(_("None of your documents says this in these words."), (), found=False, notes=(told,))
    sentences = (*head, *lines)
    columns = (_("Document"), _("Place"), _("Words"))
    rows = tuple((one.file, one.locator.label, _plain(one.quote)) for one in found.quotes)
    table = TableResult(told, "", count, found.of, columns, rows, "", is_cut=count > len(rows))
    text = "\n".join(one.text for one in sentences)
    return Verdict(text, sentences, found=True, notes=(told,), table=table)


def _plain(text: str) -> str:
    return " ".join(text.split())
