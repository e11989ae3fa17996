"""Carries out the summary or comparison that a question was planned as."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.citations import missing_file_notes
from app.answer.events import Event, Note
from app.compare.answer import compare
from app.compare.several import compare_several
from app.query.plan import Plan
from app.read_through.reading import read_through
from app.summarize.context import TaskContext
from app.summarize.cost import name_in_library
from app.summarize.request import read_request
from app.summarize.summary import summarise
from app.summarize.whole import answer_whole
from core.facets import Facets
from core.messages import _
from core.types import Document
from ingest.facets.read import read_facets

if TYPE_CHECKING:
    from index.store.library import Library


def carry_out(plan: Plan, question: str, library: "Library", context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of the task on whole documents that ``question`` was planned as.

    Raises UnknownDocument if a document is gone, UsageError if the task takes long and nobody agreed to it.
    """
    documents = [library.document(document_id) for document_id in plan.documents]
    context = replace(context, document_names=tuple(name_in_library(document, library) for document in documents))
    one, other = documents[0].name, documents[-1].name
    names = one if len(documents) == 1 else _("{one} and {other}", one=one, other=other)
    if len(documents) > 2:
        names = ", ".join(document.name for document in documents)
    said = _("All of {names} is read for this, not only the passages that are nearest to the question.", names=names)
    yield Note(said, quiet=True)
    for line in missing_file_notes(library, {document.id: document.name for document in documents}):
        yield Note(line)
    match plan.kind:
        case "comparison" if len(documents) > 2:
            yield from compare_several(documents, context)
        case "comparison":
            yield from compare(documents[0], documents[1], context)
        case "read_through":
            yield from read_through(documents[0], question, context)
        case "about" | "audience" | "extent":
            yield from answer_whole(plan.kind, documents[0], question, context, facets_in(library, documents[0]))
        case _:
            yield from summarise(documents[0], context, read_request(plan.words), facets_in(library, documents[0]))


def facets_in(library: "Library", document: Document) -> Facets:
    """What a document is, as the library knows it: with what a person said instead of what was read."""
    from index.store import stored_facets

    with library.database.reading() as db:
        return stored_facets.load(db, (document.id,)).get(document.id) or read_facets(document)
