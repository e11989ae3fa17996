"""Where the span reader is at home, and how much its word counts elsewhere."""

import re
from typing import Literal

from index.familiarity import weight_by_familiarity
from index.reader.span_reader import SpanReader

Kind = Literal["words", "reason", "yes_no"]
"""What a question is answered with: words that can be pointed at, a reason or a manner, or yes and no."""

FIGURES = 0.3
"""Share of figures among letters and figures from which a stretch is a table or a column of numbers. Prose of
squad2-dev holds .02 on average and never as much as this."""

_REASON = re.compile(
    r"(?i)\b(?:why|how come|for what reason)\b"
    r"|\bhow (?:do|does|did|is|are|was|were|can|could|should|must|shall|would|to)\b"
)
_YES_NO = re.compile(
    r"(?i)(?:is|are|was|were|am|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would)\b"
    r"(?!.*\b(?:what|which|who|whom|whose|when|where|how)\b)"
)


def question_kind(question: str) -> Kind:
    """The kind of an English question; any other language's is "words"."""
    asked = question.strip()
    if _YES_NO.match(asked):
        return "yes_no"
    return "reason" if _REASON.search(asked) else "words"


def figures_share(text: str) -> float:
    """The share of figures among the letters and figures of ``text``, 0..1; 0 without any."""
    figures = sum(sign.isdigit() for sign in text)
    letters = sum(sign.isalpha() for sign in text)
    return figures / (figures + letters) if figures else 0.0


def trust(question: str, passage: str, reader: SpanReader) -> float:
    """How much the reader's word on this passage counts, 0 (not at all) to 1 (in full).

    Nothing in languages that its vocabulary does not know and in columns of numbers, which it never read while it
    learnt.
    """
    if figures_share(passage) >= FIGURES:
        return 0.0
    return weight_by_familiarity(1.0, min(reader.familiarity(question), reader.familiarity(passage)))
