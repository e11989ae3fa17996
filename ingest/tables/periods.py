"""The period that a column's heads name: "Three Months Ended › June 25, 2022", "FY 2023", "31.12.2022"."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from core.tables import Period
from ingest.tables import vocabulary

_YEAR = r"(?:19|20)\d\d"
_ISO = re.compile(rf"\b({_YEAR})-(\d\d)-(\d\d)\b")
_POINTS = re.compile(rf"\b(\d{{1,2}})[./](\d{{1,2}})[./]({_YEAR}|\d\d)\b")
_PART = re.compile(
    rf"\b(?:([qh])\s?([1-4])|([1-4])\s?([qh]))\b\W{{0,2}}(?:fy\s?)?({_YEAR}|['’]?\d\d\b)?", re.IGNORECASE
)
_BARE_YEAR = re.compile(rf"(?<![\d.,/-]){_YEAR}(?![\d,/]|[.-]\d)|\bfy\s?['’]?(\d\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is named; ``year`` or ``day`` is 0 where it is not."""

    year: int
    month: int
    day: int


def period_of(path: Sequence[str]) -> Period | None:
    """The period that heads name together, the widest first; None where they name none, or more than one.

    A day by itself has no start. "Three Months Ended" counts back in calendar months from the day it names, which for
    fiscal years of 52 weeks is right to a few days. A bare year is the calendar year.
    """
    text = " ".join(" ".join(path).split()).lower()
    if not any(map(str.isdigit, text)):
        return None
    days, rest = _days(text)
    years = sorted({_whole_year(found[0]) for found in _BARE_YEAR.finditer(rest)})
    if part := _PART.search(rest):
        return _part_of_year(part, years)
    if len(days) > 1 and years and all(not day.year for day in days[:-1]):
        days = [Day(day.year or years[0], day.month, day.day) for day in days]
    if not days:
        return Period(date(years[0], 1, 1), date(years[0], 12, 31)) if len(years) == 1 else None
    if len(days) == 1 and not days[0].year and len(years) == 1:
        days = [Day(years[0], days[0].month, days[0].day)]
    days = list(dict.fromkeys(days))
    if len(days) == 2 and not days[0].year:
        days[0] = Day(days[1].year, days[0].month, days[0].day)
    if len(days) > 2 or not all(day.year for day in days):
        return None
    try:
        return _stretch(days, _duration(rest))
    except ValueError:  # the 31st of June
        return None


def _stretch(days: list[Day], duration: tuple[str, int] | None) -> Period | None:
    first, last = days[0], days[-1]
    end = date(last.year, last.month, last.day or monthrange(last.year, last.month)[1])
    if len(days) == 2:
        start = date(first.year, first.month, first.day or 1)
        return Period(start, end) if start < end else None
    if duration:
        return Period(back(end, *duration), end)
    return Period(None if last.day else date(last.year, last.month, 1), end)


def back(end: date, unit: str, times: int) -> date:
    """The first day of a stretch that ends on ``end``."""
    if unit == "day":
        return end - timedelta(days=times - 1)
    month = end.year * 12 + end.month - 1 - times
    year, month = month // 12, month % 12 + 1
    last = monthrange(year, month)[1]
    whole = end.day == monthrange(end.year, end.month)[1]
    return date(year, month, last if whole else min(end.day, last)) + timedelta(days=1)


def _duration(text: str) -> tuple[str, int] | None:
    """ "three months" -> ("month", 3); None where no stretch of time is named, or more than one."""
    names = "|".join(sorted(map(re.escape, vocabulary.time_spans()), key=len, reverse=True))
    counts = "|".join(vocabulary.counts())
    found = {
        (vocabulary.time_spans()[match[2]][0], vocabulary.time_spans()[match[2]][1] * _count(match[1]))
        for match in re.finditer(rf"(?:\b(\d{{1,2}}|{counts})[\s-]+)?\b({names})\b", text)
    }
    return next(iter(found)) if len(found) == 1 else None


def _count(word: str | None) -> int:
    return 1 if word is None else int(word) if word.isdigit() else vocabulary.counts()[word]


def _days(text: str) -> tuple[list[Day], str]:
    """The dates in a text of small letters, in order, and the text without them."""
    found = find_days(text)
    for start, end, _ in found:
        text = text[:start] + " " * (end - start) + text[end:]
    return [day for _, _, day in found], text


def find_days(text: str) -> list[tuple[int, int, Day]]:
    """The dates in a text of small letters, in order: ``text[start:end]`` and the day, as far as it is named there."""
    found: list[tuple[int, int, Day]] = []

    def take(pattern: re.Pattern[str], text: str) -> str:
        def blank(match: re.Match[str]) -> str:
            day = _day(match)
            if day is None:
                return match[0]
            found.append((match.start(), match.end(), day))
            return " " * len(match[0])

        return pattern.sub(blank, text)

    for pattern in (_ISO, _POINTS, _named()):
        text = take(pattern, text)
    return sorted(found, key=lambda one: one[0])


@cache
def _named() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, vocabulary.months()), key=len, reverse=True))
    before = r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th|er)?\.?\s+(?:de\s+)?)?"
    after = rf"(?:\s*(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d))?(?:[\s,]+(?:de\s+)?(?P<year>{_YEAR})\b)?"
    return re.compile(rf"{before}\b(?P<month>{names})\b\.?{after}")


def _day(match: re.Match[str]) -> Day | None:
    if "month" in match.re.groupindex:
        month = vocabulary.months()[match["month"]]
        return Day(int(match["year"] or 0), month, int(match["before"] or match["after"] or 0))
    numbers = [int(group) for group in match.groups()]
    if match.re is _ISO:
        year, month, day = numbers
    else:
        first, second, year = numbers
        day, month = (second, first) if second > 12 or ("/" in match[0] and first <= 12) else (first, second)
    return Day(year + 2000 if year < 100 else year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _part_of_year(part: re.Match[str], years: list[int]) -> Period | None:
    kind, number = part[1] or part[4], int(part[2] or part[3])
    year = _whole_year(part[5]) if part[5] else years[0] if len(years) == 1 else 0
    length = 3 if kind == "q" else 6
    if not year or number * length > 12:
        return None
    last = number * length
    return Period(date(year, last - length + 1, 1), date(year, last, monthrange(year, last)[1]))


def _whole_year(text: str) -> int:
    digits = int(re.sub(r"\D", "", text))
    return digits + 2000 if digits < 100 else digits
