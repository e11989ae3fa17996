"""Splits text in any script into sentences with exact spans."""

import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]

LONGEST = 600
"""Most characters of a sentence; what is longer is a list or a text without stops, and is cut."""

WRAP_SHARE = 0.6
"""A line that reaches this share of its neighbours' width may have been wrapped; a shorter one ends by itself."""

# A line that begins a list item, a heading or a quotation in mail; each starts a sentence of its own.
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪–—>]|#{1,6}|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlIVXL]{1,5})[.)])\s")
_ROW = re.compile(r" \| |\t|\S {3,}\S|^\s*[|]")
# A row of figures, as PDF tables come: at least two at the line's end ("Net sales $ 81,797 $ 82,959").
_FIGURES = re.compile(r"(?:(?:^|\s)(?:[$€£¥%—–-]|\(?[$€£¥]?[-–]?[\d.,]*\d[)%]*)){2,}$")
_FENCE = ("```", "~~~")
_STOP = re.compile(r"[.!?…。！？؟।۔:;；][\"'”’»)\]]*$")
# "am 3. Mai", "1. januar": a day with a stop, as German and its northern neighbours write it, ends no sentence.
_DAY = re.compile(r"(?:^|\D)\d{1,2}\.\s*$")
_MONTH = re.compile(
    r"(?:[Jj]anuar|[Ff]ebruar|März|[Mm]arts|[Mm]ars|[Aa]pril|Mai|[Mm]aj|[Jj]uni|[Jj]uli|[Aa]ugust|[Ss]eptember|[Oo]ktober"
    r"|[Nn]ovember|[Dd]ezember|[Dd]esember|december)\b"
)
_BREATH = (r"[;；]\s*", r"\n", r"[,:،、，]\s*", r"\s+")


def sentence_spans(text: str) -> list[Span]:
    """(start, end) of each sentence, in order, without the white space around it.

    Lines that were only wrapped are read as one; rows of tables, list items and headings stand for themselves.
    A sentence of more than ``LONGEST`` characters is cut after a semicolon, line, comma or word.
    """
    from sentencex import get_sentence_boundaries

    spans: list[Span] = []
    for start, end in _blocks(text):
        flat = text[start:end].replace("\n", " ")
        bounds = [(found["start_index"], found["end_index"]) for found in get_sentence_boundaries("en", flat)]
        for first, last in _whole_dates(flat, _whole_words(flat, bounds)):
            spans.extend(_shortened(text, start + first, start + last))
    return spans


def _whole_words(text: str, bounds: Sequence[Span]) -> list[Span]:
    """Sentences that were cut inside a word, a path or a name of a file ("./run", "notes.txt") are one.

    Where a capital follows, the space was only forgotten.
    """
    joined: list[Span] = []
    for first, last in bounds:
        before = text[joined[-1][0] : first] if joined else ""
        if before[-1:] in (".", "!", "?") and text[first : first + 1] and not _begins_sentence(text[first]):
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return joined


def _begins_sentence(sign: str) -> bool:
    """Whether a sentence may begin with this sign without a space before it: a capital, or a letter without case."""
    return sign.isspace() or (sign.isalpha() and not sign.islower())


def _whole_dates(text: str, bounds: Sequence[Span]) -> list[Span]:
    """Sentences that were cut between a day and its month are one."""
    joined: list[Span] = []
    for first, last in bounds:
        if joined and _MONTH.match(text[first:last].lstrip()) and _DAY.search(text[slice(*joined[-1])]):
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return joined


def _blocks(text: str) -> Iterator[Span]:
    """Stretches of lines that are wrapped prose, and single lines that are not."""
    lines = _lines(text)
    start: int | None = None
    for at, (first, last) in enumerate(lines):
        if start is None:
            start = first
        if at + 1 == len(lines) or not _goes_on(text, (first, last), lines[at + 1]):
            yield start, last
            start = None


def _goes_on(text: str, line: Span, after: Span) -> bool:
    """Whether ``after`` continues ``line``: both prose, and no item, row or heading between them."""
    this, next_ = text[slice(*line)], text[slice(*after)]
    if not this.strip() or not next_.strip():
        return False
    if this.startswith("#") or _ROW.search(this) or _ROW.search(next_) or _ITEM.match(next_):
        return False
    if this.startswith(_FENCE) or next_.startswith(_FENCE):
        return False
    if _FIGURES.search(this):
        return False
    if next_.lstrip()[:1].islower():
        return True
    if _FIGURES.search(next_):
        return False
    full = len(this) >= max(40, WRAP_SHARE * len(next_))
    return full and not _STOP.search(this.rstrip())


def _lines(text: str) -> list[Span]:
    spans, at = [], 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        spans.append((at, end))
        at = end + 1
    return spans


def _shortened(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without outer white space, cut into pieces of at most ``LONGEST``; nothing if it is blank."""
    piece = text[start:end]
    start, end = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
    while end - start > LONGEST:
        cut = _cut(text, start)
        yield start, start + len(text[start:cut].rstrip())
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield start, end


def _cut(text: str, start: int) -> int:
    """Where to cut the sentence that begins at ``start``: at the last good place in the second half of the limit."""
    for pattern in _BREATH:
        places = [match.end() for match in re.finditer(pattern, text[start + LONGEST // 2 : start + LONGEST])]
        if places:
            return start + LONGEST // 2 + places[-1]
    return start + LONGEST
