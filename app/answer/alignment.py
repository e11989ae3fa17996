"""Sixth stage: a draft and its sources -> the quotes that support each of its sentences (`app.answer.support`)."""

from dataclasses import dataclass

from app.answer.draft import Draft
from app.answer.draft_sentences import without_marks
from app.answer.question import Question
from app.answer.services import Services, tells_logits
from app.answer.support import SAID, SAID_UNSURE, Judge, supported_sentences
from core.types import AnswerSentence


@dataclass(frozen=True, slots=True)
class AlignedDraft:
    """The text of a draft, and its sentences with the quotes that support them.

    ``cancelled``: the person pressed Stop before it was written or checked to the end.
    """

    text: str
    sentences: tuple[AnswerSentence, ...]
    cancelled: bool = False


def align_draft(draft: Draft, question: Question, services: Services, *, unsure: bool = False) -> AlignedDraft:
    """The draft with the quotes that support each of its sentences. A model that reads is asked itself, but for a
    server's, which tells no logits; where it is ``unsure`` that the documents answer, its word must be clearer."""
    text, judge = without_marks(draft.text), None
    engine = services.engine
    if engine is not None and tells_logits(engine, services.settings) and not draft.cancelled:
        judge = Judge(engine, question.search_text, question.cancel)
    least = SAID_UNSURE if unsure else SAID
    sentences = supported_sentences(text, draft.sources, question.search_text, services.embedder, judge, least)
    # Stopped while it was asked, the model has not told what the sources say of the rest.
    stopped = judge is not None and question.cancelled
    return AlignedDraft(text, sentences, draft.cancelled or stopped)
