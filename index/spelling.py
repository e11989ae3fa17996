"""Words that are spelt a little differently: a typo in a question, a name that a document writes another way."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 5
"""Letters of a word below which another word is not its typo: "rate" and "rent" are two words."""

TWO_SLIPS = 8
"""Letters from which a word may differ in two places; a slip is a letter missing, added, other, or two swapped."""


def spelled_like(word: str, vocabulary: Iterable[str]) -> str | None:
    """The word of ``vocabulary`` of which ``word`` may be a misspelling: the nearest, the first of several; else None.

    Both begin with the same letter and are letters alone: a code that differs in one place is another code.
    """
    slips = most_slips(word)
    if not slips:
        return None
    near = [
        other
        for other in vocabulary
        if other[:1] == word[:1] and other != word and abs(len(other) - len(word)) <= slips and other.isalpha()
    ]
    found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=slips)
    return found[0] if found else None


def most_slips(word: str) -> int:
    """In how many places another word may differ of which ``word`` is a misspelling; 0 for a short word or a code."""
    if len(word) < SHORTEST or not word.isalpha():
        return 0
    return 2 if len(word) >= TWO_SLIPS else 1
