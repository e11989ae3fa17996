"""The words that answer -> whether they may stand without their sentence."""

import re
from collections.abc import Set as AbstractSet

from app.answer.rules.quantities import CLAUSE_END, FIGURE, of_change
from app.answer.rules.question_kinds import ASKING, asks_level
from app.answer.rules.text_features import content_words, numbers
from core.types import AnswerWords, Citation
from index.search.figure_rows import row_label

_DENIES = re.compile(r"(?i)\b(?:not(?! only\b)|never|nobody|no one|cannot|no longer|\w+n['’]t)\b")
_CONDITION = re.compile(r"(?i)\b(?:if|unless|in case|provided that)\b(?P<what>(?:[^,]|,(?=\d))*)")
_BEGINS = re.compile(r"(?i)(?:when|where|while|if|unless|because)\b")
_COMPARES = r"(?:more|less|fewer|longer|shorter|later|earlier|sooner|higher|lower|larger|smaller|greater) than"
_LIMITS = re.compile(rf"(?i)\b(?:exceed\w*|{_COMPARES}|over|above|below|under|before|after|until|beyond)\s*$")
_PART_END = re.compile(r"[.;:,]\s|\b(?:but|except)\b")


def tells_alone(question: str, sentence: Citation, words: AnswerWords) -> bool:
    """Whether the words that answer may stand without their sentence.

    They may not where they are half of it ("when it rains, or when it snows"), and figures not where they are denied
    ("never for more than 20 seconds"), where they hold under a condition that nobody asked for, or where it was asked
    how much and they are one of the figures of a row or one of a change.
    """
    before = sentence.quote[: max(0, words.start - sentence.start)]
    if _goes_on(words.text, sentence.quote[words.end - sentence.start :]):
        return False
    if not numbers(words.text):
        return True
    if _denied(before) and not _DENIES.search(question):
        return False
    if special_case(question, sentence.quote):
        return False
    if not asks_level(question):
        return True
    figure = FIGURE.search(words.text)
    at = words.start - sentence.start + (figure.start() if figure else 0)
    return row_label(sentence.quote) is None and not of_change(sentence.quote, at)


def special_case(said: str, quote: str, figures: AbstractSet[str] | None = None) -> bool:
    """Whether a clause of ``quote`` states a figure, one of ``figures`` where given, under a condition ("if the rent
    is in arrears") of which ``said`` (the question, or an answer's sentence with it) names less than half."""
    words = content_words(said)
    for clause in CLAUSE_END.split(quote):
        wanted = set().union(*(content_words(match["what"]) for match in _CONDITION.finditer(clause))) - ASKING
        stated = numbers(_CONDITION.sub("", clause))
        if wanted and (stated if figures is None else stated & figures) and 2 * len(wanted & words) < len(wanted):
            return not _CONDITION.search(said)
    return False


def _denied(before: str) -> bool:
    """Whether what stands ``before`` a figure denies it: "not in 1912", "never for more than 20 seconds"; but not where
    it is the limit, without the words that compare: "not more than" 20 seconds."""
    part = _PART_END.split(before)[-1]
    return bool(_DENIES.search(part)) and not _LIMITS.search(part)


def _goes_on(words: str, after: str) -> bool:
    """Whether what follows is one more of their kind: "when it rains" goes on with "or when it snows"."""
    begins = _BEGINS.match(words)
    return bool(begins and re.match(rf"(?i),?\s+(?:or|and)\s+{begins.group()}\b", after))
