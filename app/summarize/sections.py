"""Splits a document into sections: by its headings, its numbered lines, or its pages."""

import re
from dataclasses import dataclass

from core.types import Document

SHORTEST_SECTION = 120
"""Characters; a shorter section is joined with the next."""

_NUMBERED = re.compile(
    r"(?im)^[ \t]*(?:(?:part|item|note|chapter|section|article|appendix)[ \t]+"
    r"(?:\d+[a-z]?|[ivxlc]+|[a-z])\b[.:]?.{0,100}"
    r"|\d{1,2}(?:\.\d+)*\.?[ \t]+[A-Z][^.\n]{2,80})$"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a document, as a span of its text; ``heading`` is "" if it has none."""

    heading: str
    start: int
    end: int


def split_sections(document: Document, longest: int) -> tuple[Section, ...]:
    """The sections of the document, each of at most ``longest`` characters; blank ones are left out.

    It is split at its headings, or if it has fewer than two, also at its numbered lines ("Item 2."). A section that is
    too long is split at pages or lines.
    """
    text = document.text
    marks = [(h.start, h.text) for h in document.headings]
    if len(marks) < 2:
        marks += [(m.start(), m[0]) for m in _NUMBERED.finditer(text)]
    cuts: list[tuple[int, str]] = [(0, "")]
    for start, heading in sorted(marks):
        named = " ".join(heading.split())
        if start - cuts[-1][0] >= SHORTEST_SECTION or not text[cuts[-1][0] : start].strip():
            cuts.append((start, named))
        elif not cuts[-1][1]:
            cuts[-1] = (cuts[-1][0], named)
    found: list[Section] = []
    for (start, heading), (end, _) in zip(cuts, [*cuts[1:], (len(text), "")], strict=True):
        found += _split_long(Section(heading, start, end), document, longest)
    return tuple(section for section in found if text[section.start : section.end].strip())


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
