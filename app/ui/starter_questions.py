"""Questions to start with, about what is in a library: those that it answers well whatever the documents are."""

from pathlib import PurePath

from app.query.document_tasks import find_document_task
from core.messages import _
from index.store.library import Library
from index.store.records import DocumentRecord

EXAMPLES = 3
"""Questions offered: enough to see what can be asked, few enough to be read."""

LONGEST = 48
"""Characters of a title that fit into a question."""


def example_questions(library: Library) -> tuple[str, ...]:
    """Up to ``EXAMPLES`` questions, each what another document is about, the documents added last first.

    Each is one that a summary answers: what a search finds on a heading may not answer it.
    """
    records = library.documents()
    latest = sorted(records, key=lambda record: record.added_at, reverse=True)
    asked = (_("What is “{title}” about?", title=name) for record in latest for name in _names(record))
    told: dict[tuple[str, ...], str] = {}
    for question in asked:
        if task := find_document_task(question, records):
            told.setdefault(task.documents, question)
        if len(told) == EXAMPLES:
            break
    return tuple(told.values())


def _names(record: DocumentRecord) -> list[str]:
    """What a document may be called in a question, best first: its title, its file's name."""
    title = " ".join(record.title.split())
    usable = len(title) <= LONGEST and any(map(str.isalpha, title))
    return [*([title] if usable else []), PurePath(record.name).name]
