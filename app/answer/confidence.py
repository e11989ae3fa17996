"""How likely it is that the documents answer a question, from several signs together.

Two small logistic models (`benchmarks/confidence.py` fits them and prints how well they tell): one of what is known
before a model has read anything, which decides whether it is asked at all, and one that knows its draft too, which
decides whether the answer is shown with the doubt said first. docs/answers.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.answer.evidence import Evidence
from core.types import AnswerSentence, Passage, Strictness

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


BEFORE = Logistic(-1.0, {"reader": 0.5, "read": 0.0, "score": 4.0})
AFTER = Logistic(-1.5, {"reader": 0.5, "read": 0.0, "score": 3.0, "supported": 1.0, "agrees": 1.0})

DECLINED: Mapping[Strictness, float] = {"lenient": 0.05, "balanced": 0.15, "strict": 0.35}
"""Probability before the draft below which the model is not asked, and the nearest passage is shown."""

DOUBTED: Mapping[Strictness, float] = {"lenient": 0.25, "balanced": 0.4, "strict": 0.6}
"""Probability with the draft below which the answer is shown with the doubt said first."""


def signs_before(evidence: Evidence, passages: Sequence[Passage]) -> dict[str, float]:
    """What tells, before a draft, whether the documents answer.

    ``reader`` is the logit of the span reader's probability and ``read`` 1 where it read; ``score`` is the best
    sentence's score and ``passage`` the best passage's, both in 0..1; ``objected`` is 1 where a rule objects.
    """
    signs = {"score": evidence.score, "objected": float(not evidence.uncontested)}
    signs["passage"] = max((passage.score for passage in passages), default=0.0)
    if evidence.answerable is not None:
        clipped = min(max(evidence.answerable, 1e-9), 1 - 1e-9)
        logit = math.log(clipped / (1 - clipped))
        signs |= {"read": 1.0, "reader": max(-LOGIT_LIMIT, min(LOGIT_LIMIT, logit))}
    return signs


def signs_after(
    evidence: Evidence, passages: Sequence[Passage], sentences: Sequence[AnswerSentence]
) -> dict[str, float]:
    """``signs_before``, and those of the draft: ``supported`` is the share of its sentences that a quote supports, and
    ``agrees`` is 1 where it holds the words that the span reader points at."""
    signs = signs_before(evidence, passages)
    signs["supported"] = sum(sentence.supported for sentence in sentences) / max(1, len(sentences))
    said = " ".join(sentence.text for sentence in sentences).casefold()
    signs["agrees"] = float(evidence.words is not None and evidence.words.text.casefold() in said)
    return signs
