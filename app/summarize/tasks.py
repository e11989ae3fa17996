"""Carries out the summary or comparison that a question was planned as."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.citations import missing_file_notes
from app.answer.events import Event, Note
from app.compare.answer import compare
from app.query.plan import Plan
from app.summarize.context import TaskContext
from app.summarize.cost import name_in_library
from app.summarize.summary import summarise
from core.messages import _

if TYPE_CHECKING:
    from index.store.library import Library


def carry_out(plan: Plan, library: "Library", context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of the planned summary or comparison.

    Raises UnknownDocument if a document is gone, UsageError if the task takes long and nobody agreed to it.
    """
    documents = [library.document(document_id) for document_id in plan.documents]
    context = replace(context, document_names=tuple(name_in_library(document, library) for document in documents))
    one, other = documents[0].name, documents[-1].name
    names = one if len(documents) == 1 else _("{one} and {other}", one=one, other=other)
    said = _("All of {names} is read for this, not only the passages that are nearest to the question.", names=names)
    yield Note(said, quiet=True)
    for line in missing_file_notes(library, {document.id: document.name for document in documents}):
        yield Note(line)
    if plan.kind == "summary":
        yield from summarise(documents[0], context)
    else:
        yield from compare(documents[0], documents[1], context)
