"""A kept answer beside what a document says: whether it still stands there, or another value is in its place.

Compared are values with their units ("12 l" is "12 litres", "1,200" is "1200") and the stems of the other words, not
the wording. What an answer of neither says ("yes") cannot be compared.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.answer.rules.text_features import content_words, numbers
from core.types import Document
from evaluate.gold import LONGEST, STATED
from index.analyzer import analyze
from ingest.sentences import Span, sentence_spans

_UNITS = """l litre litres liter liters|ml millilitre millilitres milliliter milliliters
    |kg kilo kilos kilogram kilograms kilogramm|g gram grams gramm
    |m metre metres meter meters|km kilometre kilometres kilometer kilometers
    |cm centimetre centimetres centimeter centimeters|mm millimetre millimetres millimeter millimeters
    |h hr hrs hour hours stunde stunden|min mins minute minutes minuten|s sec secs second seconds sekunde sekunden
    |day days tag tage tagen|week weeks woche wochen|month months monat monate monaten
    |year years yr yrs jahr jahre jahren
    |€ eur euro euros|$ usd dollar dollars|£ gbp pound pounds|% percent pct prozent|°c celsius|kw kilowatt kilowatts
    |v volt volts|w watt watts|bar bars|mb megabyte megabytes|gb gigabyte gigabytes"""
_UNIT = {word: unit.split()[0] for unit in _UNITS.split("|") for word in unit.split()}
_NUMBER = r"\d+(?:[.,'’\u00a0\u202f]\d+)*"
_VALUE = re.compile(
    rf"(?:(?P<before>[€$£]|\b(?:eur|usd|gbp)\b) ?)?(?P<number>{_NUMBER})[ -]?(?P<after>[€$£%]|°c|[^\W\d_]+)?"
)
_SPELT = re.compile(r"[a-z]+(?:[-‐‑][a-z]+)?")
_ROW = " | "
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NEGATION = re.compile(r"(?i)\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|\w+n['’]t)\b")
_UNSAID = frozenset(analyze("yes no true false none"))

Values = frozenset[tuple[str, str]]


def can_compare(answer: str) -> bool:
    """Whether there is anything in a kept answer to look for: a value, or a word that says something."""
    return bool(numbers(answer) or _stems(answer))


def states(text: str, answer: str) -> bool:
    """Whether ``text`` holds a kept answer: all of its values, most of its other words, and none of them denied."""
    wanted = _stems(answer)
    # A column's name may hold the unit of a row's figures.
    held_values = _with_unit(answer) if _ROW in text else _with_unit(text)
    if not _with_unit(answer) <= held_values or not numbers(answer) <= numbers(text):
        return False
    held = _stems(text)
    if len(wanted & held) < STATED * len(wanted):
        return False
    return not (_negated(text) ^ _negated(answer)) & wanted


def contradicts(text: str, answer: str) -> bool:
    """Whether ``text`` holds another value of the same unit in the place of the answer's."""
    kept, told = _with_unit(answer), _with_unit(text)
    units = {unit for _, unit in kept}
    return bool(kept) and not kept & told and any(unit in units for _, unit in told)


def standing(document: Document, answer: str, stretches: Sequence[Span]) -> Span | None:
    """Where in the ``stretches`` of a document a kept answer stands: its sentence; of a long one the stretch."""
    long = len(answer.split()) > LONGEST
    for stretch in stretches:
        parts: Iterator[Span] = iter([stretch]) if long else _sentences(document.text, stretch)
        for start, end in parts:
            if states(document.text[start:end], answer):
                return start, end
    return None


def _sentences(text: str, stretch: Span) -> Iterator[Span]:
    """The sentences of a stretch, and each with the next: what a pronoun or a row's name leaves to its neighbour."""
    spans = [(stretch[0] + start, stretch[0] + end) for start, end in sentence_spans(text[slice(*stretch)])]
    yield from spans
    yield from ((one[0], other[1]) for one, other in pairwise(spans))


def values(text: str) -> Values:
    """Numbers in one spelling, each with the unit beside it in one spelling, "" where none is."""
    return frozenset((number, _unit(match)) for match in _found(text) for number in numbers(match["number"]))


def _found(text: str) -> Iterator[re.Match[str]]:
    return _VALUE.finditer(_in_digits(text))


def _in_digits(text: str) -> str:
    """The text in lower case, "twelve" and "twenty-five" in digits."""
    return _SPELT.sub(lambda word: next(iter(numbers(word[0])), word[0]), text.lower())


def _unit(match: re.Match[str]) -> str:
    return _UNIT.get(match["before"] or "") or _UNIT.get(match["after"] or "", "")


def _with_unit(text: str) -> Values:
    return frozenset(value for value in values(text) if value[1])


def _stems(text: str) -> set[str]:
    """Words that say something, but for numbers and their units, which are compared as values."""
    plain = _VALUE.sub(lambda match: f" {'' if _unit(match) else match['after'] or ''} ", _in_digits(text))
    return content_words(plain) - _UNSAID


def _negated(text: str) -> set[str]:
    """Stems of the first content word after each negation: {"sign"} for "was not signed"."""
    after = (_WORD.findall(text[negation.end() : negation.end() + 60]) for negation in _NEGATION.finditer(text))
    return set().union(*(next((stems for word in words if (stems := content_words(word))), ()) for words in after))
