"""What the figures of a table count: "In millions, except per share amounts", "in Mio. €", "TEUR", "(in thousands)"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import regex

from ingest.tables import vocabulary

_MOST = 160
"""Characters of a line that tells units: a longer one is prose."""

_EXCEPT = re.compile(r"(?i)\b(?:except|excluding|other than|außer|ausgenommen|sauf|hormis|excepto|salvo)\b")
_PER = re.compile(r"(?i)\b(?:per|je|pro|par|por)[\s-]+\w+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_COUNT_WORD = re.compile(r"(?i)\b(?:amounts?|data|numbers?|figures?|which|are|reflected|the|and|for|in|of|on)\b")
_CODES = "EUR|USD|CHF|GBP|JPY|CAD|AUD|SEK|NOK|DKK|PLN|CZK|CNY|INR|BRL"
_SIGN = rf"(?:\p{{Sc}}|{_CODES})"
_THOUSAND = regex.compile(rf"\b[TtKk]{_SIGN}|\p{{Sc}}['’ ]?000s?\b|['’]000s?\b|\b000s\b")
_MILLION = regex.compile(rf"{_SIGN}\s?[mM]\b|\b[mM]{_SIGN}")
_MONEY = regex.compile(rf"\p{{Lu}}{{0,2}}\p{{Sc}}|\b(?:{_CODES})\b")


@dataclass(frozen=True, slots=True)
class Exempt:
    """What the unit does not hold for: the words that name it, and what it is counted in."""

    words: frozenset[str]
    per: bool
    scale: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What a table says of its figures. ``text`` is how it says it, "" for nothing; ``money`` a currency, or ""."""

    text: str = ""
    scale: int = 1
    money: str = ""
    exceptions: tuple[Exempt, ...] = ()


def unit_of(notes: Iterable[str]) -> Unit:
    """The unit that the first of these lines tells which tells any; in brackets where a line holds more."""
    for note in notes:
        for text in (*re.findall(r"\(([^()]*)\)", note), note):
            scale = scale_in(text)
            if scale is not None and len(text) <= _MOST:
                rest = _EXCEPT.split(text, maxsplit=1)[1:]
                return Unit(text.strip(" ,;:"), scale, money_in(text), _exceptions(rest[0]) if rest else ())
    return Unit()


def scale_in(text: str) -> int | None:
    """What a text counts in: 1000000 for "in millions of dollars" or "Mio. €"; None where it does not say.

    Words for powers of ten after a number ("3 million shares") say nothing of other figures.
    """
    if _THOUSAND.search(text):
        return 1000
    if _MILLION.search(text):
        return 1_000_000
    head = _EXCEPT.split(text, maxsplit=1)[0]
    found = _power().search(head.lower())
    if found:
        return int(10 ** vocabulary.powers()[found[1]])
    return None


def money_in(text: str) -> str:
    """The sign or the code of a currency in a text; "" for none, and for more than one."""
    found = set(_MONEY.findall(text))
    return str(found.pop()) if len(found) == 1 else ""


def excepted(unit: Unit, path: Iterable[str]) -> int | None:
    """The scale of a row or column that the unit does not hold for, by its path; None where it holds."""
    label = " ".join(path)
    without = set(map(str.lower, _WORD.findall(_PER.sub(" ", label))))
    for one in unit.exceptions:
        if not one.per and one.words and any(_same(word, other) for word in one.words for other in without):
            return one.scale
    if any(one.per for one in unit.exceptions) and _PER.search(label):
        return next(one.scale for one in unit.exceptions if one.per)
    return None


def is_rate(path: Iterable[str]) -> bool:
    """Whether a row or column is called something per something ("Earnings per share")."""
    return bool(_PER.search(" ".join(path)))


def _exceptions(text: str) -> tuple[Exempt, ...]:
    """ "number of shares, which are reflected in thousands, and per-share amounts": shares in 1000, per share in 1."""
    found: list[Exempt] = []
    for piece in re.split(r",|;|\band\b|\bund\b|\bet\b|\bor\b", text):
        power = _power().search(piece.lower())
        if power and found:
            found[-1] = Exempt(found[-1].words, found[-1].per, int(10 ** vocabulary.powers()[power[1]]))
        elif piece.strip():
            per = bool(_PER.search(piece))
            names = _COUNT_WORD.sub(" ", _PER.sub(" ", piece)).lower()
            found.append(Exempt(frozenset(_WORD.findall(names)), per, 1))
    return tuple(found)


def _same(word: str, other: str) -> bool:
    return word.rstrip("s") == other.rstrip("s")


@cache
def _power() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, vocabulary.powers()), key=len, reverse=True))
    return re.compile(rf"(?<![\d.,]\s)(?<![\d\w])({names})\b")
