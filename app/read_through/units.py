"""What a document is read through in: its sentences, and the rows of its tables each by itself, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from core.types import Document, Page
from ingest.furniture import returning_shapes, shape
from ingest.orders import find_orders
from ingest.sentences import sentence_spans

MOST_HEADING = 4
"""Words of a heading; a row of a table may have as few, but has a figure."""

SHORTEST = 12
"""Characters of a unit that can say something."""

FEWEST_WORDS = 4
"""Words of a clause that can state something by itself."""

_BETWEEN_CLAUSES = regex.compile(r"[;:,.]\s+|\s[–—-]\s")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or a row: ``text`` is ``document.text[start:end]`` on one line."""

    start: int
    end: int
    text: str


def clauses(text: str) -> list[str]:
    """The parts of a sentence between its signs, where there are several; those of a few words are left out."""
    parts = [part.strip() for part in _BETWEEN_CLAUSES.split(text)]
    return [part for part in parts if len(part.split()) >= FEWEST_WORDS] if len(parts) > 1 else []


def pages_of(document: Document) -> list[Page]:
    """The pages that are read, in order; a document without any is one."""
    text = document.text
    pages = [page for page in document.pages if text[page.start : page.end].strip()]
    return pages or ([Page("section", 1, "", 0, len(text))] if text.strip() else [])


def units_by_page(document: Document) -> Iterator[tuple[Page, list[Unit]]]:
    """Each page with the units that begin on it; a sentence over two pages is one. None gives orders to a model;
    headings and running headers are left out."""
    running = returning_shapes(document.text, document.pages)
    orders = find_orders(document.text)
    headings = {" ".join(heading.text.split()) for heading in document.headings}
    kept = []
    for one in _units(document):
        unit = _without_margins(document.text, one, running)
        if (
            len(unit.text) >= SHORTEST
            and not _is_heading(unit.text)
            and unit.text.strip("# ") not in headings
            and not any(first < unit.end and unit.start < last for first, last in orders)
        ):
            kept.append(unit)
    for page in pages_of(document):
        yield page, [unit for unit in kept if page.start <= unit.start < page.end]


def _without_margins(text: str, unit: Unit, running: frozenset[str]) -> Unit:
    """The unit without the running headers among its lines; its span begins and ends with what is left."""
    lines, at = [], unit.start
    for line in text[unit.start : unit.end].splitlines(keepends=True):
        if line.strip() and shape(line) not in running:
            lines.append((at, at + len(line.rstrip())))
        at += len(line)
    if not lines:
        return Unit(unit.start, unit.start, "")
    said = " ".join(" ".join(text[start:end].split()) for start, end in lines)
    return Unit(lines[0][0], lines[-1][1], said)


def _is_heading(text: str) -> bool:
    """Whether a unit is a few words that end without a stop: "For your safety"."""
    words = text.split()
    return (
        len(words) <= MOST_HEADING
        and text[-1:].isalpha()
        and not any(map(str.isdigit, " ".join(words[1:])))
        and (" | " not in text)
    )


def _units(document: Document) -> list[Unit]:
    text = document.text
    rows = sorted({(row.start, row.end) for table in document.tables for row in table.rows if row.start < row.end})
    found, at = [], 0
    for start, end in [*rows, (len(text), len(text))]:
        if start >= at:
            found += [_unit(text, at + first, at + last) for first, last in sentence_spans(text[at:start])]
            if start < end:
                found.append(_unit(text, start, end))
            at = end
    return found


def _unit(text: str, start: int, end: int) -> Unit:
    return Unit(start, end, " ".join(text[start:end].split()))
