"""Third stage: whether the evidence answers the question, as strictly as the settings say.

The thresholds are three points of one measured curve; docs/answers.md shows it, benchmarks/evidence.py prints both.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.answer.confidence import certainty_before, least_certainty, logit
from app.answer.evidence import POINTED_AT, Evidence
from app.answer.question import Question
from app.answer.rules.text_features import codes
from app.answer.services import Services
from core.types import Strictness

SCORE_WEIGHT = 2.0
"""Weight of the best sentence's score (0..1) in ``sureness``, beside the logit of the span reader's probability."""

READ_THRESHOLDS: Mapping[Strictness, float] = {"lenient": -0.79, "balanced": 0.19, "strict": 0.75}
"""Least ``sureness`` of an answer if the span reader read the passages.

Of 100 questions that the documents answer, 98 (lenient), 90 (balanced) and 80 (strict) reach it.
"""

SCORE_THRESHOLDS: Mapping[Strictness, float] = {"lenient": 0.34, "balanced": 0.44, "strict": 0.54}
"""Least score of the best sentence, 0..1, if the score alone decides; chosen for the same shares of 98, 90 and 80.

It decides if there is no span reader or the text is out of its domain.
"""


def sureness(answerable: float, score: float, weight: float = SCORE_WEIGHT) -> float:
    """How sure it is that the documents answer: logit(``answerable``), clipped, plus ``weight`` times ``score``.

    For example 0.5 and 0.4 give 0 + 2 * 0.4 = 0.8.
    """
    return logit(answerable) + weight * score


def with_decision(question: Question, evidence: Evidence, services: Services) -> Evidence:
    """The evidence with ``is_enough`` set; its words are dropped if it is not enough.

    A model that reads is asked unless all signs together say that the documents do not answer.
    """
    strictness = services.settings.strictness
    if services.engine is None or services.phrases_only:
        enough = is_answerable(evidence, strictness, pointed=is_pointed_at(question, evidence))
    else:
        least = least_certainty(question, strictness)
        enough = bool(evidence.sentences) and certainty_before(question, evidence) >= least
    return replace(evidence, is_enough=enough, words=evidence.words if enough else None)


def is_answerable(evidence: Evidence, strictness: Strictness, *, pointed: bool = True) -> bool:
    """Whether the evidence answers: its scores reach the threshold of ``strictness``.

    The best sentence's score is enough where no words need to be ``pointed`` at.
    """
    if not evidence.sentences:
        return False
    by_score = evidence.score >= SCORE_THRESHOLDS[strictness]
    if evidence.answerable is None:
        return by_score
    return sureness(evidence.answerable, evidence.score) >= READ_THRESHOLDS[strictness] or (by_score and not pointed)


def is_pointed_at(question: Question, evidence: Evidence) -> bool:
    """Whether words in a text answer the question: not a reason, a manner or yes and no, nor what a code stands for."""
    best = evidence.sentences[0].quote if evidence.sentences else ""
    return question.form in POINTED_AT and not codes(question.search_text) & codes(best)
