"""What a cell holds, as a value that a database can compare: a number, a date, or words; None for no value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Literal

from ingest.tables.numbers import figure, is_none
from ingest.tables.vocabulary import months

DayOrder = Literal["day first", "month first"]

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ][\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d\d(?:[.,]\d+)?)")
_MINUTES = re.compile(r"(\d{1,3}):(\d\d(?:[.,]\d+)?)")
_LEADING = re.compile(r"[^\w\d+−–-]*([+−–-]?\s?\d[\d.,'’   ]*)")
_NOTES = re.compile(r"\[[^\]]*\]|[*†‡¹²³⁴⁵⁶⁷⁸⁹↑↓]+$")
_NOTHING = re.compile(r"[\s?.]*|n\.?\s?[/.]?\s?[acdk]\.?|none|null|nan|tb[ac]|unknown|k\.?\s?a\.?", re.IGNORECASE)

RECENT = 30
"""A year of two figures below this is of this century."""


def is_missing(text: str) -> bool:
    """Whether a cell says that it holds no value: "", "n/a", "-", "—", "?"."""
    return bool(_NOTHING.fullmatch(text.strip())) or is_none(text)


def without_notes(text: str) -> str:
    """The text of a cell without footnote signs: "29¹", "12[a]"."""
    return _NOTES.sub("", text).strip() or text.strip()


def read_number(text: str, decimal: str = ".") -> float | None:
    """The number that a cell is: "1,234.5", "(12)", "£20m"; None for words, dates and ranges."""
    found = figure(without_notes(text), decimal)
    return None if found is None else float(found.number)


def leading_number(text: str, decimal: str = ".") -> float | None:
    """The number at the start of a cell ("2 (1 own)", "940 tons"); a time ("1:23.4") in seconds; None for none."""
    text = without_notes(text)
    if time := _CLOCK.match(text):
        hours, minutes, seconds = time.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    if not (found := _LEADING.match(text)):
        return None
    return read_number(found[1].strip(" .,'’"), decimal)


def read_date(text: str, order: DayOrder = "day first") -> date | None:
    """The day that a cell names, in figures or with a month's name in seven languages; None for anything else."""
    text = without_notes(text)
    if iso := _ISO.fullmatch(text):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if numeric := _NUMERIC.fullmatch(text):
        first, second, year = int(numeric[1]), int(numeric[3]), _full_year(numeric[4])
        day, month = (first, second) if order == "day first" or numeric[2] == "." else (second, first)
        return _day(year, month, day)
    if named := _named().fullmatch(text):
        month = months()[(named["month"] or named["month2"]).lower().rstrip(".")]
        return _day(int(named["year"] or named["year2"]), month, int(named["day"] or named["day2"] or 1))
    return None


def day_order(texts: Sequence[str]) -> DayOrder:
    """Whether a column writes 03/04/2023 for the third of April, by the dates that can be read in one way only."""
    first = second = 0
    for text in texts:
        if found := _NUMERIC.fullmatch(text.strip()):
            first += int(found[1]) > 12
            second += int(found[3]) > 12
    return "month first" if second > first else "day first"


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < RECENT else 1900)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _named() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, months()), key=len, reverse=True))
    return re.compile(
        rf"(?:\w+,\s*)?(?:(?P<month>{names})\.?\s+(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{{4}})"
        rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<month2>{names})\.?,?\s+(?:de\s+)?(?P<year2>\d{{4}}))",
        re.IGNORECASE,
    )
