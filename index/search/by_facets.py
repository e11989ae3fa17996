"""A question -> the documents that it asks about, by whose they are and which period they are about.

Names choose documents first, periods among these. Where no document of a name has the period, its other documents
remain, and that is said; where nothing fits, all is searched. The choice is sure where a name and a period both fit.
A quarter can be read by the calendar and by the fiscal year of whose report it is: where the two readings mean
different reports both are taken, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import regex

from core.facets import DocumentChoice, Facets, QuestionPeriod, Reading, ReportingPeriod
from core.messages import _
from index.search.question_names import AskedName, Names, asked_names
from index.search.question_periods import AskedPeriod, Order, asked_order, asked_periods
from ingest.facets.quarters import find_quarters

NEAR = timedelta(days=10)
"""A fiscal quarter of 13 weeks ends this near to the end of the calendar's."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """A document that fits a period that was asked for. ``is_sure`` where its own period is meant, not a day in it."""

    document_id: str
    asked: AskedPeriod
    reading: Reading
    is_sure: bool


def documents_asked_about(
    question: str,
    facets: Mapping[str, Facets],
    *,
    names: Mapping[str, str] | None = None,
    known: Callable[[str], bool] | None = None,
    whose: Names | None = None,
) -> DocumentChoice | None:
    """The documents that a question asks about; None where it names nothing that the documents are.

    ``names``, what people call the documents' files, can name a quarter too. ``known`` says whether the library has a
    word, which is then no misspelling of a name. ``whose`` are the names in ``facets``, where they are made already.
    """
    asked = asked_names(question, whose or Names(facets), known)
    among = frozenset[str]().union(*(one.document_ids for one in asked)) if asked else frozenset(facets)
    periods, (order, word) = asked_periods(question), asked_order(question)
    if not asked:
        periods = tuple(period for period in periods if period.day or period.quarter or period.month)
    if not asked and not periods and not order:
        return None
    fits = [fit for period in periods for fit in _fits(period, among, facets, names or {})]
    if fits:
        return _choice(question, asked, fits, facets)
    if order and (found := _by_order(order, word, asked, among, facets)):
        return found
    if not asked:
        return None
    said = tuple(_unknown(question, asked, period) for period in periods if period.quarter or period.day)
    return DocumentChoice(_ordered(among, facets), _whose(asked), (), said)


def _choice(
    question: str, asked: Sequence[AskedName], fits: Sequence[_Fit], facets: Mapping[str, Facets]
) -> DocumentChoice:
    ids = tuple(dict.fromkeys(fit.document_id for fit in fits))
    periods: list[QuestionPeriod] = []
    said: list[str] = []
    for period in dict.fromkeys(fit.asked for fit in fits):
        here = [fit for fit in fits if fit.asked is period]
        text = question[period.start : period.end]
        read = [_question_period(fit, text, facets) for fit in here]
        periods += [one for one in dict.fromkeys(read) if one is not None]
        said += _readings_said(text, here, facets) if asked else ()
    is_sure = any(one.is_exact for one in asked) and all(fit.is_sure for fit in fits)
    is_sure = is_sure and all(any(fit.document_id in one.document_ids for fit in fits) for one in asked)
    return DocumentChoice(ids, _whose(asked), tuple(periods), tuple(said), is_sure)


def _question_period(fit: _Fit, text: str, facets: Mapping[str, Facets]) -> QuestionPeriod | None:
    period = facets[fit.document_id].period
    if period is None:
        return QuestionPeriod(None, fit.asked.day, fit.reading, text) if fit.asked.day else None
    return QuestionPeriod(period.start, period.end, fit.reading, text)


# Periods


def _fits(
    asked: AskedPeriod, among: frozenset[str], facets: Mapping[str, Facets], names: Mapping[str, str]
) -> list[_Fit]:
    """The documents that fit a period, by the surest way in which any does, and by both readings of a quarter."""
    ids = _ordered(among, facets)
    if asked.day:
        return _by_day(asked, asked.day, ids, facets)
    if asked.quarter:
        called = [_Fit(key, asked, "named", True) for key in ids if _is_called(asked, names.get(key, ""))]
        return called or [
            *(_Fit(key, asked, "fiscal", True) for key in ids if _is_fiscal(asked, facets[key].period)),
            *(_Fit(key, asked, "calendar", True) for key in ids if _is_calendar(asked, facets[key].period)),
        ]
    if asked.month:
        return [_Fit(key, asked, "calendar", True) for key in ids if _is_month(asked, facets[key].period)]
    fits = [_Fit(key, asked, "fiscal", _is_year(facets[key])) for key in ids if _is_fiscal(asked, facets[key].period)]
    calendar = (key for key in ids if _is_calendar(asked, facets[key].period))
    return [*fits, *(_Fit(key, asked, "calendar", _is_year(facets[key])) for key in calendar)]


def _by_day(asked: AskedPeriod, day: date, ids: Sequence[str], facets: Mapping[str, Facets]) -> list[_Fit]:
    """Documents about the period that ends on a day, else near it, else that name it, else whose period has it."""
    of = [(key, period) for key in ids if (period := facets[key].period)]
    ways: tuple[tuple[bool, list[str]], ...] = (
        (True, [key for key, period in of if period.end == day]),
        (True, [key for key, period in of if abs(period.end - day) <= NEAR]),
        (False, [key for key in ids if any(facet.day == day for facet in facets[key].of("date"))]),
        (False, [key for key, period in of if period.start and period.start <= day <= period.end]),
    )
    for is_sure, found in ways:
        if found:
            return [_Fit(key, asked, "named", is_sure) for key in found]
    return []


def _is_called(asked: AskedPeriod, name: str) -> bool:
    """Whether people call a file by a quarter: "2022 Q3.pdf"."""
    words = regex.sub(r"[_\W]+", " ", name)
    return any(
        (found.quarter, found.year) == (asked.quarter, asked.year)
        for found in find_quarters(words)
        if asked.year and not asked.calendar and (found.fiscal or not asked.fiscal)
    )


def _is_fiscal(asked: AskedPeriod, period: ReportingPeriod | None) -> bool:
    if period is None or asked.calendar or period.fiscal_year is None:
        return False
    return asked.quarter in (None, period.fiscal_quarter) and asked.year in (None, period.fiscal_year)


def _is_calendar(asked: AskedPeriod, period: ReportingPeriod | None) -> bool:
    """By the middle of the period: 13 weeks until October 30 are mostly the third quarter."""
    if period is None or asked.fiscal or period.start is None:
        return False
    middle = period.start + (period.end - period.start) / 2
    if asked.quarter and not (asked.quarter == (middle.month + 2) // 3 and (period.end - period.start).days < 100):
        return False
    return asked.year in (None, middle.year)


def _is_year(facets: Facets) -> bool:
    """Whether a document is about a whole year: in others a year that is named may be what they compare with."""
    period = facets.period
    return period is not None and period.start is not None and (period.end - period.start).days > 350


def _is_month(asked: AskedPeriod, period: ReportingPeriod | None) -> bool:
    return period is not None and (period.end.year, period.end.month) == (asked.year, asked.month)


def _ordered(ids: frozenset[str], facets: Mapping[str, Facets]) -> tuple[str, ...]:
    """Documents from the latest period to the earliest, those without one last."""
    known = sorted((period.end, key) for key in ids if (period := facets[key].period))
    return (*(key for _, key in reversed(known)), *sorted(key for key in ids if facets[key].period is None))


# The latest


def _by_order(
    order: Order,
    word: str,
    asked: Sequence[AskedName],
    among: frozenset[str],
    facets: Mapping[str, Facets],
) -> DocumentChoice | None:
    """The latest documents of each organisation that is named, else of each that there is; None without periods."""
    groups: list[tuple[str, ...]] = []
    for group in _groups(asked, among, facets):
        dated = [key for key in _ordered(group, facets) if facets[key].period]
        if len(dated) < 2:
            continue
        groups.append(tuple(dated))
    if not groups:
        return None
    named = bool(asked) and all(one.is_exact for one in asked)
    is_sure = named and len(groups) == len({one.document_ids for one in asked})
    if order == "all":
        ids = tuple(key for group in groups for key in group)
        return DocumentChoice(ids, _whose(asked), is_sure=is_sure) if asked else None
    taken = [key for group in groups for key in (group[:1] if order == "latest" else (group[1], group[0]))]
    read = [(key, facets[key].period) for key in taken]
    periods = tuple(QuestionPeriod(period.start, period.end, "named", word) for _key, period in read if period)
    return DocumentChoice(tuple(taken), _whose(asked), periods, (), is_sure and order == "latest")


def _groups(
    asked: Sequence[AskedName], among: frozenset[str], facets: Mapping[str, Facets]
) -> Iterator[frozenset[str]]:
    """The documents of each name, or without names of each organisation."""
    if asked:
        yield from dict.fromkeys(one.document_ids for one in asked)
        return
    by_whose: dict[str, set[str]] = {}
    for key in among:
        for facet in facets[key].of("organisation")[:1]:
            by_whose.setdefault(facet.value.casefold(), set()).add(key)
    yield from map(frozenset, by_whose.values())


# What is said


def _readings_said(text: str, fits: Sequence[_Fit], facets: Mapping[str, Facets]) -> Iterator[str]:
    ends: dict[Reading, set[date]] = {"fiscal": set(), "calendar": set(), "named": set()}
    for fit in fits:
        if period := facets[fit.document_id].period:
            ends[fit.reading].add(period.end)
    if fits[0].asked.quarter and ends["fiscal"] and ends["calendar"] and ends["fiscal"] != ends["calendar"]:
        yield _(
            '"{text}" can be read in two ways: by the fiscal year it ends on {fiscal}, by the calendar on {calendar}.'
            " Both were searched.",
            text=text,
            fiscal=_days(ends["fiscal"]),
            calendar=_days(ends["calendar"]),
        )
    day = fits[0].asked.day
    near = {end for end in ends["named"] if day and end != day and abs(end - day) <= NEAR}
    if near:
        yield _('No period ends on "{text}"; the one until {day} was searched.', text=text, day=_days(near))


def _unknown(question: str, asked: Sequence[AskedName], period: AskedPeriod) -> str:
    return _(
        'No document of {whose} is about "{text}": those of other periods were searched.',
        whose=", ".join(_whose(asked)),
        text=question[period.start : period.end],
    )


def _days(days: set[date]) -> str:
    return ", ".join(day.isoformat() for day in sorted(days))


def _whose(asked: Sequence[AskedName]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in asked))
