"""Quarters of a year as texts name them: "Q3 2022", "third quarter of fiscal year 2023", "3. Quartal 2024", "2Q23"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ingest.facets.words import FISCAL, OF, either, ordinals, quarter_letters, quarter_names, small

_YEAR = r"(?:19|20)\d\d"
_SHORT_YEAR = r"['’]?\d\d"


@dataclass(frozen=True, slots=True)
class QuarterName:
    """``text[start:end]`` names this quarter. ``year`` is None where it does not say; ``fiscal`` where it says so."""

    start: int
    end: int
    quarter: int
    year: int | None
    fiscal: bool


@dataclass(frozen=True, slots=True)
class YearName:
    """``text[start:end]`` names this year; ``fiscal`` where it says so ("fiscal 2023", "FY23")."""

    start: int
    end: int
    year: int
    fiscal: bool


def find_quarters(text: str) -> list[QuarterName]:
    """The quarters that a text names, in order."""
    found = list(_matches(small(text)))
    found.sort(key=lambda name: (name.start, -name.end))
    kept: list[QuarterName] = []
    for name in found:
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def find_years(text: str) -> list[YearName]:
    """The years that a text names by themselves, fiscal ones with the word for it, in order."""
    lowered = small(text)
    found = []
    for match in _years().finditer(lowered):
        digits = match["fiscal_year"] or match["year"]
        found.append(YearName(match.start(), match.end(), whole_year(digits), bool(match["fiscal_year"])))
    return found


def whole_year(digits: str) -> int:
    """2023 of "2023", "23" and "'23"."""
    year = int(re.sub(r"\D", "", digits))
    return year + 2000 if year < 100 else year


def _matches(lowered: str) -> Iterator[QuarterName]:
    for pattern in _patterns():
        for match in pattern.finditer(lowered):
            groups = match.groupdict()
            number = groups.get("digit") or ordinals()[groups["ordinal"]]
            digits = groups.get("year")
            year = whole_year(digits) if digits else None
            fiscal = bool(groups.get("fiscal") or groups.get("between"))
            yield QuarterName(match.start(), match.end(), int(number), year, fiscal)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    names, letters, of = either(quarter_names()), quarter_letters(), either(OF)
    fiscal = rf"(?P<fiscal>{either(FISCAL)}['’\s-]*(?:year\s+)?)?"
    year = rf"(?P<year>{_YEAR}|(?<=fy){_SHORT_YEAR}|(?<=fy\s){_SHORT_YEAR})"
    after = rf"(?:[\s,]*(?:{of}\s+){{0,3}}(?:l['’])?{fiscal}{year}\b)"
    before = rf"(?:{fiscal}(?P<year>{_YEAR}|(?<=fy)\d\d)[\s,]+)"
    number = rf"(?:(?P<ordinal>{either(tuple(ordinals()))})|(?P<digit>[1-4])(?:st|nd|rd|th|\.?er|re|e|\.?º|ª|\.)?)"
    return (
        re.compile(rf"\b{number}\s+(?P<between>fiscal\s+)?{names}s?\b{after}?"),
        re.compile(rf"\b{before}{number}\s+{names}\b"),
        re.compile(rf"\b[{letters}]\s?(?P<digit>[1-4])\b{after}"),
        re.compile(rf"\b[{letters}]\s?(?P<digit>[1-4])[\s/-]?(?P<year>['’]\d\d|(?<=[\s/-])\d\d)\b"),
        re.compile(rf"\b{before}[{letters}](?P<digit>[1-4])\b"),
        re.compile(r"\bq(?P<digit>[1-4])\b"),
        re.compile(rf"\b(?P<digit>[1-4])q\s?(?P<year>{_YEAR}|\d\d)\b"),
    )


@cache
def _years() -> re.Pattern[str]:
    fiscal = rf"\b{either(FISCAL)}['’\s-]*(?:year\s+)?(?P<fiscal_year>{_YEAR}|(?<=fy)\d\d)\b"
    return re.compile(rf"{fiscal}|(?<![\w.,/-])(?P<year>{_YEAR})(?![\w,/]\d|[\w/]|[.-]\d)")
