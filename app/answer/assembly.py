"""What stands before and after the stages: the checks of a question, its clock, and the answer put together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from app.answer import untrusted
from app.answer.citations import gone_notes, on_their_pages
from app.answer.draft import Draft
from app.answer.events import Event, Piece
from app.answer.evidence import Evidence
from app.answer.page_layout import documents_of
from app.answer.question import SEARCHED_CHARACTERS, Question
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services
from app.answer.verdict import Verdict
from core.errors import UsageError
from core.types import Answer, Citation, Passage, Timings
from prompts.fit import refuse_long

LONG = f"Only the first {SEARCHED_CHARACTERS:,} characters of the question were searched for."


class Clock:
    """Milliseconds since the question was asked: at the evidence, and at the first piece of the answer."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.evidence = 0.0
        self.first_token = 0.0

    def now(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def tap(self, event: Event) -> None:
        """Note the time of the first piece of the answer."""
        if isinstance(event, Piece) and not self.first_token:
            self.first_token = self.now()


def settle(question: Question, services: Services) -> tuple[Question, Services]:
    """The question with its mode and who phrases the answer settled, and the services without the engine where no
    model is to phrase it.

    Raises UsageError for a question without a word, WindowError for one that does not fit the model's window.
    """
    if not any(map(str.isalnum, question.text)):
        raise UsageError("the question is empty.", "Ask something about your documents.")
    settings = services.settings
    question = replace(question, mode=question.mode or settings.mode, answer_by=question.answer_by or settings.answer)
    if question.answer_by != "model":
        services = replace(services, engine=None)
    if services.engine is not None:
        refuse_long(question.text, services.engine.window)
    return question, services


def notes(
    question: Question,
    retrieved: RetrievedPassages,
    evidence: Evidence,
    draft: Draft,
    verdict: Verdict,
    services: Services,
) -> tuple[str, ...]:
    """The lines that a person should know of an answer, in the order of its stages."""
    readable = _passages_behind(retrieved.passages, evidence, services)
    return (
        *((LONG,) if question.is_cut else ()),
        *retrieved.notes,
        *evidence.notes,
        *draft.notes,
        *verdict.notes,
        *untrusted.notes(readable, verdict.sentences, retrieved.texts),
        *gone_notes(services.library, {quote.document_id: quote.file for quote in _quotes(evidence, verdict)}),
    )


def assemble(
    question: Question,
    retrieved: RetrievedPassages,
    evidence: Evidence,
    draft: Draft,
    verdict: Verdict,
    notes: tuple[str, ...],
    clock: Clock,
    services: Services,
) -> Answer:
    """The answer with its proof. Quotes of documents found in further steps are located on their pages too."""
    cited = [quote for sentence in verdict.sentences for quote in sentence.citations]
    found_later = [quote for quote in cited if quote.document_id not in retrieved.documents]
    documents = {**retrieved.documents, **documents_of(found_later, services.library)}
    return Answer(
        question=question.text,
        text=verdict.text,
        found=verdict.found,
        sentences=on_their_pages(verdict.sentences, documents),
        evidence=evidence.sentences,
        passages=retrieved.passages,
        steps=draft.steps,
        timings=Timings(retrieved.milliseconds, clock.evidence, clock.first_token, clock.now()),
        usage=draft.usage,
        model=services.engine.name if services.engine else "",
        mode=question.mode or services.settings.mode,
        cancelled=draft.cancelled,
        notes=notes,
        words=evidence.words,
        answerable=evidence.answerable,
        searched=question.searched,
    )


def _quotes(evidence: Evidence, verdict: Verdict) -> list[Citation]:
    """All quotes that a person sees: the evidence, and what the answer's sentences rest on."""
    return [*evidence.sentences, *(citation for sentence in verdict.sentences for citation in sentence.citations)]


def _passages_behind(passages: Sequence[Passage], evidence: Evidence, services: Services) -> Sequence[Passage]:
    """The passages an answer can be from: all of them for a larger model, else those of the evidence's documents."""
    if services.engine is not None and not services.small:
        return passages
    quoted = {sentence.document_id for sentence in evidence.sentences}
    return [passage for passage in passages if passage.document_id in quoted]
