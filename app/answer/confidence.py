"""How likely it is that the documents answer a question, from several signs together.

Two small logistic models: one of what is known before a model has read anything, of whether the documents answer,
which decides whether it is asked at all; and one that knows its draft too, of whether that is right, which decides
whether the doubt is said first. They are fitted to questions of encyclopedia articles, contracts and everyday papers,
answered, not answered and of other documents, each kind counting alike; docs/answers.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.answer.evidence import Evidence
from app.answer.question import Question
from core.types import AnswerSentence, Strictness
from prompts.forms import ENGLISH

LOGIT_LIMIT = 5.0
"""The span reader's logit is clipped to plus or minus this: its extremes mean no more."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """sigmoid(``bias`` + the sum of ``weights`` times signs of the same names); a sign that is missing counts 0."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, signs: Mapping[str, float]) -> float:
        total = self.bias + sum(weight * signs.get(name, 0.0) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


BEFORE = Logistic(-1.34, {"points": 0.64, "points_elsewhere": 0.82, "plain": -1.41, "score": 4.75})
"""Printed by `benchmarks/confidence.py`."""

AFTER = Logistic(
    -2.49, {"points": 0.83, "points_elsewhere": 0.73, "plain": -0.05, "score": 2.6, "supported": 0.69, "agrees": 0.2}
)
"""Printed by `benchmarks/confidence.py --drafts` of the model `standard`."""

DECLINED: Mapping[Strictness, float] = {"lenient": 0.03, "balanced": 0.065, "strict": 0.15}
"""Probability before the draft below which the model is not asked, and the nearest passage is shown."""

UNSAID: Mapping[Strictness, float] = {"lenient": 0.065, "balanced": 0.25, "strict": 0.35}
"""The same of a question for yes or no. "It does not say" is as good an answer there as the other two, and nothing
else finds it: a model asked so says yes or no to whatever it reads. Chosen on contracts (docs/answers.md)."""

UNSURE = 0.35
"""Probability before the draft below which what the model says of its support must be clearer."""

DOUBTED: Mapping[Strictness, float] = {"lenient": 0.1, "balanced": 0.2, "strict": 0.35}
"""Probability with the draft below which the answer is shown with the doubt said first."""


def least_certainty(question: Question, strictness: Strictness) -> float:
    """The probability before a draft from which a model is asked."""
    return (UNSAID if question.form == "yes_no" else DECLINED)[strictness]


def certainty_before(question: Question, evidence: Evidence) -> float:
    """The probability in 0..1 that the documents answer, before a draft."""
    return BEFORE(signs_before(question, evidence))


def certainty_after(question: Question, evidence: Evidence, sentences: Sequence[AnswerSentence]) -> float:
    """The probability in 0..1 that a draft of these ``sentences``, with what supports them, is the right answer."""
    return AFTER(signs_after(question, evidence, sentences))


def signs_before(question: Question, evidence: Evidence) -> dict[str, float]:
    """What tells, before a draft, whether the documents answer.

    ``score`` is the best sentence's, 0..1. ``points`` is the logit of the span reader's probability, 0 where it did not
    read. It was trained on English questions whose answer is words of the text: ``plain`` is 1 for such a question, and
    for others the logit is called ``points_elsewhere``.
    """
    plain = question.form in (None, "plain") and question.language in ("", ENGLISH)
    signs = {"plain": float(plain), "score": evidence.score}
    if evidence.answerable is not None:
        signs["points" if plain else "points_elsewhere"] = logit(evidence.answerable)
    return signs


def signs_after(question: Question, evidence: Evidence, sentences: Sequence[AnswerSentence]) -> dict[str, float]:
    """``signs_before``, and those of the draft: ``supported`` is the share of its sentences that a quote supports, and
    ``agrees`` is 1 where it holds the words that the span reader points at."""
    signs = signs_before(question, evidence)
    signs["supported"] = sum(sentence.supported for sentence in sentences) / max(1, len(sentences))
    said = " ".join(sentence.text for sentence in sentences).casefold()
    signs["agrees"] = float(evidence.words is not None and evidence.words.text.casefold() in said)
    return signs


def logit(probability: float) -> float:
    """log(p / (1 - p)), clipped to plus or minus LOGIT_LIMIT."""
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return max(-LOGIT_LIMIT, min(LOGIT_LIMIT, math.log(clipped / (1 - clipped))))
