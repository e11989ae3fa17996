"""A question of a conversation -> what to search for: a follow-up borrows words of the question before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.words import content_words
from index.words import words

# Of the start of a question that goes on with the one before: "and in May?", "who wrote it?", "what about them?"
_GOES_ON = frozenset(("and", "but", "or", "so", "also", "then"))
_POINTS_BACK = "it its they them their he him his she her hers this that these those there one ones"
_POINTERS = frozenset(_POINTS_BACK.split())

FEW_WORDS = 3
"""A question of at most so many content words that points back says too little by itself."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for, and one line that says so where it is not the question itself."""

    text: str
    note: str = ""


def search_for(question: str, earlier: Sequence[str]) -> Search:
    """What to search for to answer ``question`` after the questions ``earlier``, oldest first.

    A question borrows from the one before it where it has no content words of its own, begins as a continuation,
    or points back with a pronoun and says little else. Without a question before it, it is searched as it is.
    """
    if not earlier or not _leans(question):
        return Search(question)
    own = content_words(question)
    borrowed = [word for word in _written(earlier[-1]) if not content_words(word) <= own]
    if not borrowed:
        return Search(question)
    text = f"{question.strip()} ({' '.join(borrowed)})"
    return Search(text, f"Searched for: {text}")


def _leans(question: str) -> bool:
    own = content_words(question)
    said = [word.lower().strip("?!.,;:'\"") for word in question.split()]
    if not own or (said and said[0] in _GOES_ON):
        return True
    return len(own) <= FEW_WORDS and any(word in _POINTERS for word in said)


def _written(question: str) -> list[str]:
    """The content words of a question as they were written, each once."""
    kept = dict.fromkeys(word.strip("?!.,;:'\"()") for word in question.split())
    return [word for word in kept if words(word) and content_words(word)]
