"""Third stage: whether the evidence answers the question, as strictly as the settings say.

The thresholds are three points of one measured curve; docs/answers.md shows it, benchmarks/evidence.py prints both.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import QuestionCase
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.services import Services
from core.types import Strictness

SCORE_WEIGHT = 2.0
"""What the best sentence's score (0..1) adds to the logit of the probability, which knows the passages' cosine."""

LOGIT_LIMIT = 5.0
"""Beyond it a probability says no more: .993."""

READ_THRESHOLDS: Mapping[Strictness, float] = {"lenient": -0.79, "balanced": 0.19, "strict": 0.75}
"""Of ``sureness`` where the span reader read: 98, 90 and 80 of 100 questions that documents answer are this sure."""

SCORE_THRESHOLDS: Mapping[Strictness, float] = {"lenient": 0.34, "balanced": 0.44, "strict": 0.54}
"""Of the best sentence's score alone: the same shares. They count where the reader is missing or not at home, and for
reasons, manners and yes or no, which a reader of words cannot point at, so that its probability is low."""

MILDER: Mapping[Strictness, Strictness] = {"lenient": "lenient", "balanced": "lenient", "strict": "balanced"}
"""For a larger model, which itself tells what is not in its sources."""


def sureness(answerable: float, score: float, weight: float = SCORE_WEIGHT) -> float:
    """How sure it is that the documents answer, higher is surer: the probability's logit plus the weighted score."""
    clipped = min(max(answerable, 1e-9), 1 - 1e-9)
    logit = math.log(clipped / (1 - clipped))
    return max(-LOGIT_LIMIT, min(LOGIT_LIMIT, logit)) + weight * score


def decide(question: Question, evidence: Evidence, services: Services) -> Evidence:
    """The evidence with ``answers`` decided; without its words where it does not answer."""
    small = services.engine is None or services.small
    enough = answers(question.searched, evidence, services.settings.strictness, small=small, rules=services.rules)
    return replace(evidence, answers=enough, words=evidence.words if enough else None)


def answers(
    question: str, evidence: Evidence, strictness: Strictness, *, small: bool = True, rules: Rulebook = RULES
) -> bool:
    """Whether the evidence answers the question: its scores reach the threshold of ``strictness``, or a rule says so.

    ``small`` False: a larger model reads the evidence and declines by itself, so that the milder threshold holds.
    """
    if not evidence.sentences or not evidence.tells:
        return False
    case = QuestionCase(question, evidence.sentences)
    if first_ruling(rules.answers, case):
        return True
    point = strictness if small else MILDER[strictness]
    by_score = evidence.score >= SCORE_THRESHOLDS[point]
    if evidence.answerable is None:
        return by_score
    if sureness(evidence.answerable, evidence.score) >= READ_THRESHOLDS[point]:
        return True
    return by_score and first_ruling(rules.by_score, case) is not None
