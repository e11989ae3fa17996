"""A question and a library -> a cited answer: all stages, in order."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from app.answer import assembly
from app.answer.agent import draft_by_agent, has_agent
from app.answer.alignment import align_draft
from app.answer.answerability import with_decision
from app.answer.by_document import from_documents, with_every_document
from app.answer.cell_or_sentence import without_tables_of
from app.answer.confidence import UNSURE, certainty_before
from app.answer.differing import told_by_several, with_differing
from app.answer.draft import Draft, DraftRequest, draft
from app.answer.events import Answered, Event, EvidenceFound, Note, Piece, Retrieved
from app.answer.evidence import Evidence, gather_evidence
from app.answer.figures_answer import (
    as_evidence,
    figures_for,
    figures_of_same_row,
    from_figures,
    with_documents,
    with_figures_below,
)
from app.answer.library_answer import DocumentsFound, documents_for, from_library, listed_as_evidence, with_listed
from app.answer.question import Question
from app.answer.react import draft_in_steps
from app.answer.reading import read_for
from app.answer.retrieval import RetrievedPassages, retrieve
from app.answer.services import Services
from app.answer.table_answer import (
    TableFound,
    from_table,
    rows_as_evidence,
    steps_of,
    table_answer_for,
    with_its_document,
)
from app.answer.verdict import is_written, judge, without_draft
from app.answer.writing import changed, observed
from app.figures.found import FiguresFound
from core.types import Answer, Usage


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
    found = weigh(question, retrieved, services)
    clock.evidence = clock.now()
    evidence = found.evidence
    yield EvidenceFound(evidence.sentences, clock.evidence, evidence.words, evidence.is_enough)
    answered = yield from write_up(found, services, clock)
    for note in answered.notes:
        yield Note(note)
    yield Answered(answered)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands there for a question before a model has read anything."""

    question: Question
    retrieved: RetrievedPassages
    evidence: Evidence
    figures: FiguresFound | None = None
    table: TableFound | None = None
    listed: DocumentsFound | None = None


def weigh(question: Question, retrieved: RetrievedPassages, services: Services) -> Found:
    """The evidence in the passages, and whether it is enough for an answer; of a question for figures the cells, of one
    for a whole table its rows, of one for documents these."""
    if listed := documents_for(question, services):
        return Found(question, with_listed(listed, retrieved), listed_as_evidence(listed), listed=listed)
    table = table_answer_for(question, retrieved, services)
    if table and table.comes_first:
        return _of_table(question, table, retrieved)
    figures = figures_for(question, retrieved, services)
    if figures:
        retrieved = with_documents(figures, retrieved, services.library)
        if not figures.is_beside:
            return Found(question, retrieved, as_evidence(figures, retrieved.documents), figures)
        if figures.is_told:
            retrieved = without_tables_of(figures, retrieved)
    elif table:
        return _of_table(question, table, retrieved)
    evidence = gather_evidence(question, retrieved, services)
    evidence = with_differing(question, evidence, retrieved, services.embedder)
    question = assembly.with_language(question, evidence)
    return Found(question, retrieved, with_decision(question, evidence, services), figures)


def weigh_after(before: Found, found: Found, services: Services) -> Found:
    """What stands there for a question of a turn, after the question ``before`` it: where that one was answered by a
    row and this one by none, or by a choice, its own figures of the same row, if it asks for one of them."""
    named, retrieved = before.figures, found.retrieved
    is_answered = (found.figures and not found.figures.is_choice) or found.table or found.listed
    if named is None or named.is_beside or is_answered:
        return found
    figures = figures_of_same_row(found.question, named, retrieved, services)
    if figures is None:
        return found
    retrieved = with_documents(figures, retrieved, services.library)
    return Found(found.question, retrieved, as_evidence(figures, retrieved.documents), figures)


def _of_table(question: Question, table: TableFound, retrieved: RetrievedPassages) -> Found:
    return Found(question, with_its_document(table, retrieved), rows_as_evidence(table), table=table)


def write_up(found: Found, services: Services, clock: assembly.Clock) -> Generator[Event, None, Answer]:
    """The answer from what was found: read, drafted, aligned and judged. Yields what the model writes."""
    question, retrieved, evidence = found.question, found.retrieved, found.evidence
    engine = services.engine
    several = told_by_several(evidence) if evidence.is_enough else None
    figures = found.figures
    if found.listed:
        written = Draft("", ())
        verdict = from_library(found.listed)
    elif found.table:
        written = steps_of(found.table)
        verdict = from_table(found.table)
    elif figures and not figures.is_beside:
        written = Draft("", ())
        verdict = from_figures(figures, retrieved.documents)
    elif (
        engine is None
        or not (question.opening or is_written(question, evidence, services))
        or (several and services.phrases_only)
    ):
        written = Draft("", ())
        verdict = from_documents(several) if several else without_draft(question, evidence, services)
    else:
        form = "differ" if several else question.form
        reading = read_for(question, evidence, retrieved, services, engine)
        request = DraftRequest(replace(question, form=form), reading, engine, services.settings)
        writing = _write(request, services)
        if services.phrases_only:
            writing = changed(writing, _to_be_judged)
        written = yield from observed(writing, clock.observe)
        unsure = certainty_before(question, evidence) < UNSURE
        aligned = align_draft(written, question, services, unsure=unsure)
        if aligned.cancelled:
            written = replace(written, usage=replace(written.usage, stopped="cancelled"))
        verdict = judge(question, aligned, evidence, services)
        verdict = with_every_document(verdict, several) if several and not written.cancelled else verdict
    if figures and figures.is_beside and not written.cancelled:
        verdict = with_figures_below(verdict, figures, retrieved.documents)
    notes = assembly.notes(question, retrieved, evidence, written, verdict, services)
    return assembly.assemble(question, retrieved, evidence, written, verdict, notes, clock, services)


def _write(request: DraftRequest, services: Services) -> Generator[Event, None, Draft]:
    """Load the model and write the draft; an empty one if the person stopped before the model was loaded."""
    if not request.engine.load(request.question.cancel):
        return Draft("", request.reading.sources, Usage(stopped="cancelled"))
    if request.question.mode == "react":
        in_steps = draft_by_agent if has_agent(request) else draft_in_steps
        return (yield from in_steps(request, services))
    return (yield from draft(request, request.question.mode or services.settings.mode))


def _to_be_judged(event: Event) -> Event:
    """The event of a model that only phrases: what it writes may not stay."""
    return replace(event, stays=False) if isinstance(event, Piece) else event
