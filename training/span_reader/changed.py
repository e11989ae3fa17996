"""Questions that a passage answers -> questions that it only seems to answer, made by rule.

One word is exchanged for another of its kind: a number, a name, a word of the text, an opposite; or a "not" is put
in. These are the ways in which people made SQuAD 2.0's unanswerable questions (Rajpurkar et al. 2018, table 2).
"""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence

from index.analyzer import FUNCTION_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_AUXILIARY = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", re.I)
SHORTEST = 4
"""Letters of a word that is exchanged: shorter ones are mostly grammar."""
STEM = 5
"""First letters by which two forms of a word are taken for the same."""
ENDING = 2
"""Last letters that a word of the text shares with the one it replaces, so that it is likely of the same kind."""

_PAIRS = """
first last, oldest youngest, older younger, largest smallest, larger smaller, large small, big little, most least,
more less, many few, highest lowest, higher lower, high low, longest shortest, longer shorter, long short, best
worst, better worse, good bad, early late, earlier later, earliest latest, before after, increase decrease,
increased decreased, rise fall, rose fell, win lose, won lost, begin end, began ended, start finish, started
finished, open close, opened closed, north south, northern southern, east west, eastern western, above below, inside
outside, male female, men women, man woman, public private, strong weak, stronger weaker, rich poor, allow forbid,
allowed forbidden, accept reject, accepted rejected, support oppose, supported opposed, join leave, joined left,
include exclude, included excluded, common rare, old new, positive negative, success failure, upper lower, major
minor, maximum minimum, hot cold, warmer colder, fast slow, faster slower, richest poorest, always never
"""
_LEFT, _RIGHT = zip(*(pair.split() for pair in _PAIRS.split(",")), strict=True)
OPPOSITES = dict(zip(_RIGHT, _LEFT, strict=True)) | dict(zip(_LEFT, _RIGHT, strict=True))


def changed_question(question: str, text: str, draw: random.Random) -> str | None:
    """``question`` with one thing changed, after ``text``, which answers it as it is; None where nothing can be."""
    ways: list[Callable[[str, str, random.Random], str | None]] = [_number, _name, _opposite, _word, _word, _negation]
    draw.shuffle(ways)
    for way in ways:
        changed = way(question, text, draw)
        if changed is not None:
            return changed
    return None


def _number(question: str, text: str, draw: random.Random) -> str | None:
    found = list(re.finditer(r"\d+", question))
    if not found:
        return None
    match = draw.choice(found)
    others = [other for other in re.findall(r"\d+", text) if len(other) == len(match[0]) and other != match[0]]
    if others and draw.random() < 0.5:
        return _put(question, match, draw.choice(others))
    return _put(question, match, str(max(1, int(match[0]) + draw.choice((-20, -10, -3, -2, -1, 1, 2, 3, 10, 20)))))


def _name(question: str, text: str, draw: random.Random) -> str | None:
    inner = [match for match in _WORD.finditer(question) if match.start() and match[0][0].isupper()]
    return _exchange(question, inner, _names(text), draw)


def _names(text: str) -> list[str]:
    return [m[0] for m in _WORD.finditer(text) if m[0][0].isupper() and not _opens(text, m.start())]


def _opens(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?\n"


def _opposite(question: str, text: str, draw: random.Random) -> str | None:  # noqa: ARG001
    found = [match for match in _WORD.finditer(question) if match[0].lower() in OPPOSITES]
    if not found:
        return None
    match = draw.choice(found)
    return _put(question, match, OPPOSITES[match[0].lower()])


def _word(question: str, text: str, draw: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(question) if _is_content(match[0])]
    draw.shuffle(words)
    for match in words:
        alike = [m[0] for m in _WORD.finditer(text) if _is_content(m[0]) and m[0][-ENDING:] == match[0][-ENDING:]]
        changed = _exchange(question, [match], alike, draw)
        if changed is not None:
            return changed
    return None


def _is_content(word: str) -> bool:
    return len(word) >= SHORTEST and word.islower() and word not in FUNCTION_WORDS


def _negation(question: str, text: str, draw: random.Random) -> str | None:  # noqa: ARG001
    match = _AUXILIARY.search(question)
    if match is None or draw.random() < 0.5 or re.search(r"\b(not|never)\b|n't", question):
        return None
    subject = re.match(r" (?!the |an? |this |that )[^ ]+(?= )", question[match.end() :])
    place = match.end() + (subject.end() if subject else 0)
    return question[:place] + draw.choice((" not", " never")) + question[place:]


def _exchange(question: str, places: Sequence[re.Match[str]], others: Sequence[str], draw: random.Random) -> str | None:
    words = {_folded(match[0]) for match in _WORD.finditer(question)}
    fresh = sorted({other for other in others if _folded(other) not in words})
    if not places or not fresh:
        return None
    return _put(question, draw.choice(places), draw.choice(fresh))


def _folded(word: str) -> str:
    """The first letters without case and accents, as MiniLM's tokenizer drops them: "Normans" is no other "Norman"."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))[:STEM]


def _put(question: str, match: re.Match[str], other: str) -> str:
    return question[: match.start()] + other + question[match.end() :]
