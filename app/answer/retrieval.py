"""First stage: a question -> the passages found for it, and the same as a model may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.answer.chosen import choice_notes
from app.answer.page_layout import documents_of, without_furniture
from app.answer.question import Question
from app.answer.services import Services
from app.answer.untrusted import without_orders
from core.facets import DocumentChoice
from core.types import Document, Passage


@dataclass(frozen=True, slots=True)
class RetrievedPassages:
    """The passages found, best first.

    ``passages`` are as they were found, ``readable`` without running headers and without sentences that give orders to
    a model. ``documents`` are the whole documents by id. ``milliseconds`` is how long the search took; ``notes`` are
    its lines for the person, ``respelled`` the terms that it took another spelling for, by that spelling.
    ``choice`` are the documents that the question asks about.
    """

    passages: tuple[Passage, ...]
    readable: tuple[Passage, ...]
    documents: Mapping[str, Document]
    milliseconds: float
    notes: tuple[str, ...]
    respelled: Mapping[str, str] = field(default_factory=dict)
    choice: DocumentChoice | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The documents' texts by id."""
        return {key: document.text for key, document in self.documents.items()}


def retrieve(question: Question, services: Services) -> RetrievedPassages:
    """Search the library for a question. The chat model expands the query only if it will also write the answer.

    Raises UsageError for a filter that keeps nothing, NoDocuments.
    """
    retrieval = services.retriever.search(
        question.search_text, within=question.within, cancel=question.cancel, expanded=services.engine is not None
    )
    documents = documents_of(retrieval.passages, services.library)
    texts = {key: document.text for key, document in documents.items()}
    readable = without_furniture(without_orders(retrieval.passages, texts), documents)
    notes = (*choice_notes(retrieval.choice, services.library), *retrieval.notes)
    return RetrievedPassages(
        retrieval.passages, readable, documents, retrieval.milliseconds, notes, retrieval.respelled, retrieval.choice
    )
