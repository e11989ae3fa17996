"""Splits a document into sections: by its headings, its numbered lines, or its pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from core.types import Document
from ingest.furniture import returning_shapes, shape

SHORTEST_SECTION = 120
"""Characters; a shorter section is joined with the next."""

LONGEST_NAME = 120
"""Characters of the name of a section that has a heading and one below it."""

BELOW = " › "

MOST_GROUPS = 30
"""Groups of sections that a summary names."""

_NUMBER = re.compile(r"(\d{1,3})(?:\.\d+)*\b")

_PAGE_NUMBER = re.compile(r"[\s.…|]+\d{1,4}$")

_NUMBERED = re.compile(
    r"(?im)^[ \t]*(?:(?:part|item|note|chapter|section|article|appendix)[ \t]+"
    r"(?:\d+[a-z]?|[ivxlc]+|[a-z])\b[.:]?.{0,100}"
    r"|\d{1,2}(?:\.\d+)*\.?[ \t]+[^\W\d_][^.\n]{2,80})$"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a document, as a span of its text; ``heading`` is "" if it has none."""

    heading: str
    start: int
    end: int

    @property
    def names(self) -> list[str]:
        """Its heading, and one above it where there is no text between the two."""
        return self.heading.split(BELOW)


def split_sections(document: Document, longest: int) -> tuple[Section, ...]:
    """The sections of the document, each of at most ``longest`` characters; blank ones are left out.

    It is split at its headings, or if it has fewer than two, also at its numbered lines ("Item 2."). A section that is
    too long is split at pages or lines.
    """
    text = document.text
    marks = [(h.start, h.text) for h in document.headings]
    if len(marks) < 2:
        running = returning_shapes(text, document.pages)
        numbered = (m for m in _NUMBERED.finditer(text) if not _goes_on(text, m.end()))
        marks += [(m.start(), m[0]) for m in numbered if shape(m[0]) not in running]
    cuts: list[tuple[int, str]] = [(0, "")]
    for start, named in _without_contents(sorted(marks)):
        if start - cuts[-1][0] >= SHORTEST_SECTION or not text[cuts[-1][0] : start].strip():
            cuts.append((start, named))
        elif len(f"{cuts[-1][1]}{BELOW}{named}") <= LONGEST_NAME:  # a heading just below another one
            cuts[-1] = (cuts[-1][0], f"{cuts[-1][1]}{BELOW}{named}" if cuts[-1][1] else named)
    found: list[Section] = []
    for (start, heading), (end, _) in zip(cuts, [*cuts[1:], (len(text), "")], strict=True):
        found += _split_long(Section(heading, start, end), document, longest)
    return tuple(section for section in found if text[section.start : section.end].strip())


def _goes_on(text: str, end: int) -> bool:
    """Whether a line is wrapped, as those of lists are: the next one begins in small letters."""
    return text[end : end + 2].strip()[:1].islower()


def _without_contents(marks: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The headings on one line each, without those of a table of contents: they return later, without its number."""
    named = [(start, " ".join(heading.split())) for start, heading in marks]
    keys = [_PAGE_NUMBER.sub("", heading).casefold() for _, heading in named]
    last = {key: at for at, key in enumerate(keys)}
    return [one for at, one in enumerate(named) if last[keys[at]] == at or not _PAGE_NUMBER.search(one[1])]


def _split_long(section: Section, document: Document, longest: int) -> list[Section]:
    """The section, split into pieces of at most ``longest`` characters, at pages or else at lines."""
    cut: list[Section] = []
    start = section.start
    pages = [page.start for page in document.pages]
    while section.end - start > longest:
        limit = start + longest
        page = max((p for p in pages if start + longest // 2 < p <= limit), default=0)
        line = document.text.rfind("\n", start + longest // 2, limit) + 1
        end = page or line or limit
        cut.append(Section(section.heading, start, end))
        start = end
    return [*cut, Section(section.heading, start, section.end)]


def group_sections(sections: Sequence[Section], most: int = MOST_GROUPS) -> list[int]:
    """For each section the number of its group, from 0: pieces with one heading are a group.

    Where that makes more than ``most``, those below one number are, too: 3.1 and 3.2 below 3.
    """
    for key in (_own_heading, _upper_number):
        names = [key(section) for section in sections]
        numbers = list(accumulate((name != before for before, name in pairwise(names)), initial=0))
        if not numbers or numbers[-1] < most:
            break
    return numbers[: len(sections)]


def _own_heading(section: Section) -> str:
    return section.heading


def _upper_number(section: Section) -> str:
    match = _NUMBER.match(section.heading)
    return match[1] if match else section.heading
