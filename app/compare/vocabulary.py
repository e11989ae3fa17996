"""Words that weigh in any language, from libraries: number words, months, units and currencies of Unicode's CLDR, and
the closed class of small words (not, may, shall, without, at least) of Stopwords ISO."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import regex

_LETTERS = regex.compile(r"\p{L}[\p{L}\p{M}'’]*")
_SPELLED = (*range(2, 101), *range(200, 1001, 100), 10**6, 2 * 10**6, 10**9, 2 * 10**9)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words in small letters, of one language or several."""

    numbers: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()

    def __or__(self, other: "Vocabulary") -> "Vocabulary":
        return Vocabulary(
            self.numbers | other.numbers, self.dates | other.dates, self.units | other.units, self.small | other.small
        )


@cache
def vocabulary(language: str) -> Vocabulary:
    """The words of a language (ISO 639-1); empty ones for a language that the libraries do not know."""
    from babel import Locale, UnknownLocaleError

    small = _small_words(language)
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Vocabulary(small=small)
    dates = _dates(locale)
    short = frozenset(word for word in small if len(word) < 3)
    return Vocabulary(_number_words(language, small), dates, _units(locale) - dates - short, small)


def _small_words(language: str) -> frozenset[str]:
    import stopwordsiso

    return frozenset(stopwordsiso.stopwords(language)) if stopwordsiso.has_lang(language) else frozenset()


def _number_words(language: str, small: frozenset[str]) -> frozenset[str]:
    """Two, three, ... thousands and millions, also as ordinals, without the "and" between them.

    One is left out: it is an article in many languages.
    """
    from unicode_rbnf import RbnfEngine

    if language not in RbnfEngine.get_supported_languages():
        return frozenset()
    engine = RbnfEngine.for_language(language)
    whole: set[str] = set()
    parts: set[str] = set()
    one: set[str] = set()
    for number in (0, 1, *_SPELLED):
        for text in engine.format_number(number).text_by_ruleset.values():
            words = _LETTERS.findall(text.replace("\xad", "").casefold())
            (one if number == 1 else whole if len(words) == 1 else parts).update(words)
    joined = (whole | (parts - small)) - one
    return frozenset(word for word in joined if len(word) > 1)


def _dates(locale: Any) -> frozenset[str]:
    """Months and days of the week, written out and cut."""
    named = [
        names
        for table in (locale.months, locale.days)
        for context in ("format", "stand-alone")
        for width, names in table.get(context, {}).items()
        if width in ("wide", "abbreviated")
    ]
    words = {word for names in named for name in names.values() for word in _LETTERS.findall(str(name).casefold())}
    return frozenset(word for word in words if len(word) > 2)


def _units(locale: Any) -> frozenset[str]:
    """Units of measure and of time, and currencies with their codes."""
    from babel.numbers import list_currencies

    words: set[str] = set()
    for forms in _unit_patterns(locale):
        words.update(_LETTERS.findall(forms))
    names = [locale.currencies.get(code, "") for code in list_currencies(locale)]
    heads: dict[str, int] = {}
    for name in names:
        for word in set(_LETTERS.findall(name.casefold())):
            heads[word] = heads.get(word, 0) + 1
    plurals = locale._data.get("currency_names_plural", {})
    for name in names:
        written = _LETTERS.findall(name.casefold())
        words.update(word for word in written if len(written) == 1 or heads[word] >= 5)
    for forms in plurals.values():
        for form in forms.values():
            written = _LETTERS.findall(str(form).casefold())
            words.update(written if len(written) == 1 else written[-1:])
    words.update(code.casefold() for code in ("EUR", "USD", "GBP", "CHF", "JPY", "CNY"))
    return frozenset(word for word in words if len(word) > 1)


def _unit_patterns(locale: Any) -> list[str]:
    """The texts around figures of all units: "{0} days", "{0} km"."""
    found = []
    for widths in locale._data.get("unit_patterns", {}).values():
        for width, forms in widths.items():
            if width in ("long", "short") and hasattr(forms, "values"):
                found += [str(form).replace("{0}", "").casefold() for form in forms.values() if isinstance(form, str)]
    return found
