"""Whether the documents answer a question: the evidence's scores -> yes or no, as strictly as the settings say.

The thresholds are three points of one measured curve; docs/answers.md shows it, benchmarks/evidence.py prints both.
"""

import math
import re
from collections.abc import Mapping

from app.answer.evidence import Evidence
from app.answer.rules.question_kinds import asks_meaning
from app.answer.rules.row_match import is_the_row
from app.answer.rules.text_features import codes
from core.types import Strictness
from index.reader.domain import question_kind

SCORE_WEIGHT = 2.0
"""What the best sentence's score (0..1) adds to the logit of the probability, which knows the passages' cosine."""

LOGIT_LIMIT = 5.0
"""Beyond it a probability says no more: .993."""

READ_THRESHOLDS: Mapping[Strictness, float] = {"lenient": -0.79, "balanced": 0.19, "strict": 0.75}
"""Of ``sureness`` where the reader read: 98, 90 and 80 of 100 questions that the documents answer are this sure."""

SCORE_THRESHOLDS: Mapping[Strictness, float] = {"lenient": 0.34, "balanced": 0.44, "strict": 0.54}
"""Of the best sentence's score alone: the same shares. They count where the reader is missing or not at home, and for
reasons, manners and yes or no, which a reader of words cannot point at, so that its probability is low."""

MILDER: Mapping[Strictness, Strictness] = {"lenient": "lenient", "balanced": "lenient", "strict": "balanced"}
"""For a larger model, which itself tells what is not in its sources."""

_MANNER = re.compile(r"(?i)\bwhat (?:should|must|can|do|shall) (?:i|we|you|one|they) do\b")


def sureness(answerable: float, score: float, weight: float = SCORE_WEIGHT) -> float:
    """How sure it is that the documents answer, higher is surer: the probability's logit plus the weighted score."""
    clipped = min(max(answerable, 1e-9), 1 - 1e-9)
    logit = math.log(clipped / (1 - clipped))
    return max(-LOGIT_LIMIT, min(LOGIT_LIMIT, logit)) + weight * score


def answers(question: str, evidence: Evidence, strictness: Strictness, *, small: bool = True) -> bool:
    """Whether the evidence answers the question, is the row of figures that is labelled with all that was asked for, or
    holds the code whose meaning was asked for ("P3-E11").

    ``small`` False: a larger model reads the evidence and declines by itself, so that it is asked one point milder.
    """
    if not evidence.sentences or not evidence.tells:
        return False
    best = evidence.sentences[0]
    if is_the_row(question, best.quote, best.columns) or (
        codes(question) & codes(best.quote) and asks_meaning(question)
    ):
        return True
    point = strictness if small else MILDER[strictness]
    by_score = evidence.score >= SCORE_THRESHOLDS[point]
    if evidence.answerable is None:
        return by_score
    pointed = question_kind(question) == "words" and not _MANNER.search(question)
    return sureness(evidence.answerable, evidence.score) >= READ_THRESHOLDS[point] or (by_score and not pointed)
