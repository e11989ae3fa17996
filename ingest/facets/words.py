"""Closed-class words by which a document says what it is, in the languages of ``ingest.tables.vocabulary``.

They are function words of each language and words of the calendar, not words of any kind of document: months, quarters
and stretches of time are CLDR's (Babel), legal forms of companies cleanco's.
"""

from __future__ import annotations

import re
from functools import cache

from ingest.tables.vocabulary import LANGUAGES


def listed(words: str) -> tuple[str, ...]:
    """ "in, of the" -> ("in", "of the")."""
    return tuple(words.split(", "))


ORDINALS: tuple[str, ...] = (
    "first second third fourth",
    "erste zweite dritte vierte",
    "ersten zweiten dritten vierten",
    "erstes zweites drittes viertes",
    "premier deuxième troisième quatrième",
    "primer segundo tercer cuarto",
    "primo secondo terzo quarto",
    "eerste tweede derde vierde",
    "primeiro segundo terceiro quarto",
)

ENDED = listed(
    "ended, ending, abgeschlossen, endend, endende, endete, clos, terminé, terminée, terminado, terminada"
    ", finalizado, finalizada, chiuso, terminato, geëindigd, eindigend, findo, encerrado"
)
"""Participles of "end", before the day on which a period ends."""

TO = listed("on, am, zum, le, au, el, il, al, op, per, em")
"""What may stand between such a participle and the day."""

FISCAL = listed(
    "fiscal, fiscal year, fy, geschäftsjahr, geschäftsjahrs, geschäftsjahres, exercice, ejercicio"
    ", esercizio, boekjaar, exercício"
)

OF = listed("of, in, for, des, im, de, du, del, di, van, do, the, year, jahr, jahres, calendar")

BETWEEN = listed("between, among, zwischen, entre, tra, fra, tussen")
"""What comes before the first of several parties."""

AND = listed("and, und, et, y, e, en")

CALLED = listed(
    "hereinafter, hereafter, called, nachfolgend, nachstehend, im folgenden, ci-après, en adelante"
    ", di seguito, hierna, doravante"
)
"""What comes before another name of a party."""

WITHIN_NAMES = listed(
    "of, de, du, des, del, della, di, da, do, dos, la, le, les, the, der, die, das, den, dem, van, von, zu, zur, zum, y"
)

INDEFINITE = listed("a, an, ein, eine, einer, un, une, una, uno, een, um, uma")

THIS = listed(
    "this, dieser, diese, dieses, diesem, ce, cet, cette, présent, présente, este, esta, questo, questa"
    ", presente, deze, dit"
)
"""With these a document speaks of itself: "this agreement"."""

TITLES = listed("mr, mrs, ms, miss, dr, prof, sir, herr, herrn, frau, mme, mlle, sr, sra, sig, sig.ra, mevr, dhr")
"""Titles of persons, in small letters, without a full stop."""

SYMBOL = listed("symbol, ticker, symbole, símbolo, simbolo, symbool, kürzel")


def either(words: tuple[str, ...] | list[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


@cache
def quarter_names() -> tuple[str, ...]:
    """The words for a quarter of a year, in small letters: "quarter", "quartal", "trimestre"."""
    from babel import Locale

    found: dict[str, None] = {}
    for language in LANGUAGES:
        for name in Locale(language).quarters["format"]["wide"].values():
            found.setdefault(str(name).split()[-1].lower())
    return tuple(found)


@cache
def quarter_letters() -> str:
    """The letters before the number of a quarter, in small letters: "q" of "Q3", "t" of "T3"."""
    from babel import Locale

    shown = (Locale(language).quarters["format"]["abbreviated"][1] for language in LANGUAGES)
    return "".join(sorted({str(name)[0].lower() for name in shown}))


@cache
def ordinals() -> dict[str, int]:
    """The words for first to fourth, in small letters."""
    return {word: number for line in ORDINALS for number, word in enumerate(line.split(), 1)}


def small(text: str) -> str:
    """The text in small letters, every character in its place."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
