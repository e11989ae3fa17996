"""Third stage: whether the evidence answers the question, as strictly as the settings say.

The thresholds are three points of one measured curve; docs/answers.md shows it, benchmarks/evidence.py prints both.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.answer.confidence import DECLINED, certainty_before, logit
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import QuestionCase
from app.answer.rules.rulebook import RULES, Rulebook
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

It decides if there is no span reader or the text is out of its domain. It is also enough for "why", "how" and yes/no
questions: no words in the text are their answer, so the reader's probability is low.
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
        enough = is_answerable(question.search_text, evidence, strictness, rules=services.rules)
    else:
        enough = bool(evidence.sentences) and certainty_before(question, evidence) >= DECLINED[strictness]
    return replace(evidence, is_enough=enough, words=evidence.words if enough else None)


def is_answerable(question: str, evidence: Evidence, strictness: Strictness, *, rules: Rulebook = RULES) -> bool:
    """Whether the evidence answers: its scores reach the threshold of ``strictness``, or a rule says so."""
    if not evidence.sentences or not evidence.uncontested:
        return False
    case = QuestionCase(question, evidence.sentences)
    if first_ruling(rules.always_answerable, case):
        return True
    by_score = evidence.score >= SCORE_THRESHOLDS[strictness]
    if evidence.answerable is None:
        return by_score
    if sureness(evidence.answerable, evidence.score) >= READ_THRESHOLDS[strictness]:
        return True
    return by_score and first_ruling(rules.by_score, case) is not None
