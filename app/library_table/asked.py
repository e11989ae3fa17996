"""A question -> what it asks of documents: of which kind, what they say, about which days, whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.answer.rules.text_features import content_words
from app.figures.periods import asked_periods
from core.tables import Period
from index.language import language_of

WORDS = Path(__file__).with_name("words.yaml")


class _Words(BaseModel):
    """The expressions of one language; see words.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    which: str
    of: str
    documents: str
    mention: str
    this_year: str
    next_year: str
    from_: str = Field(alias="from")

    def years(self, text: str, today: date) -> str:
        """A text with "this year" as its number."""
        for pattern, year in ((self.this_year, today.year), (self.next_year, today.year + 1)):
            text = re.sub(rf"(?i)(?<!\w)(?:{pattern})(?!\w)", str(year), text)
        return text


@dataclass(frozen=True, slots=True)
class DocumentsAsked:
    """What is asked of documents.

    ``kind`` is the word for them, "" for any document. ``words`` are the stems that a sentence of theirs has to say,
    ``days`` the days that it has to name one of. ``whose`` is the name of whom they are from, "" where none is asked
    for. ``is_count``: how many there are; ``is_mention``: nothing else is asked than which documents say it.
    """

    kind: str
    words: frozenset[str]
    days: Period | None = None
    whose: str = ""
    is_count: bool = False
    is_mention: bool = False


def documents_asked(question: str, today: date) -> DocumentsAsked | None:
    """What a question asks of documents; None for a question that asks for none."""
    words = _words().get(language_of(question))
    text = " ".join(question.split()).rstrip(" ?.!")
    if words is None or not text:
        return None
    if found := re.match(rf"(?i)(?:{words.from_})(?!\w)\s*(?P<whose>.+)", text):
        return DocumentsAsked("", frozenset(), whose=found["whose"])
    found = re.match(
        rf"(?i)(?:{words.which})(?!\w)\s+(?:(?:{words.of})(?!\w)\s+)?(?P<kind>[\w-]+)\s+(?P<rest>.+)", text
    )
    if found is None:
        return None
    is_any = bool(re.fullmatch(rf"(?i){words.documents}", found["kind"]))
    says = re.match(rf"(?i)(?:{words.mention})(?!\w)\s*", found["rest"])
    rest = words.years(found["rest"][says.end() if says else 0 :], today)
    periods = asked_periods(rest)
    days = periods.periods[0].days if len(periods.periods) == 1 else None
    wanted = frozenset(content_words(periods.rest if days else rest))
    if not wanted or (is_any and not says and not days):
        return None
    kind = "" if is_any else found["kind"]
    return DocumentsAsked(kind, wanted, days, is_count=bool(found["count"]), is_mention=is_any and bool(says))


@cache
def _words() -> dict[str, _Words]:
    found = yaml.safe_load(WORDS.read_text("utf-8"))
    return TypeAdapter(dict[str, _Words]).validate_python(found)
