"""Third stage: whether the evidence answers the question, as strictly as the settings say.

The thresholds are three points of one measured curve; docs/answers.md shows it, benchmarks/evidence.py prints both.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.answer.confidence import DECLINED, certainty_before, logit
from app.answer.evidence import POINTED_AT, Evidence
from app.answer.question import Question
from app.answer.services import Services
from core.types import AnswerForm, Strictness

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
        enough = is_answerable(evidence, strictness, question.form)
    else:
        enough = bool(evidence.sentences) and certainty_before(question, evidence) >= DECLINED[strictness]
    return replace(evidence, is_enough=enough, words=evidence.words if enough else None)


def is_answerable(evidence: Evidence, strictness: Strictness, form: AnswerForm | None = None) -> bool:
    """Whether the evidence answers: its scores reach the threshold of ``strictness``.

    The best sentence's score is enough for a question of a ``form`` that no words in a text can answer.
    """
    if not evidence.sentences:
        return False
    by_score = evidence.score >= SCORE_THRESHOLDS[strictness]
    if evidence.answerable is None:
        return by_score
    sure = sureness(evidence.answerable, evidence.score) >= READ_THRESHOLDS[strictness]
    return sure or (by_score and form not in POINTED_AT)
