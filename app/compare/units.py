"""A document -> its units, the sentences, headings and rows that are aligned with those of another version."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import regex

from app.compare.labels import Label, find_labels
from app.compare.margins import find_margins, once
from app.compare.words import Word, words_of
from core.types import Document
from index.language import clear_language_of
from ingest.sentences import Span

UnitKind = Literal["heading", "text", "row", "margin"]

WIDEST = 160
"""Most characters of a line that can have been wrapped; longer ones are whole paragraphs."""

FEWEST_LINES = 5
"""Lines from which the width of a text can be told."""

FULL = 0.85
"""Share of the width that a wrapped line fills with the first word of the next."""

HALF = 0.5
"""Share of the width of a line that one with a small letter goes on."""

LONGEST_HEADING = 90
"""Characters of a line without a full stop that heads what follows."""

SHORTEST_HEADING = 4
"""Characters of a line in capitals, which shorter ones often are in tables and forms."""

_BULLET = regex.compile(r"\s*[-*+•‣◦▪–—>#§]+\s")
_STOP = regex.compile(r"[.!?…。！？؟।۔:;；,][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a heading or a row: ``document.text[start:end]`` without the label of its block.

    ``block`` is the number of the paragraph that it stands in, ``opens`` whether it is the first there, ``breaks``
    whether that paragraph surely begins there and not only by the look of its first words, and ``inline`` whether it
    surely goes on with one: pages leave that open for what begins a line. ``label`` is the block's number, for its
    first unit. ``place`` is the heading that it stands under, "" for none.
    """

    kind: UnitKind
    words: tuple[Word, ...]
    start: int
    end: int
    block: int
    opens: bool
    breaks: bool
    inline: bool
    label: Label | None
    place: str


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[Span, ...]
    kind: UnitKind
    breaks: bool
    sure: bool


def split_units(document: Document) -> list[Unit]:
    """The units of all that a document says, in order; running headers and footers, each once, come last."""
    text = document.text
    margins = find_margins(document)
    left_out = {(line.start, line.end) for line in margins}
    lines = [span for span in _lines(text) if span not in left_out]
    found = find_labels([text[start:end][:LONGEST_HEADING] for start, end in lines])
    labels = {start: label for (start, _), label in zip(lines, found, strict=True) if label}
    units: list[Unit] = []
    language = clear_language_of(text) or "en"
    headings, place = [heading.start for heading in document.headings], ""
    for number, block in enumerate(_blocks(document, lines, labels)):
        start, end = block.lines[0][0], block.lines[-1][1]
        label = labels.get(start) if block.kind == "text" else None
        kind = block.kind
        if kind == "text" and _is_heading(text, block, label, headings):
            kind = "heading"
        if kind == "heading":
            place = " ".join(text[start:end].split())
        elif not units or not place:
            place = _heading_before(document, headings, start)
        units += _units_of(text, replace(block, kind=kind), number, label, place, language)
    return units + [
        Unit("margin", line.words, line.start, line.end, number, True, True, False, None, "")
        for number, line in enumerate(once(margins), len(text))
    ]


def _heading_before(document: Document, starts: Sequence[int], at: int) -> str:
    before = bisect_right(starts, at) - 1
    return " ".join(document.headings[before].text.split()) if before >= 0 else ""


def _is_heading(text: str, block: _Block, label: Label | None, headings: Sequence[int]) -> bool:
    """Whether a block heads what follows: one line, without a stop, that its reader or a label tells of."""
    if len(block.lines) > 1:
        return False
    start, end = block.lines[0]
    line = text[start:end].strip()
    if len(line) > LONGEST_HEADING:
        return False
    at = bisect_right(headings, start) - 1
    if at >= 0 and headings[at] == start:
        return True
    rest = line[label.length :].strip() if label else line
    return (
        bool(rest)
        and not _STOP.search(rest)
        and ((label is not None and rest[0].isupper()) or (rest.isupper() and len(rest) > SHORTEST_HEADING))
    )


def _units_of(text: str, block: _Block, number: int, label: Label | None, place: str, language: str) -> Iterator[Unit]:
    """The sentences of a block, the whole of a heading or row."""
    start, end = block.lines[0][0], block.lines[-1][1]
    cut = start + label.length if label else start
    spans = _sentences(text, block, cut, language) if block.kind == "text" else [(cut, end)]
    opens = True
    for first, last in spans:
        inside = [(max(a, first), min(b, last)) for a, b in block.lines if a < last and first < b]
        words = [word for begin, stop in inside for word in words_of(text, begin, stop)]
        if not words:
            continue
        line = next(a for a, b in block.lines if a <= words[0].start < b)
        inline = not opens and (block.sure or bool(text[line : words[0].start].strip()))
        own = label if opens else None
        yield Unit(
            block.kind,
            tuple(words),
            words[0].start,
            words[-1].end,
            number,
            opens,
            opens and block.breaks,
            inline,
            own,
            place,
        )
        opens = False


def _sentences(text: str, block: _Block, cut: int, language: str) -> list[Span]:
    """The sentences of a block from character ``cut`` on, its lines read as one; (start, end) in ``text``."""
    from sentencex import get_sentence_boundaries

    pieces = [(max(start, cut), end) for start, end in block.lines if end > cut]
    flat = " ".join(text[start:end] for start, end in pieces)
    offsets, at = [], 0
    for start, end in pieces:
        offsets.append(at)
        at += end - start + 1

    def place(offset: int) -> int:
        piece = max(0, bisect_right(offsets, offset) - 1)
        start, end = pieces[piece]
        return min(end, start + offset - offsets[piece])

    bounds = [(one["start_index"], one["end_index"]) for one in get_sentence_boundaries(language, flat)]
    return [(place(first), place(last - 1) + 1) for first, last in bounds if last > first]


def _blocks(document: Document, lines: Sequence[Span], labels: Mapping[int, Label]) -> Iterator[_Block]:
    """Paragraphs, headings and rows: lines joined where they were only wrapped, also over a page's end."""
    text = document.text
    rows = sorted((row.start, row.end) for table in document.tables for row in table.rows)
    tables = sorted((table.start, table.end) for table in document.tables)
    heads = {heading.start for heading in document.headings}
    width = _width(document)
    sure = not any(page.kind == "page" for page in document.pages)
    block: list[Span] = []
    kind: UnitKind = "text"
    blank, breaks, after, last_row = True, True, True, -1
    for start, end in lines:
        line = text[start:end]
        if not line.strip():
            blank = blank or not _page_ends(document, start)
            continue
        row = _inside(rows, start)
        is_row = row >= 0 or _inside(tables, start) >= 0 or " | " in line
        if is_row:
            joins = kind == "row" and row >= 0 and row == last_row
        else:
            before = text[slice(*block[-1])] if block and kind == "text" else ""
            begins = blank or start in heads or bool(_BULLET.match(line)) or (block and block[0][0] in heads)
            label = labels.get(start)
            begins = begins or (label is not None and (label.is_count or bool(_STOP.search(before.rstrip()))))
            joins = bool(before) and not begins and _goes_on(before, line, width)
            if not joins:
                after = blank or start in heads or not before or not _is_full(before, line, width)
        if block and not joins:
            yield _Block(tuple(block), kind, breaks, sure)
            block = []
        if not block:
            breaks = is_row or after
        block.append((start, end))
        kind, last_row, blank = "row" if is_row else "text", row, False
    if block:
        yield _Block(tuple(block), kind, breaks, sure)


def _goes_on(before: str, line: str, width: int) -> bool:
    """Whether ``line`` continues ``before``: it was wrapped there for want of room, or goes on with a small letter."""
    if _is_full(before, line, width):
        return True
    stopped = bool(_STOP.search(before.rstrip()))
    small = line.lstrip()[:1].islower() and (not stopped or before.rstrip()[-1] == ",")
    return small and width > 0 and len(before) > HALF * width


def _is_full(before: str, line: str, width: int) -> bool:
    """Whether the first word of ``line`` had no room on the line before it."""
    first = line.split(maxsplit=1)[0]
    return bool(width) and len(before) <= width * 1.2 and len(before.rstrip()) + 1 + len(first) > FULL * width


def _width(document: Document) -> int:
    """The width that the lines were wrapped at, in characters; 0 where each line is a paragraph."""
    lines = document.text.split("\n")
    lengths = sorted(len(line.rstrip()) for line in lines if len(line.split()) > 4 and " | " not in line)
    paged = any(page.kind == "page" for page in document.pages)
    if len(lengths) < (1 if paged else FEWEST_LINES):
        return 0
    widest = lengths[int(0.95 * len(lengths))]
    return widest if paged or (widest <= WIDEST and lengths[-1] <= 1.5 * WIDEST) else 0


def _page_ends(document: Document, at: int) -> bool:
    """Whether a blank line only separates two pages, over which a sentence may go on."""
    index = bisect_right(document.pages, at, key=lambda page: page.start) - 1
    return (
        document.pages[index].kind == "page"
        and index + 1 < len(document.pages)
        and not document.text[at : document.pages[index + 1].start].strip()
        and document.pages[index + 1].start - at <= 2
    )


def _inside(spans: Sequence[Span], at: int) -> int:
    """The index of the span of ``spans`` that holds character ``at``; -1 for none."""
    index = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return index if index >= 0 and at < spans[index][1] else -1


def _lines(text: str) -> Iterator[Span]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line.rstrip())
        at += len(line) + 1
