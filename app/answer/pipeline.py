"""A question and a library -> a cited answer: all stages, in order."""

from __future__ import annotations

from collections.abc import Generator

from app.answer import assembly
from app.answer.alignment import align_draft
from app.answer.answerability import with_decision
from app.answer.draft import Draft, DraftRequest, draft
from app.answer.events import Answered, Event, EvidenceFound, Note, Retrieved
from app.answer.evidence import gather_evidence
from app.answer.question import Question
from app.answer.react import draft_in_steps
from app.answer.reading import read_for
from app.answer.retrieval import retrieve
from app.answer.services import Services
from app.answer.verdict import is_written, judge, without_draft
from app.answer.writing import observed
from core.types import Usage


def answer(question: Question, services: Services) -> Generator[Event, None, None]:
    """The events of answering ``question`` from the library's documents; the last one is ``Answered``.

    Setting ``question.cancel`` or closing the iterator ends the model's work; a cancelled answer keeps its draft.

    Raises UsageError (a question without a word, a filter that keeps nothing), NoDocuments, WindowError (a question
    too long), EngineStopped.
    """
    question, services = assembly.resolve_options(question, services)
    clock = assembly.Clock()

    retrieved = retrieve(question, services)
    yield Retrieved(retrieved.passages, retrieved.milliseconds)

    evidence = with_decision(question, gather_evidence(question, retrieved, services), services)
    clock.evidence = clock.now()
    yield EvidenceFound(evidence.sentences, clock.evidence, evidence.words, evidence.is_enough)

    engine = services.engine
    if engine is None or not (question.opening or is_written(question, evidence, services)):
        written = Draft("", ())
        verdict = without_draft(question, evidence, services)
    else:
        reading = read_for(question, evidence, retrieved, services, engine)
        request = DraftRequest(question, reading, engine, services.settings)
        written = yield from observed(_write(request, services), clock.observe)
        verdict = judge(question, align_draft(written, question, services), evidence, services)

    notes = assembly.notes(question, retrieved, evidence, written, verdict, services)
    for note in notes:
        yield Note(note)
    yield Answered(assembly.assemble(question, retrieved, evidence, written, verdict, notes, clock, services))


def _write(request: DraftRequest, services: Services) -> Generator[Event, None, Draft]:
    """Load the model and write the draft; an empty one if the person stopped before the model was loaded."""
    if not request.engine.load(request.question.cancel):
        return Draft("", request.reading.sources, Usage(stopped="cancelled"))
    if request.question.mode == "react":
        return (yield from draft_in_steps(request, services))
    return (yield from draft(request, request.question.mode or services.settings.mode))
