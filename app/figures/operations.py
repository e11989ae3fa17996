"""What a question asks to do with figures, told by its own words (words.yaml); its names of rows are what is left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from index.language import language_of

Operation = Literal[
    "look up",
    "change",
    "change in percent",
    "share",
    "ratio",
    "average",
    "sum",
    "largest",
    "smallest",
    "count",
    "over time",
    "formula",
]
"""What is done with the figures that are found."""

IN_PERCENT = re.compile(r"(?i)\b(?:in|en|as a)\s(?:%|per ?cent(?:age)?\b|prozent\b|pour ?cent\b|por ?cent)")
"""What makes a change one in percent."""

EACH = re.compile(r"(?i)\b(?P<unit>\w+) (?:by|für|par|por) (?P=unit)\b")
"""What asks for a figure of every period: "quarter by quarter", "Monat für Monat"."""

KEYWORDS = 9
"""Most words of a question without a word that asks: "net sales 2023"."""

WORDS = Path(__file__).with_name("words.yaml")


class Words(BaseModel):
    """The expressions of one language; see words.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asks: str
    opens: str
    prose: str
    change_percent: str
    change: str
    share: str
    ratio: str
    average: str
    sum: str
    largest: str
    smallest: str
    above: str
    below: str
    count: str
    which: str
    over_time: str
    latest: str
    before: str
    moves: str
    and_: str = Field(alias="and")
    filler: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a question say.

    ``items`` are the texts that may name rows, periods still in them: two for a share or ratio, else the whole of what
    is left. ``over_time`` asks for all periods, ``before`` for the one before the last too.
    ``each_period`` asks for them one by one ("quarter by quarter"). ``names_period``: the answer is a period ("in which
    year"). ``limit`` is "above" or "below" where figures are compared with a number of the question. ``is_prose``: it
    asks for words ("why"), beside which figures may stand.
    """

    operation: Operation
    items: tuple[str, ...]
    over_time: bool = False
    before: bool = False
    each_period: bool = False
    names_period: bool = False
    limit: Literal["above", "below", ""] = ""
    is_prose: bool = False
    language: str = "en"


def wording_of(question: str) -> Wording:
    """What a question asks to do with figures."""
    language = language_of(question)
    words = words_of(language)
    text = " ".join(question.split()).strip(" ?.!")
    if words is None:
        return Wording("look up", (text,), language=language)
    clauses = _clauses(text)
    asking = next((clause for clause in clauses if _begins(words.asks, clause)), "")
    first = _first_question(text, clauses, words)
    if _begins(words.prose, asking or text) or (not asking and len(text.split()) > KEYWORDS):
        over_time = _has(words.over_time, text)
        return Wording("look up", (first,), over_time=over_time, is_prose=True, language=language)
    operation, items = _operation(first, words)
    return Wording(
        operation,
        items,
        over_time=_has(words.over_time, text),
        before=_has(words.before, text),
        each_period=bool(EACH.search(text)),
        names_period=_has(words.which, text),
        limit="above" if _has(words.above, text) else "below" if _has(words.below, text) else "",
        language=language,
    )


def _clauses(text: str) -> list[str]:
    """A text cut at its pauses, and where a further question begins: "what was X, and why"."""
    return [part for part in re.split(r"[,;:.]\s+(?:and\s+|und\s+)?", text) if part.strip()]


def _first_question(text: str, clauses: Sequence[str], words: Words) -> str:
    """A text up to its second question."""
    asking = [clause for clause in clauses if _begins(words.opens, clause)]
    return text[: text.find(asking[1])] if len(asking) > 1 else text


def _begins(pattern: str, text: str) -> bool:
    return bool(re.match(rf"(?:{pattern})(?!\w)", text, re.IGNORECASE))


def _operation(text: str, words: Words) -> tuple[Operation, tuple[str, ...]]:
    """The operation, and the texts that may name its rows."""
    if _has(words.count, text):
        return "count", (_without(words.count, text),)
    if _has(words.change_percent, text):
        return "change in percent", (_without(words.change_percent, text),)
    for operation, pattern in (("share", words.share), ("ratio", words.ratio)):
        if found := re.search(pattern, text, re.IGNORECASE):
            return operation, _two(found)  # type: ignore[return-value]
    for operation, pattern in (
        ("average", words.average),
        ("change", words.change),
        ("largest", words.largest),
        ("smallest", words.smallest),
    ):
        if _has(pattern, text):
            in_percent = operation == "change" and IN_PERCENT.search(text)
            items = (IN_PERCENT.sub(" ", _without(pattern, text)),)
            return ("change in percent" if in_percent else operation), items  # type: ignore[return-value]
    if _has(words.sum, text):
        return "sum", (text,)  # "total" may belong to the name of a row
    return "look up", (text,)


def _two(found: re.Match[str]) -> tuple[str, str]:
    """What the groups "first", "second" of the alternative that matched hold."""
    named = {name.rstrip("_0123456789"): text for name, text in found.groupdict().items() if text}
    return named["first"], named["second"]


def without_fillers(text: str, language: str) -> str:
    """A text without what says nothing of a row: "the respective amounts of"."""
    words = words_of(language)
    return _without(words.filler, text) if words else text


def _has(pattern: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE))


def _without(pattern: str, text: str) -> str:
    return " ".join(re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", " ", text, flags=re.IGNORECASE).split())


@cache
def words_of(language: str) -> Words | None:
    """The expressions of a language (ISO 639-1), None for one that has none."""
    return _all_words().get(language)


@cache
def _all_words() -> dict[str, Words]:
    return TypeAdapter(dict[str, Words]).validate_python(yaml.safe_load(WORDS.read_text("utf-8")))
