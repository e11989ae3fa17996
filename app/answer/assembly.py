"""What comes before and after the stages: the question's options, the clock, the notes and the finished answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from app.answer import untrusted
from app.answer.by_document import differing_notes
from app.answer.citations import missing_file_notes, on_their_pages
from app.answer.draft import Draft
from app.answer.events import Event, Piece
from app.answer.evidence import Evidence
from app.answer.page_layout import documents_of
from app.answer.question import SEARCHED_CHARACTERS, Question
from app.answer.respelled import respelled_notes
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services, who_answers
from app.answer.verdict import Verdict
from core.errors import UsageError
from core.messages import N_, _
from core.types import Answer, Citation, Passage, Timings
from prompts.fit import refuse_long

LONG = N_("Only the first {count} characters of the question were searched for.")


class Clock:
    """Milliseconds since the question was asked: at the evidence, and at the first piece of the answer."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.evidence = 0.0
        self.first_token = 0.0

    def now(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def observe(self, event: Event) -> None:
        """Note the time of the first piece of the answer."""
        if isinstance(event, Piece) and not self.first_token:
            self.first_token = self.now()


def resolve_options(question: Question, services: Services) -> tuple[Question, Services]:
    """The question with its options, form and language filled in, and the services without an engine if none is needed.

    Whole documents are read straight and by a model that reads; else the question has no opening.
    ``answer_by`` "model" becomes "evidence" if there is no engine. Raises UsageError for a question without a letter
    or digit, WindowError for one that does not fit the model's window.
    """
    if not any(map(str.isalnum, question.text)):
        raise UsageError(_("the question is empty."), _("Ask something about your documents."))
    settings = services.settings
    answer_by = who_answers(question.answer_by or settings.answer, services.engine)
    question = replace(question, mode=question.mode or settings.mode, answer_by=answer_by)
    if question.answer_by != "model":
        services = replace(services, engine=None)
    elif services.engine is None:
        question = replace(question, answer_by="evidence")
    if services.engine is not None:
        refuse_long(question.prompt_text, services.engine.window)
    question = with_form(question)
    if services.engine is None or services.phrases_only or question.mode != "direct":
        question = replace(question, opening=None)
    return question, services


def with_form(question: Question) -> Question:
    """The question with the form of its answer filled in, and with its language where the words tell it."""
    from app.query.forms import form_of
    from index.language import NAMES, clear_language_of

    codes = (clear_language_of(text) for text in (question.text, question.search_text))
    language = question.language or next((NAMES[code] for code in codes if code), "")
    return replace(question, form=question.form or form_of(question.search_text), language=language)


def with_language(question: Question, evidence: Evidence) -> Question:
    """The question with a language for its answer: its own, or where its words do not tell, that of the evidence."""
    from index.language import NAMES, language_of
    from prompts.forms import ENGLISH

    if question.language or question.form is None:
        return question
    nearest = evidence.sentences[0].quote if evidence.sentences else ""
    return replace(question, language=NAMES.get(language_of(nearest), ENGLISH))


def notes(
    question: Question,
    retrieved: RetrievedPassages,
    evidence: Evidence,
    draft: Draft,
    verdict: Verdict,
    services: Services,
) -> tuple[str, ...]:
    """The notes below an answer, in the order of its stages."""
    readable = _passages_behind(retrieved.passages, evidence, services)
    quotes = _quotes(evidence, verdict)
    return (
        *((_(LONG, count=f"{SEARCHED_CHARACTERS:,}"),) if question.is_cut else ()),
        *retrieved.notes,
        *evidence.notes,
        *draft.notes,
        *verdict.notes,
        *(differing_notes(evidence) if verdict.found else ()),
        *untrusted.notes(readable, verdict.sentences, retrieved.texts),
        *respelled_notes(question.search_text, retrieved.respelled, quotes if verdict.found else ()),
        *missing_file_notes(services.library, {quote.document_id: quote.file for quote in quotes}),
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
    """The finished answer. Each quote gets its page, also in documents that only a later search found."""
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
        searched=question.search_text,
        doubt=verdict.doubt,
        certainty=verdict.certainty,
        readers=verdict.readers,
        figures=verdict.figures,
        table=verdict.table,
        choice=retrieved.choice,
    )


def _quotes(evidence: Evidence, verdict: Verdict) -> list[Citation]:
    """All quotes that a person sees: the evidence, and the citations of the answer's sentences."""
    return [*evidence.sentences, *(citation for sentence in verdict.sentences for citation in sentence.citations)]


def _passages_behind(passages: Sequence[Passage], evidence: Evidence, services: Services) -> Sequence[Passage]:
    """The passages that the answer can come from: all for a larger model, else those of the evidence's documents."""
    if services.engine is not None and not services.phrases_only:
        return passages
    quoted = {sentence.document_id for sentence in evidence.sentences}
    return [passage for passage in passages if passage.document_id in quoted]
