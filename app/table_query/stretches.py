"""The days that a question names, as conditions on a column of dates: "in October", "in the second quarter of 2023"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from app.figures.periods import asked_periods
from app.table_query.query import Filter
from app.table_query.relation import Field
from app.table_query.wording import Cue, Wording
from ingest.tables.vocabulary import months

SHORTEST = 4
"""Letters of the shortest name of a month that is one by itself: "mar", "set" and "may" are other words."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a question (tokens ``first`` to ``last``, exclusive) that name days: from ``start`` to ``end``, both
    included, or those of a ``month`` of any year."""

    first: int
    last: int
    text: str
    start: date = date.min
    end: date = date.max
    month: int = 0


def stretches_of(wording: Wording) -> list[Stretch]:
    """The days, months, quarters and years that a question names."""
    found = []
    for period in asked_periods(wording.question).periods:
        at = wording.question.find(period.text)
        if at < 0:
            continue
        inside = [n for n, one in enumerate(wording.tokens) if at <= one.start < at + len(period.text)]
        if inside:
            start = period.days.start or period.days.end
            found.append(Stretch(inside[0], inside[-1] + 1, period.text, start, period.days.end))
    taken = {at for one in found for at in range(one.first, one.last)}
    for at, token in enumerate(wording.tokens):
        word = token.text.lower()
        is_day = any(wording.number_at(near) is not None for near in (at - 1, at + 1))
        if at not in taken and len(word) >= SHORTEST and word in months() and not is_day:
            found.append(Stretch(at, at + 1, token.text, month=months()[word]))
    return _ranges(sorted(found, key=lambda one: one.first), wording.cues)


def _ranges(found: list[Stretch], cues: Sequence[Cue]) -> list[Stretch]:
    """Two stretches that a question joins, as the one from the first to the last: "between May and July 2023"."""
    for one, other in pairwise(found):
        joined = any(cue.kind == "between" and cue.last == one.first for cue in cues) and other.first == one.last + 1
        if joined and not one.month and not other.month:
            both = replace(one, last=other.last, text=f"{one.text} – {other.text}", end=other.end)
            return [both if each is one else each for each in found if each is not other]
    return found


def condition(stretch: Stretch, field: Field, cues: Sequence[Cue]) -> tuple[Filter, set[int]]:
    """The condition on a column of dates, and the tokens that it takes: within the days, or before or after them where
    the question says so."""
    span = set(range(stretch.first, stretch.last))
    beside = (one for one in cues if one.kind in _KINDS and 0 <= stretch.first - one.last <= 1)
    cue = None if stretch.month else next(beside, None)
    if cue is None:
        return Filter(field, "month", (stretch.text,), number=stretch.month) if stretch.month else Filter(
            field, "within", (stretch.text,), day=stretch.start, until=stretch.end
        ), span
    span |= set(range(cue.first, cue.last))
    after = stretch.end + timedelta(days=1)
    if cue.kind in ("above", "at_least", "next"):
        return Filter(field, "from", (stretch.text,), day=stretch.start if cue.kind == "at_least" else after), span
    return Filter(field, "until", (stretch.text,), day=after if cue.kind == "at_most" else stretch.start), span


_KINDS = ("above", "at_least", "next", "below", "at_most", "previous")
"""Cues that compare with a day."""
