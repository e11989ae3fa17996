"""The days that a document names in its opening, and the period that it is about.

The period is the one that it says has ended ("for the quarterly period ended June 25, 2022"), else a quarter that its
opening names, else a month or a year that its title or first heading names. Its fiscal quarter follows from the longest
stretch of less than a year that ends on the same day ("nine months ended June 25, 2022" is the third), and its
fiscal year from what the document calls it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from core.facets import Facet, ReportingPeriod
from core.types import Document
from ingest.facets.quarters import QuarterName, find_quarters, find_years
from ingest.facets.words import ENDED, TO, either, quarter_names, small
from ingest.tables import vocabulary
from ingest.tables.periods import back, find_days, period_of

OPENING = 4000
"""Characters of a document in which it says what it is about."""

LONGEST_LINE = 160
"""Characters of a line above which it is prose, in which a quarter or a year that is named may be any."""

LONGEST_TITLE = 100
"""Characters of a title."""

MOST_DAYS = 6
"""Days of a document that are kept, the first: further ones are what it tells, not what it is."""

HEAD = 160
"""Characters after "nine months ended" in which its days stand, other heads of columns between them."""

_ROLE = re.compile(r"[^\W\d_]+(?:[ '’.-]{1,2}[^\W\d_]+){0,3}[\s:,|]*$")


@dataclass(frozen=True, slots=True)
class NamedDay:
    """``text[start:end]`` names this day."""

    start: int
    end: int
    day: date


def whole_days(text: str) -> list[NamedDay]:
    """The days that a text names with day, month and year, in order."""
    found = []
    for start, end, day in find_days(small(text)):
        if day.year and day.day:
            try:
                found.append(NamedDay(start, end, date(day.year, day.month, day.day)))
            except ValueError:  # the 31st of June
                continue
    return found


def read_days(text: str) -> tuple[Facet, ...]:
    """The first days of a document's opening. The words before each are its role: "signed on", "in force from"."""
    facets = []
    first = {named.day: named for named in reversed(whole_days(text[:OPENING]))}
    for named in sorted(first.values(), key=lambda one: one.start)[:MOST_DAYS]:
        line = text[max(0, named.start - 60) : named.start].rpartition("\n")[2]
        role = match[0].strip(" \t,|:") if (match := _ROLE.search(line)) else ""
        facets.append(Facet("date", text[named.start : named.end], named.start, named.end, role=role, day=named.day))
    return tuple(facets)


def read_period(document: Document) -> tuple[ReportingPeriod | None, tuple[Facet, ...]]:
    """The period that a document is about, and the words for it; None and () where it is about none."""
    text = document.text
    opening = text[:OPENING]
    for named in whole_days(opening):
        if (found := _ended(opening, named)) and _is_short(opening, named.start):
            return _with_fiscal(text, *found)
    for start, end in _short_lines(opening):
        for quarter in find_quarters(text[start:end]):
            if quarter.year:
                return _of_quarter(text, start, quarter)
    return _titled(document)


def _ended(opening: str, named: NamedDay) -> tuple[ReportingPeriod, Facet] | None:
    """The period that ends on a day, where the words before it say so."""
    before = small(opening[max(0, named.start - 80) : named.start])
    match = _ended_before().search(before)
    if match is None:
        return None
    clause = re.split(r"[\n.;(]", before[: match.start()])[-1]
    start = named.start - (len(before) - match.start()) - len(clause)
    start += len(clause) - len(clause.lstrip())
    length = _length(clause)
    period = ReportingPeriod(back(named.day, *length) if length else None, named.day)
    words = " ".join(opening[start : named.end].split())
    return period, Facet("period", words, start, named.end, role="ended", day=named.day)


def _length(clause: str) -> tuple[str, int] | None:
    """ "quarterly period" -> ("month", 3); None where no length is said, or more than one."""
    spans = vocabulary.time_spans()
    found = set()
    for match in _span().finditer(clause):
        word = next((name for name in sorted(spans, key=len, reverse=True) if match["word"].startswith(name)), "")
        if word:
            unit, length = spans[word]
            times = match["times"]
            found.add(
                (
                    unit,
                    length * (int(times) if times and times.isdigit() else vocabulary.counts().get(times or "one", 1)),
                )
            )
    return found.pop() if len(found) == 1 else None


def _with_fiscal(text: str, period: ReportingPeriod, facet: Facet) -> tuple[ReportingPeriod, tuple[Facet, ...]]:
    """The period with its fiscal quarter and year, as the document's figures and words tell them."""
    months = _months_ended(text, period.end)
    is_quarter = period.start is not None and 80 <= (period.end - period.start).days <= 100
    if period.start is None and months and min(months) == 3:
        is_quarter = True
        period = ReportingPeriod(back(period.end, "month", 3), period.end)
    if period.start is None and months and max(months) == 12:
        period = ReportingPeriod(back(period.end, "month", 12), period.end)
    if not is_quarter:
        year = _mentioned_year(text, period.end.year)
        return ReportingPeriod(period.start, period.end, year[0] if year else None), (facet, *_facets(text, year))
    cumulative = [count for count in months if count in (3, 6, 9)]
    quarter = max(cumulative) // 3 if cumulative else _mentioned_quarter(text, period)
    if quarter is None:
        return period, (facet,)
    year_end = period.end - timedelta(days=10) + timedelta(days=91 * (4 - quarter))
    named = _named_quarter(text, quarter, year_end.year)
    found = (named[0], named[1]) if named else _mentioned_year(text, year_end.year)
    fiscal_year = found[0] if found else year_end.year
    return ReportingPeriod(period.start, period.end, fiscal_year, quarter), (facet, *_facets(text, found))


def _facets(text: str, found: tuple[int, tuple[int, int]] | None) -> tuple[Facet, ...]:
    if found is None:
        return ()
    start, end = found[1]
    words = text[start:end]
    return (Facet("period", " ".join(words.split()), start, end, role="fiscal"),)


def _months_ended(text: str, end: date) -> list[int]:
    """The lengths in months of the stretches that a text says end on a day: [3, 9] of "three and nine months ended"."""
    spans, counts = vocabulary.time_spans(), vocabulary.counts()
    found: set[int] = set()
    lowered = small(text)
    for stretch in _stretch().finditer(lowered):
        after = text[stretch.end() : stretch.end() + HEAD]
        if not any(named.day == end for named in whole_days(after)):
            continue
        months = 1.0 if spans[stretch["unit"]][0] == "month" else 3 / 13
        for count in re.findall(r"\w+", stretch["counts"]):
            number = int(count) if count.isdigit() else counts.get(count, 0)
            found.add(round(number * months))
    return sorted(found - {0})


def _mentioned_quarter(text: str, period: ReportingPeriod) -> int | None:
    """The fiscal quarter that a document names most often, of those of a year that the period can belong to."""
    years = (period.end.year, period.end.year + 1)
    counted = Counter(name.quarter for name in find_quarters(text) if name.year in years)
    return counted.most_common(1)[0][0] if counted else None


def _named_quarter(text: str, quarter: int, year: int) -> tuple[int, tuple[int, int]] | None:
    """The year and the first words by which a document names a fiscal quarter; the expected year where it is said."""
    names = [name for name in find_quarters(text) if name.quarter == quarter and name.year]
    counted = Counter(name.year for name in names if name.year and abs(name.year - year) <= 1)
    if not counted:
        return None
    most = year if year in counted else counted.most_common(1)[0][0]
    first = next(name for name in names if name.year == most)
    return most, (first.start, first.end)


def _mentioned_year(text: str, year: int) -> tuple[int, tuple[int, int]] | None:
    """The fiscal year that the document names, the expected one where it does; None where it names none near it."""
    names = [name for name in find_years(text) if name.fiscal and abs(name.year - year) <= 1]
    if not names:
        return None
    years = Counter(name.year for name in names)
    most = year if year in years else years.most_common(1)[0][0]
    first = next(name for name in names if name.year == most)
    return most, (first.start, first.end)


def _of_quarter(text: str, offset: int, name: QuarterName) -> tuple[ReportingPeriod, tuple[Facet, ...]]:
    """A quarter that is named by its number: the calendar's, where nothing else says when it ends."""
    assert name.year is not None
    start, end = offset + name.start, offset + name.end
    found = period_of([f"q{name.quarter} {name.year}"])
    assert found is not None
    facet = Facet("period", " ".join(text[start:end].split()), start, end, role="fiscal" if name.fiscal else "")
    return ReportingPeriod(found.start, found.end, name.year, name.quarter), (facet,)


def _titled(document: Document) -> tuple[ReportingPeriod | None, tuple[Facet, ...]]:
    """The month, year or stretch that the title or a first heading names; a day by itself is no period."""
    text = document.text
    for start, end in _headings(document):
        line = text[start:end]
        if len(line) > LONGEST_TITLE or line.rstrip().endswith(".") or whole_days(line):
            continue
        found = period_of([line])
        if found is not None and found.start is not None:
            words = line.strip("#* \t")
            at = start + line.index(words)
            facet = Facet("period", words, at, at + len(words))
            return ReportingPeriod(found.start, found.end), (facet,)
    return None, ()


def _headings(document: Document) -> Iterator[tuple[int, int]]:
    """The first line, and the first headings that stand in the text."""
    text = document.text
    lines = list(_lines(text[:OPENING]))
    yield from lines[:1]
    for heading in document.headings[:2]:
        at = text.find(heading.text, heading.start, heading.start + len(heading.text) + 8)
        if at >= 0 and at < OPENING:
            yield at, at + len(heading.text)


def _is_short(text: str, at: int) -> bool:
    end = text.find("\n", at)
    return (end if end >= 0 else len(text)) - text.rfind("\n", 0, at) - 1 <= LONGEST_LINE


def _short_lines(text: str) -> Iterator[tuple[int, int]]:
    """The first twelve lines that are no prose."""
    yield from [(start, end) for start, end in list(_lines(text))[:12] if end - start <= LONGEST_LINE]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\n]*\S[^\n]*", text):
        yield match.start(), match.end()


@cache
def _ended_before() -> re.Pattern[str]:
    return re.compile(rf"\b{either(ENDED)}\s+(?:{either(TO)}\s+)?$")


@cache
def _span() -> re.Pattern[str]:
    names = tuple({*vocabulary.time_spans(), *quarter_names()})
    counts = either(tuple(vocabulary.counts()))
    return re.compile(rf"(?:\b(?P<times>\d{{1,2}}|{counts})[\s-]+)?\b(?P<word>{either(names)}\w{{0,6}})\b")


@cache
def _stretch() -> re.Pattern[str]:
    """ "three and nine months" before the day on which they end."""
    spans = vocabulary.time_spans()
    names = either(
        tuple(name for name, (unit, length) in spans.items() if (unit, length) in (("month", 1), ("day", 7)))
    )
    count = rf"(?:\d{{1,2}}|{either(tuple(vocabulary.counts()))})"
    # Few counts, and no figures for the words between them: a column of figures could be parted in ever more ways.
    more = rf"(?:\s*(?:[,&]|\b[^\W\d_]{{1,3}})\s+{count}){{0,3}}"
    return re.compile(rf"\b(?P<counts>{count}{more})[\s-]+(?P<unit>{names})\b")
