"""The date of a document, as its name or its beginning tells it, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath

from core.types import Document
from index.language import language_of

Date = tuple[int, int, int]
"""Year, month, day; 0 for what is not stated."""

NO_DATE: Date = (0, 0, 0)

MAIL = "message/rfc822"

HEAD = 500
"""Characters at the beginning of a document in which its date is looked for."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./年](\d{1,2})(?:[-_./月](\d{1,2}))?(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)(?!\d)")


def date_of(document: Document) -> Date:
    """Year, month and day of a document, 0 for what is not said; (0, 0, 0) where nothing tells it.

    The year in its name says most, then the first date of its text. The day on which a file was made
    tells nothing of what it says, but for mail.
    """
    head = document.text[:HEAD]
    found = list(dates_in(head))
    name = PurePath(document.name).stem
    named = next(dates_in(name), None) or next(dates_in(document.title), None)
    if named:
        return next((date for date in found if date[: 1 + bool(named[1])] == named[: 1 + bool(named[1])]), named)
    sent = document.metadata.get("created", "") if document.media_type == MAIL else ""
    return next(dates_in(sent), None) or (found[0] if found else NO_DATE)


def dates_in(text: str) -> Iterator[Date]:
    """The dates of a text in their order, years by themselves among them."""
    found: dict[int, Date] = {}
    for match in _YEAR.finditer(text):
        found[match.start()] = (int(match.group()), 0, 0)
    for start, end, date in (*_year_first(text), *_year_last(text), *_written_out(text)):
        if date[1] > 12 or date[2] > 31:
            continue
        found = {at: one for at, one in found.items() if not start <= at < end}
        found[start] = date
    for at in sorted(found):
        yield found[at]


def date_text(date: Date) -> str:
    """As ISO 8601 writes it: "2031-03-01", "2031"; "" for an unknown one."""
    year, month, day = date
    return "-".join(f"{part:02}" for part in (year, month, day) if part) if year else ""


def _year_first(text: str) -> Iterator[tuple[int, int, Date]]:
    """Dates in the order of ISO 8601. "2011-12" may be December or the season from 2011 to 2012: the year alone."""
    for match in _ISO.finditer(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
        is_span = not match[3] and len(match[2]) == 2 and month == (year + 1) % 100 and text[match.end(1)] in "-/_"
        yield *match.span(), (year, 0 if is_span else month, day)


def _year_last(text: str) -> Iterator[tuple[int, int, Date]]:
    """Dates that end with the year, the day first. Where one of them can only have the month first ("03/15/2031"), all
    do that can."""
    matches = list(_YEAR_LAST.finditer(text))
    month_first = any(int(match[1]) <= 12 < int(match[2]) for match in matches)
    for match in matches:
        day, month, year = map(int, match.groups())
        yield *match.span(), (year, day, month) if month_first and day <= 12 else (year, month, day)


def _written_out(text: str) -> Iterator[tuple[int, int, Date]]:
    """Dates with the month's name: "1 March 2031", "1. März 2031", "March 1, 2031", "March 2031"."""
    months = _months(language_of(text))
    if not months:
        return
    name = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    lowered = text.lower()
    joined = r"\s+(?:\w{1,2}\s+)?"  # "1 de marzo de 2031"
    before, after = rf"(?:(\d{{1,2}})\w{{0,2}}\.?{joined})?", r"(?:\s+(\d{1,2})\w{0,2},)?"
    pattern = rf"{before}\b({name})\b\.?{after}{joined}((?:19|20)\d\d)"
    for match in re.finditer(pattern, lowered):
        yield *match.span(), (int(match[4]), months[match[2]], int(match[1] or match[3] or 0))


@cache
def _months(language: str) -> dict[str, int]:
    """The names of the months in a language in small letters, after CLDR, with their numbers."""
    from babel import Locale, UnknownLocaleError

    try:
        widths = Locale.parse(language).months["format"]
    except (UnknownLocaleError, ValueError, KeyError):  # no text in a language, or one without names
        return {}
    return {str(name).lower().rstrip("."): n for width in ("wide", "abbreviated") for n, name in widths[width].items()}
