"""Words for months, stretches of time and powers of ten, in the languages in which tables are read, after CLDR."""

import re
from functools import cache

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
"""Earlier ones go first where a word means two things: "billion" is English."""

_ABBREVIATIONS = {"tsd": 3, "mio": 6, "mln": 6, "mn": 6, "mrd": 9, "mlrd": 9, "bn": 9}
_PLURALS = {"thousands": 3, "millions": 6, "billions": 9, "milliers": 3}
"""CLDR has the words as they stand after a number: "2 thousand"."""
_COUNTS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "un deux trois quatre cinq six sept huit neuf dix onze douze",
    "un dos tres cuatro cinco seis siete ocho nueve diez once doce",
)


@cache
def months() -> dict[str, int]:
    """The names of the months in small letters, long and short, without a full stop, with their numbers."""
    from babel import Locale

    found: dict[str, int] = {"sept": 9}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                found.setdefault(str(name).lower().rstrip("."), number)
    return found


@cache
def powers() -> dict[str, int]:
    """Words for powers of ten, in small letters, without a full stop, with the power: "thousand" is 3."""
    from babel.numbers import format_compact_decimal

    found = _ABBREVIATIONS | _PLURALS
    for language in LANGUAGES:
        for power in (3, 6, 9):
            for times in (1, 2):
                shown = format_compact_decimal(times * 10**power, format_type="long", locale=language)
                found.setdefault(re.sub(r"[\d\s.]", "", shown).lower(), power)
    return found


@cache
def counts() -> dict[str, int]:
    """The words for one to twelve."""
    found: dict[str, int] = {}
    for words in _COUNTS:
        for number, word in enumerate(words.split(), 1):
            found.setdefault(word, number)
    return found


@cache
def time_spans() -> dict[str, tuple[str, int]]:
    """Words for stretches of time, with what they are multiples of, "month" or "day", and how many of it."""
    from babel.units import format_unit

    meanings = {"month": ("month", 1), "quarter": ("month", 3), "year": ("month", 12), "week": ("day", 7)}
    found: dict[str, tuple[str, int]] = {}
    for language in LANGUAGES:
        for unit, meaning in meanings.items():
            for times in (1, 2):
                shown = format_unit(times, f"duration-{unit}", locale=language)
                word = re.sub(r"[\d\s.]", "", shown).lower()
                if word.isalpha() and len(word) > 2:
                    found.setdefault(word, meaning)
    return found
