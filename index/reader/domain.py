"""What is in the span reader's domain: the questions and passages for which its scores count, and how much."""

from index.familiarity import weight_by_familiarity
from index.reader.span_reader import ReadsSpans

FIGURES = 0.3
"""Share of digits among letters and digits from which a text is a table or a column of numbers. Prose of
squad2-dev holds .02 on average and never as much as this."""


def figures_share(text: str) -> float:
    """The share of digits among the letters and digits of ``text``, in 0..1; 0 if it has none."""
    figures = sum(sign.isdigit() for sign in text)
    letters = sum(sign.isalpha() for sign in text)
    return figures / (figures + letters) if figures else 0.0


def trust(question: str, passage: str, span_reader: ReadsSpans) -> float:
    """How much the span reader's scores of this passage count, from 0 (out of its domain) to 1 (in-domain).

    Languages that its vocabulary does not know and columns of numbers were not in its training data: out of domain.
    """
    if figures_share(passage) >= FIGURES:
        return 0.0
    return weight_by_familiarity(1.0, min(span_reader.familiarity(question), span_reader.familiarity(passage)))
