"""What the accepted answers say about a sentence: it states one, it puts another in its place, or neither.

The labels are made by rule, so that the support that an answer shows can be counted without a judge. They err on the
strict side: a true sentence about something else counts as wrong, and so does a paraphrase. They cannot see what a
sentence does with the words it holds ("not Ada Marsh"), nor a wrong answer that is neither a figure, a date nor a name.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.answer.rules.text_features import content_words, names, numbers
from evaluate import wording

STATED = 0.7
"""Share of an accepted answer's words that a sentence must hold to state it: all of one to three, three of four."""

LONGEST = 12
"""Most words of an accepted answer that one sentence can be expected to state; SQuAD's have three on average."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence as a person read it: its text, what is quoted for it, and whether it was marked as unsupported."""

    text: str
    quotes: tuple[str, ...]
    marked: bool


def can_tell(references: Sequence[str]) -> bool:
    """Whether the answers are short enough for a sentence to state one."""
    return any(0 < len(wording.words(reference)) <= LONGEST for reference in references)


def states(sentence: str, references: Sequence[str]) -> bool:
    """Whether the sentence holds an accepted answer: all of its figures, and STATED of its other words."""
    figures = numbers(sentence)
    return any(
        numbers(reference) <= figures and wording.words_recalled(sentence, _without_figures(reference)) >= STATED
        for reference in references
        if numbers(reference) or wording.words(reference)
    )


def contradicts(sentence: str, question: str, references: Sequence[str]) -> bool:
    """Whether the sentence puts another answer of the same kind in the place of the accepted ones.

    Where these are figures or dates: it lacks a figure of each, and holds one that is neither accepted nor asked about.
    Where they are names: it holds none of them, and another that was not asked about. Of other kinds a sentence's words
    cannot tell.
    """
    if states(sentence, references):
        return False
    figures = [numbers(reference) for reference in references]
    if any(figures):
        told = numbers(sentence)
        others = told - numbers(question) - set().union(*figures)
        return bool(others) and not any(one and one <= told for one in figures)
    # A word before it: an answer's first word is as much a name as its second.
    accepted = set().union(*(names(f"x {reference}") for reference in references))
    told = names(sentence) - content_words(question)
    return bool(accepted and told) and not told & accepted


def score_support(sentences: Sequence[Shown], references: Sequence[str]) -> tuple[float, float]:
    """Precision and recall of what was shown as supported; NaN where there is nothing to count.

    Precision: of the sentences that carry a citation, the share that states an accepted answer which a quote of theirs
    states too. Recall: of the sentences that state one, the share that carries such a citation.
    """
    if not can_tell(references):
        return math.nan, math.nan
    right = [states(sentence.text, references) for sentence in sentences]
    cited = [bool(sentence.quotes) for sentence in sentences]
    proven = [
        stated and any(states(quote, references) for quote in sentence.quotes)
        for stated, sentence in zip(right, sentences, strict=True)
    ]
    return _share(proven, cited), _share(proven, right)


def score_contradictions(sentences: Sequence[Shown], question: str, references: Sequence[str]) -> tuple[float, float]:
    """Of all sentences, the share that contradicts the accepted answers and is not marked; and of these, the share
    that is not the documents' own words. NaN where there is nothing to count."""
    if not can_tell(references) or not sentences:
        return math.nan, math.nan
    wrong = [s for s in sentences if not s.marked and contradicts(s.text, question, references)]
    return len(wrong) / len(sentences), sum(not _quoted(s) for s in wrong) / len(sentences)


def _without_figures(reference: str) -> str:
    return " ".join(word for word in reference.split() if not numbers(word))


def _quoted(sentence: Shown) -> bool:
    return any(" ".join(sentence.text.split()) in " ".join(quote.split()) for quote in sentence.quotes)


def _share(part: Sequence[bool], whole: Sequence[bool]) -> float:
    return sum(part) / sum(whole) if any(whole) else math.nan
