"""Fourth stage: evidence and passages -> what the chat model reads, in the seconds that a person waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.answer.differing import told_by_several
from app.answer.document_dates import NO_DATE, date_of, date_text
from app.answer.evidence import Evidence
from app.answer.excerpts import excerpts
from app.answer.page_layout import with_columns
from app.answer.question import Question
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services, phrases_only
from app.answer.statements import Differing
from core.protocols import ChatEngine
from core.server_address import is_remote
from core.settings import Settings
from core.types import Citation, Document, Passage
from generate.speed import measured_speed
from prompts.opening import Opening
from prompts.render import HEADING_SIGN

PROMPT_TOKENS = 60
"""About what the question, its line of instruction and the chat template take; the system text is read before."""

LEAST_BUDGET = 160
"""Tokens of sources that are read however slow the machine is: the best sentence with its neighbours, and another."""

WHOLE = 1
"""Passages read whole for steps: one sentence is one step, and the others seldom share a word with the question."""

REPEATED = 2
"""Sentences of the evidence that are repeated before the question where the model has read whole documents."""

MACS = 130_000
"""Tokens a second times millions of parameters that two cores read, where nobody measured: 84/s with 1,544 million."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The sources that the chat model reads, strongest first, and words that may answer ("" for none), as a hint.

    ``dated`` says that they are of documents of different dates, which stand above them.
    ``opening`` are the whole documents that it has read before, None for none; then ``sources`` repeat some of them.
    """

    sources: tuple[Citation, ...]
    hint: str = ""
    opening: Opening | None = None
    dated: bool = False


def read_for(
    question: Question, evidence: Evidence, retrieved: RetrievedPassages, services: Services, engine: ChatEngine
) -> Reading:
    """What ``engine`` reads. A model that only phrases also gets the words that may answer, as a hint."""
    if question.opening:
        return Reading(evidence.sentences[:REPEATED], opening=question.opening)
    passages = retrieved.readable
    if (several := told_by_several(evidence)) and not services.phrases_only:
        return Reading(sources_by_document(several, evidence, passages, engine, services.settings))
    aside = evidence.differing.set_aside if evidence.differing else frozenset()
    passages = tuple(passage for passage in passages if passage.document_id not in aside)
    whole = WHOLE if question.form == "steps" else 0
    sources = sources_for(engine, services.settings, evidence, passages, whole)
    sources = with_columns(sources, retrieved.documents, headings=True)
    if services.phrases_only:
        return Reading(sources, evidence.words.text if evidence.words else "")
    below = below_dates(sources, retrieved.documents)
    return Reading(below or sources, dated=bool(below))


def below_dates(sources: Sequence[Citation], documents: Mapping[str, Document]) -> tuple[Citation, ...]:
    """Each source below its document's date, where the file's name does not tell it; () where the dates do not differ
    or one is not known."""
    read = {one.document_id for one in sources}
    dates = {key: date_of(documents[key]) for key in read if key in documents}
    if len(set(dates.values())) < 2 or not all(dates.get(one.document_id, NO_DATE) != NO_DATE for one in sources):
        return ()
    return tuple(_below(one, date_text(dates[one.document_id])) for one in sources)


def _below(source: Citation, date: str) -> Citation:
    if date in source.file or date in source.heading:
        return source
    return replace(source, heading=HEADING_SIGN.join(filter(None, (date, source.heading))))


def sources_for(
    engine: ChatEngine, settings: Settings, evidence: Evidence, passages: Sequence[Passage], whole: int = 0
) -> tuple[Citation, ...]:
    """The model's sources: the best sentences, or as much of the passages as ``settings.patience`` gives time for, the
    first ``whole`` of them whole."""
    if _reads_sentences(engine, settings):
        return evidence.sentences
    budget = reading_budget(engine, settings)
    if budget is None or sum(engine.count_tokens(passage.text) for passage in passages) <= budget:
        return tuple(map(as_citation, passages))
    ranked = (*map(as_citation, passages[:whole]), *evidence.sentences[:1], *evidence.ranked)
    return excerpts(ranked, passages, budget, engine.count_tokens)


def sources_by_document(
    found: Differing, evidence: Evidence, passages: Sequence[Passage], engine: ChatEngine, settings: Settings
) -> tuple[Citation, ...]:
    """For a model: each statement, and what else was found, by document, the newest first; with what stands around
    them, as far as the settings let it read that.

    Each stands below its document's name and date.
    """
    first = [one.citation for one in found.told]
    if _reads_sentences(engine, settings):
        chosen = evidence.sentences
    else:
        budget = reading_budget(engine, settings) or engine.window
        chosen = excerpts([*first, *evidence.ranked], passages, budget, engine.count_tokens)
    sources = []
    for statement in found.told:
        for source in chosen:
            if source.document_id == statement.citation.document_id:
                heading = HEADING_SIGN.join(filter(None, (statement.source, source.heading)))
                sources.append(replace(source, heading=heading))
    told = {one.citation.document_id for one in found.told}
    return (*sources, *(source for source in chosen if source.document_id not in told))


def _reads_sentences(engine: ChatEngine, settings: Settings) -> bool:
    """Whether ``engine`` reads the best sentences alone."""
    return phrases_only(engine) if settings.reads == "auto" else settings.reads == "sentences"


def reading_budget(engine: ChatEngine, settings: Settings) -> int | None:
    """Tokens of sources that ``engine`` reads within ``settings.patience`` seconds; None for a server's model."""
    if is_remote(settings.model):
        return None
    speed = measured_speed(settings)
    rate = speed.read if speed else MACS / max(engine.size, 1)
    return max(LEAST_BUDGET, int(settings.patience * rate) - PROMPT_TOKENS)


def as_citation(passage: Passage) -> Citation:
    """A source that quotes the whole passage."""
    return Citation(
        passage.document_id,
        passage.file,
        passage.locator,
        passage.text,
        passage.start,
        passage.end,
        min(1.0, max(0.0, passage.score)),
    )
