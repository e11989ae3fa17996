"""The periods that a question names, and whether a column of a table is of one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from core.tables import Period
from ingest.tables.periods import period_of
from ingest.tables.vocabulary import counts, months, time_spans

YEAR = r"(?:19|20)\d\d"
_TWO = r"['’]\d\d"

Grain = Literal["year", "half", "quarter", "month", "day"]


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """A period as a question names it. ``text`` are its words, ``days`` the calendar's days of it."""

    text: str
    grain: Grain
    days: Period


@dataclass(frozen=True, slots=True)
class AskedPeriods:
    """The periods of a question in the order of their words, what is left of it, and the length in months of the
    stretch that it names ("three months"), 0 for none. ``is_range``: they are the first and the last of several."""

    periods: tuple[AskedPeriod, ...]
    rest: str
    months: int = 0
    is_range: bool = False

    @property
    def with_years_between(self) -> tuple[AskedPeriod, ...]:
        """The periods; of a range of two years also the years between them ("from 2015 to 2019")."""
        if not self.is_range or len(self.periods) != 2 or any(one.grain != "year" for one in self.periods):
            return self.periods
        first, last = sorted(one.days.end.year for one in self.periods)
        return tuple(AskedPeriod(str(year), "year", year_of(year)) for year in range(first, last + 1))


def year_of(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def asked_periods(text: str) -> AskedPeriods:
    """The periods that a text names: dates, months of a year, quarters, halves and years."""
    found: list[tuple[int, AskedPeriod]] = []

    def take(pattern: re.Pattern[str], rest: str, grain: Grain | None) -> str:
        def blank(match: re.Match[str]) -> str:
            period = period_of((_plain(match[0]),))
            if period is None:
                return match[0]
            known = grain or ("day" if period.start is None or period.start == period.end else "month")
            found.append((match.start(), AskedPeriod(" ".join(match[0].split()), known, period)))
            return " " * len(match[0])

        return pattern.sub(blank, rest)

    rest = text
    for pattern, grain in _patterns():
        rest = take(pattern, rest, grain)
    length = 0
    if span := re.search(rf"(?i)\b({'|'.join(counts())}|\d{{1,2}})[\s-]+({'|'.join(time_spans())})\b", rest):
        unit, times = time_spans()[span[2].lower()]
        count = int(span[1]) if span[1].isdigit() else counts()[span[1].lower()]
        length = times * count if unit == "month" else 0
    distinct = {period.days: period for _, period in sorted(found, key=lambda one: -one[0])}
    ordered = sorted(distinct.values(), key=lambda one: next(at for at, period in found if period is one))
    is_range = bool(_RANGE.search(text))
    return AskedPeriods(tuple(ordered), rest, length, is_range)


def matches(column: Period | None, path: tuple[str, ...], asked: AskedPeriod) -> float:
    """How well a column, or a row, with this period and these names is of the period asked for: 0 for not at all, 1 for
    the very same days; in between where it lies within it, or where only its name has the year."""
    if column is None:
        if asked.grain == "year":
            return 0.5 if str(asked.days.end.year) in re.findall(YEAR, " ".join(path)) else 0.0
        return 0.0
    if asked.grain == "day":
        return 1.0 if column.end == asked.days.end else 0.0
    length = _months(column)
    if asked.grain == "year":
        if column.end.year != asked.days.end.year:
            return 0.0
        return 1.0 if length in (0, 12) else 0.6 if length > 6 else 0.4
    wanted = {"half": 6, "quarter": 3, "month": 1}[asked.grain]
    if not asked.days.start or not _near(column.end, asked.days):
        return 0.0
    return 1.0 if length == wanted else 0.7 if length == 0 else 0.4


def _near(end: date, days: Period) -> bool:
    """Whether a period ends about when ``days`` end: fiscal quarters end up to some weeks beside the calendar's."""
    return abs((end - days.end).days) <= 16


def _months(period: Period) -> int:
    """The length of a period in months, 0 for a day."""
    return 0 if period.start is None else round(((period.end - period.start).days + 1) / 30.44)


def length_in_months(period: Period | None) -> int:
    """As it is told: 3, 6, 9 or 12; 0 for a day, or for no period."""
    return _months(period) if period else 0


def _plain(text: str) -> str:
    """The words of a quarter as "Q1 2023" has them."""
    lowered = text.lower()
    for number, words in enumerate(_ORDINALS, 1):
        if any(re.search(rf"\b{word}\b", lowered) for word in words.split()):
            year = re.search(rf"{YEAR}|{_TWO}", lowered)
            kind = "h" if re.search(r"half|halbjahr|semestre", lowered) else "q"
            return f"{kind}{number} {year[0]}" if year else lowered
    return lowered


_RANGE = re.compile(rf"(?i){YEAR}\s*(?:-|–|to|through|until|bis|à|a)\s*(?:(?:fy|fiscal|year|the)\s*)*{YEAR}")

_ORDINALS = (
    "first erste[nms]? 1st premier",
    "second zweite[nms]? 2nd deuxième",
    "third dritte[nms]? 3rd troisième",
    "fourth vierte[nms]? 4th quatrième last letzte[nms]?",
)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Grain | None]]:
    names = "|".join(sorted(map(re.escape, months()), key=len, reverse=True))
    ordinal = "|".join(word for words in _ORDINALS for word in words.split())
    of_year = rf"(?:\s+(?:of|in|von|des jahres|de))?(?:\s+(?:fiscal|financial|year))*[\s,]*(?:fy\s?)?({YEAR}|{_TWO})"
    return [
        (re.compile(rf"(?i)\b{YEAR}-\d\d-\d\d\b"), "day"),
        (re.compile(rf"\b\d{{1,2}}[./]\d{{1,2}}[./]{YEAR}\b"), "day"),
        (re.compile(rf"(?i)\b(?:{names})\b\.?\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s+{YEAR}\b"), "day"),
        (re.compile(rf"(?i)\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s+(?:{names})\b\.?,?\s+{YEAR}\b"), "day"),
        (re.compile(rf"(?i)\b(?:{names})\b\.?,?\s+(?:of\s+)?{YEAR}\b"), "month"),
        (re.compile(rf"(?i)\b(?:q[1-4]|[1-4]q)[\s,/-]*(?:fy\s?)?(?:{YEAR}|{_TWO})"), "quarter"),
        (re.compile(rf"(?i)\b(?:h[12]|[12]h)[\s,/-]*(?:fy\s?)?(?:{YEAR}|{_TWO})"), "half"),
        (re.compile(rf"(?i)\b(?:{ordinal})\s+(?:fiscal\s+)?(?:quarter|quartal|trimestre){of_year}"), "quarter"),
        (re.compile(rf"(?i)\b(?:{ordinal})\s+(?:half|halbjahr|semestre){of_year}"), "half"),
        (re.compile(rf"(?i)(?<![\d.,/-])\b(?:fy\s?)?{YEAR}\b(?![\d,]\d)|\bfy\s?['’]?\d\d\b"), "year"),
    ]
