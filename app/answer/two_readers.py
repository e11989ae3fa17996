"""The words that the span reader points at, held against the answer of a model that reads.

The two know nothing of each other: where they say the same, both are likely right, and where they do not, a person sees
both.
"""

from __future__ import annotations

from app.answer.alignment import AlignedDraft
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.rules.text_features import content_words, numbers
from core.types import Readers
from index.language import NAMES, language_of

SURE_OF_WORDS = 0.5
"""The span reader's probability, 0..1, from which its words are told beside an answer that lacks them."""


AGREEMENT_SHARE = 0.5
"""Least share of the span reader's content words that an answer must hold to agree with it."""


def compare(question: Question, draft: AlignedDraft, evidence: Evidence) -> Readers:
    """Whether the draft says the words of the evidence, "" where that means nothing.

    The words are short: a reason, steps or a list cannot be held against them, nor can words without figures against an
    answer in another language. Where the span reader is not sure of them, a difference means nothing either.
    """
    words = evidence.words
    if words is None or draft.cancelled or question.form not in (None, "plain"):
        return ""
    if not numbers(words.text) and not (content_words(words.text) and _in_language(question, evidence)):
        return ""
    if says(draft.text, words.text):
        return "agree"
    return "differ" if (evidence.answerable or 0.0) >= SURE_OF_WORDS else ""


def says(text: str, words: str) -> bool:
    """Whether ``text`` holds all figures of ``words``; where they have none, AGREEMENT_SHARE of their content words."""
    if figures := numbers(words):
        return figures <= numbers(text)
    wanted = content_words(words)
    return len(wanted & content_words(text)) >= AGREEMENT_SHARE * len(wanted)


def _in_language(question: Question, evidence: Evidence) -> bool:
    """Whether the sentence of the words is in the language of the answer."""
    return question.language in ("", NAMES.get(language_of(evidence.sentences[0].quote)))
