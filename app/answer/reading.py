"""Fourth stage: evidence and passages -> what the chat model reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.evidence import Evidence
from app.answer.retrieval import RetrievedPassages
from app.answer.services import Services, phrases_only
from core.protocols import ChatEngine
from core.types import Citation, Passage, ReadsChoice


@dataclass(frozen=True, slots=True)
class Reading:
    """The sources that the chat model reads, strongest first, and words that may answer ("" for none), as a hint."""

    sources: tuple[Citation, ...]
    hint: str = ""


def read_for(evidence: Evidence, retrieved: RetrievedPassages, services: Services, engine: ChatEngine) -> Reading:
    """What ``engine`` reads. A model that only phrases also gets the words that may answer, as a hint."""
    sources = sources_for(engine, services.settings.reads, evidence.sentences, retrieved.readable)
    return Reading(sources, evidence.words.text if evidence.words and services.phrases_only else "")


def sources_for(
    engine: ChatEngine, reads: ReadsChoice, sentences: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[Citation, ...]:
    """The model's sources: the sentences or the passages, as the settings or the model's catalogue entry say."""
    by_sentence = phrases_only(engine) if reads == "auto" else reads == "sentences"
    return tuple(sentences) if by_sentence else tuple(as_citation(passage) for passage in passages)


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
