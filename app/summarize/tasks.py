"""Carries out the summary or comparison that a question was planned as."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.citations import missing_file_notes
from app.answer.events import Event, Note
from app.query.plan import Plan
from app.summarize.comparison import compare
from app.summarize.context import TaskContext
from app.summarize.cost import name_in_library
from app.summarize.summary import summarise

if TYPE_CHECKING:
    from index.store.library import Library


def carry_out(plan: Plan, library: "Library", context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of the planned summary or comparison.

    Raises UnknownDocument if a document is gone, UsageError if the task takes long and nobody agreed to it.
    """
    documents = [library.document(document_id) for document_id in plan.documents]
    context = replace(context, document_names=tuple(name_in_library(document, library) for document in documents))
    names = " and ".join(document.name for document in documents)
    yield Note(f"All of {names} is read for this, not only the passages that are nearest to the question.", quiet=True)
    for line in missing_file_notes(library, {document.id: document.name for document in documents}):
        yield Note(line)
    if plan.kind == "summary":
        yield from summarise(documents[0], context)
    else:
        yield from compare(documents[0], documents[1], context)
