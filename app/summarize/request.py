"""What is asked of a summary: how long it is to be, and what of the document it is to be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from app.summarize.sections import Section
from index.analyzer import FUNCTION_WORDS, analyze
from ingest.tables.vocabulary import counts

_COUNT = regex.compile(
    r"(?i)\b(?:in|en|auf|mit|with|con|avec|à|au)\s+(?:about\s+|etwa\s+|unas?\s+)?(\d{1,3}|\p{L}+)\s+\p{L}+"
)
"""A length: "in five points", "en cinq phrases", "with 3 sentences". What is counted need not be known."""

_NUMBERED = regex.compile(r"(?i)\b\p{L}[\p{L}.]*\s+(\d{1,3}[a-z]?(?:\.\d+)*)\b|§+\s*(\d{1,3}[a-z]?(?:\.\d+)*)")
"""A place by its number: "section 3", "Ziffer 4.2", "article 7", "§ 5"."""

_LEADING_NUMBER = regex.compile(r"(?i)^(?:\p{L}+\.?\s+|§+\s*)?(\d{1,3}[a-z]?(?:\.\d+)*)\b")

MOST_ASKED = 200
"""Most sentences of a summary that can be asked for."""


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """A summary in ``sentences`` sentences (0: by the document's length), of the section numbered ``section`` and of
    what concerns ``focus``; "" for all of the document."""

    sentences: int = 0
    focus: str = ""
    section: str = ""

    @property
    def is_partial(self) -> bool:
        return bool(self.focus or self.section)


def read_request(words: str) -> SummaryRequest:
    """What the words beside a document's name ask for: "for the tenant in five points", "only section 3"."""
    sentences, section = 0, ""
    for match in _COUNT.finditer(words):
        number = int(match[1]) if match[1].isdecimal() else counts().get(match[1].casefold(), 0)
        if 0 < number <= MOST_ASKED:
            sentences = number
            words = f"{words[: match.start()]} {words[match.end() :]}"
            break
    if match := _NUMBERED.search(words):
        section = (match[1] or match[2]).casefold()
        words = f"{words[: match.start()]} {words[match.end() :]}"
    focus = " ".join(words.split()).strip(" ,;:.!?")
    return SummaryRequest(sentences, focus if _says_something(focus) else "", section)


def _says_something(words: str) -> bool:
    return bool(set(analyze(words)) - FUNCTION_WORDS)


def numbered_sections(sections: Sequence[Section], number: str) -> list[int]:
    """The sections, by their place in ``sections``, whose heading has this number, or one below it: 3, 3.1, 3.2."""
    return [at for at, section in enumerate(sections) if any(_has_number(own, number) for own in section.names)]


def _has_number(heading: str, number: str) -> bool:
    match = _LEADING_NUMBER.match(heading)
    return bool(match) and (match[1].casefold() == number or match[1].casefold().startswith(f"{number}."))
