"""The facts in a sentence by which people act: amounts of money, days, stretches of time, other figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import regex

from app.compare.vocabulary import vocabulary
from ingest.facets.dates import whole_days
from ingest.tables.vocabulary import LANGUAGES, months

_SIGN = regex.compile(r"\p{Sc}\s?\p{Nd}|\p{Nd}[\p{Nd}.,\s]*\p{Sc}")
_WORD = regex.compile(r"\p{Nd}[\p{Nd}.,:]*|\p{L}[\p{L}\p{M}'’]*")
_PLURALS = ("zero", "one", "two", "few", "many", "other")

_ENDING = 2
"""Letters that the case of a word may add to it."""

_BESIDE = 3
"""Words after a number within which what it counts stands: "48 volle Stunden", "ten working days"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How many of each a sentence names."""

    money: int = 0
    days: int = 0
    spans: int = 0
    figures: int = 0

    @property
    def weight(self) -> float:
        """0..1: money and days say more than a bare figure, and the third says less than the first."""
        value = 1.0 * self.money + 0.8 * self.days + 0.6 * self.spans + 0.3 * self.figures
        return min(1.0, value / 2.5)


def facts_of(text: str, language: str) -> Facts:
    """The facts that a sentence of that language (ISO 639-1) names."""
    words = [word.casefold().rstrip(".,:") for word in _WORD.findall(text)]
    numbers, currencies, times = _numbers(language), _currencies(language), _times()
    money, spans, figures = len(_SIGN.findall(text)), 0, 0
    for at, word in enumerate(words):
        if not (word[:1].isdecimal() or word in numbers):
            continue
        beside = words[at + 1 : at + 1 + _BESIDE]
        if any(one in currencies for one in beside[:2]):
            money += 1
        elif any(_is_time(one, times) for one in beside):
            spans += 1
        elif word[:1].isdecimal():
            figures += 1
    days = len(whole_days(text)) or _day_without_year(words)
    return Facts(money, days, spans, max(0, figures - money - 2 * days))


def _is_time(word: str, times: frozenset[str]) -> bool:
    """Whether a word is one for a stretch of time, in any of its cases: "Tagen" for "Tage"."""
    return any(word[: len(word) - cut] in times for cut in range(_ENDING + 1) if len(word) - cut > 2)


def _day_without_year(words: list[str]) -> int:
    """Days as "31 March", "1er avril", "March 31" without their year."""
    named = months()
    return sum(
        (one[:1].isdecimal() and other in named) or (one in named and other[:1].isdecimal())
        for one, other in pairwise(words)
    )


@cache
def _numbers(language: str) -> frozenset[str]:
    return vocabulary(language).numbers | frozenset(
        {"one", "ein", "eine", "einem", "einer", "eines", "un", "une", "una"}
    )


@cache
def _currencies(language: str) -> frozenset[str]:
    from babel import Locale, UnknownLocaleError
    from babel.numbers import list_currencies

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return frozenset()
    names = [str(locale.currencies.get(code, "")).casefold() for code in list_currencies(locale)]
    plurals = locale._data.get("currency_names_plural", {})
    names += [str(form).casefold() for forms in plurals.values() for form in forms.values()]
    heads = {words[-1 if language in ("en", "de", "nl") else 0] for name in names if (words := name.split())}
    return frozenset(heads | {"eur", "usd", "gbp", "chf", "pence", "cent", "cents", "francs"})


@cache
def _times() -> frozenset[str]:
    """Words for stretches of time from hours to years, of the languages in which tables are read."""
    from babel import Locale

    found: set[str] = set()
    for language in LANGUAGES:
        patterns = Locale.parse(language)._data.get("unit_patterns", {})
        for unit in ("hour", "day", "week", "month", "year"):
            for plural, form in patterns.get(f"duration-{unit}", {}).get("long", {}).items():
                if isinstance(form, str) and plural in _PLURALS:
                    found.update(word for word in _WORD.findall(form.replace("{0}", "").casefold()) if len(word) > 2)
    return frozenset(found)
