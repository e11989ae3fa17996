"""The periods that a question names: quarters, years, months, days, and "the latest"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from ingest.facets.dates import whole_days
from ingest.facets.quarters import find_quarters, find_years
from ingest.facets.words import either, listed, quarter_names, small
from ingest.tables import vocabulary
from ingest.tables.periods import find_days

Order = Literal["", "latest", "previous", "all"]
"""Which of several periods: the latest, the one before it, or all, where the latest is compared with earlier ones."""

LATEST = listed(
    "latest, most recent, newest, neueste, neuesten, neuester, neuestes, jüngste, jüngsten, aktuellste"
    ", aktuellsten, plus récent, plus récente, más reciente, più recente, mais recente, nieuwste"
    ", meest recente, recentste"
)

LAST = listed("last, letzte, letzten, letztes, letzter, dernier, dernière, último, última, ultimo, ultima, laatste")
"""These mean the latest only before a stretch of time: "last quarter", but not "the last page"."""

PREVIOUS = listed(
    "previous, prior, preceding, vorherige, vorherigen, vorigen, précédent, précédente, anterior"
    ", anteriores, precedente, precedenti, vorige, voorgaande"
)

CALENDAR = listed("calendar, kalenderjahr, civil, civile")


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """A period as a question names it in ``question[start:end]``.

    It is a day, a month (``year`` and ``month``), a ``quarter`` of a year, or a year alone; ``year`` is None where a
    quarter is named without. ``fiscal`` and ``calendar`` say that the question reads it so.
    """

    start: int
    end: int
    day: date | None = None
    year: int | None = None
    month: int | None = None
    quarter: int | None = None
    fiscal: bool = False
    calendar: bool = False


def asked_periods(question: str) -> tuple[AskedPeriod, ...]:
    """The periods that a question names, in its order; what is part of a longer one is not named by itself."""
    calendar = bool(re.search(rf"\b{either(CALENDAR)}\b", small(question)))
    found = [AskedPeriod(name.start, name.end, day=name.day) for name in whole_days(question)]
    found += [
        AskedPeriod(name.start, name.end, year=name.year, quarter=name.quarter, fiscal=name.fiscal, calendar=calendar)
        for name in find_quarters(question)
    ]
    found += [
        AskedPeriod(start, end, year=day.year, month=day.month)
        for start, end, day in find_days(small(question))
        if day.year and not day.day
    ]
    found += [
        AskedPeriod(name.start, name.end, year=name.year, fiscal=name.fiscal, calendar=calendar)
        for name in find_years(question)
    ]
    kept: list[AskedPeriod] = []
    for period in found:  # the most exact first
        if not any(period.start < other.end and other.start < period.end for other in kept):
            kept.append(period)
    return tuple(sorted(kept, key=lambda one: one.start))


def asked_order(question: str) -> tuple[Order, str]:
    """Which of several periods a question asks for, and its word for that; "" for both where it does not say."""
    lowered = small(question)
    latest, previous = _latest().search(lowered), _previous().search(lowered)
    if latest and previous:
        return "all", ""
    if latest:
        return "latest", question[latest.start() : latest.end()]
    if previous:
        return "previous", question[previous.start() : previous.end()]
    return "", ""


@cache
def _latest() -> re.Pattern[str]:
    spans = either(tuple({*vocabulary.time_spans(), *quarter_names()}))
    return re.compile(rf"\b{either(LATEST)}\b|\b{either(LAST)}\b(?=\s+(?:\w+\s+)?{spans})")


@cache
def _previous() -> re.Pattern[str]:
    return re.compile(rf"\b{either(PREVIOUS)}\b")
