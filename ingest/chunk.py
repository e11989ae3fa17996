"""Cuts a Document into chunks that fit the embedder's window, each an exact span of the text.

langchain-text-splitters decides where to cut; the spans are tracked here, because its own ``add_start_index`` looks
pieces up again with ``str.find`` and finds the wrong one where a text repeats itself.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.protocols import Tokenizer
from core.tables import Table
from core.types import Chunk, Document, Heading
from ingest.document_builder import extend_path
from ingest.furniture import goes_on
from ingest.ruler import Ruler
from ingest.tables.grid import CELL_SIGN, NAMES_CHARACTERS

if TYPE_CHECKING:
    from langchain_text_splitters.character import RecursiveCharacterTextSplitter

SMALL_SHARE = 0.25
"""A section shorter than this share of a chunk (a bare heading, one line) is joined with the next."""

SPECIAL_TOKENS = 2
"""Tokens that an embedder adds around a text ([CLS] and [SEP] in BERT's vocabulary)."""

Span = tuple[int, int]

# Where prose may be cut, best first: between paragraphs, between lines after a full stop, between sentences, between
# lines, after a clause, between words, anywhere. Each keeps the space at the end of the piece before the cut.
_END = r"[.!?…。！？؟।۔][\"'”’»)\]]*"
_PROSE = (
    r"\n[ \t]*\n\s*",
    r"(?<=[.!?:;…。！？；؟।۔”\"])\n",
    rf"{_END}\s+(?=\S)|[。！？।](?=\S)",
    r"\n",
    r"[;,:，、；،]\s*",
    r"\s+",
    "",
)
# Where rows of a table and lines of code may be cut: between them, else between cells, words, anywhere.
_ROWS = (r"\n[ \t]*\n\s*", r"\n", r" \| |\t", r"\s+", "")
_ROW = re.compile(r" \| |\t.*\t|^(?: {4}|\t)\S")


def chunk(document: Document, tokenizer: Tokenizer, size: int, ruler: Ruler | None = None) -> tuple[Chunk, ...]:
    """Cut ``document`` into chunks of at most ``size`` tokens, in reading order, without overlap.

    A script that the embedder's vocabulary does not know is counted as if it did, so that a chunk holds about as many
    words in every language; such a chunk may have more tokens than the embedder's window, which reads it in parts.

    ``text == document.text[start:end]`` for each; only white space stands between them. A chunk never crosses a
    slide's, a sheet's or a section's end, and a page's end only where a sentence goes on beyond it. Rows of tables and
    lines of code are cut only if a single one is too long. ``headings`` are those that apply to most of the chunk.
    A ``ruler`` over the same tokenizer knows the words of the documents before.
    Raises UsageError if ``size`` is more than the embedder reads.
    """
    most = tokenizer.window - SPECIAL_TOKENS
    if size > most:
        raise UsageError(
            f"chunks of {size} tokens do not fit into the embedder's window of {tokenizer.window}.",
            f"Set LECTERN_CHUNK_TOKENS to {most} or less.",
        )
    return _Chunker(document, tokenizer, size, ruler or Ruler(tokenizer)).chunks()


class _Bond(IntEnum):
    """How firmly a piece belongs to the next one."""

    NEVER = 0
    IF_SMALL = 1
    IF_IT_FITS = 2


@dataclass
class _Piece:
    start: int
    end: int
    tokens: int
    bond: _Bond
    largest: int
    """Offset of the largest of the pieces that were joined; its headings are the chunk's."""
    largest_tokens: int


class _Chunker:
    def __init__(self, document: Document, tokenizer: Tokenizer, size: int, ruler: Ruler) -> None:
        self._document = document
        self._text = document.text
        self._tokenizer = tokenizer
        self._size = size
        self._ruler = ruler
        self._prose = _splitter(_PROSE, size, self._ruler)
        self._rows = _splitter(_ROWS, size, self._ruler)

    def chunks(self) -> tuple[Chunk, ...]:
        paths = _paths(self._document)
        chunks: list[Chunk] = []
        for piece in self._merge(self._pieces()):
            headings = paths(_trim(self._text, piece.largest, piece.end)[0])
            for start, end, tokens in self._exact(*_trim(self._text, piece.start, piece.end)):
                text = self._text[start:end]
                chunks.append(Chunk(self._document.id, len(chunks), start, end, text, headings, tokens))
        return tuple(chunks)

    def _pieces(self) -> Iterator[_Piece]:
        """Pieces that fit, of every stretch of prose or rows under every heading of every region, in order."""
        named = [table for table in self._document.tables if column_names(self._document, table)]
        edges = {edge for table in named for edge in _edges(table)}
        heads = sorted({*(heading.start for heading in self._document.headings), *edges})
        for start, end, bond in _regions(self._document):
            inner = heads[bisect_right(heads, start) : bisect_left(heads, end)]
            bounds = [start, *inner, end]
            for under in pairwise(bounds):
                pieces = list(self._under_heading(*under))
                if pieces:
                    pieces[-1].bond = _Bond.IF_SMALL if under[1] != end else bond
                    yield from pieces

    def _under_heading(self, start: int, end: int) -> Iterator[_Piece]:
        for first, last, rows in _stretches(self._text, start, end):
            splitter = self._rows if rows else self._prose
            at = first
            for piece in splitter.split_text(self._text[first:last]):
                tokens = self._ruler(piece)
                yield _Piece(at, at + len(piece), tokens, _Bond.IF_IT_FITS, at, tokens)
                at += len(piece)
            assert at == last, "the splitter lost or added text"

    def _merge(self, pieces: Iterable[_Piece]) -> Iterator[_Piece]:
        """Join neighbours as their bonds allow, as long as both fit into one chunk."""
        held: _Piece | None = None
        for piece in pieces:
            if held is None:
                held = piece
            elif held.tokens + piece.tokens <= self._size and (
                held.bond is _Bond.IF_IT_FITS
                or (held.bond is _Bond.IF_SMALL and held.tokens < SMALL_SHARE * self._size)
            ):
                larger = max(held, piece, key=lambda one: one.largest_tokens)
                held = replace(piece, start=held.start, tokens=held.tokens + piece.tokens)
                held.largest, held.largest_tokens = larger.largest, larger.largest_tokens
            else:
                yield held
                held = piece
        if held is not None:
            yield held

    def _exact(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The span with its exact token count, halved while it is too long; nothing for a blank span."""
        if start == end:
            return
        text = self._text[start:end]
        tokens = self._tokenizer.count_tokens(text)
        if tokens + self._ruler.unusual(text) <= self._size or end - start == 1:
            yield start, end, tokens
            return
        middle = (start + end) // 2
        space = max(self._text.rfind(" ", start, middle), self._text.rfind("\n", start, middle))
        cut = space if space > start else middle
        yield from self._exact(*_trim(self._text, start, cut))
        yield from self._exact(*_trim(self._text, cut, end))


def _splitter(separators: tuple[str, ...], size: int, ruler: Ruler) -> "RecursiveCharacterTextSplitter":
    """A text splitter that keeps every character: its pieces joined are the text."""
    from langchain_text_splitters.character import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=list(separators),
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=size,
        chunk_overlap=0,
        length_function=ruler,
    )


def _regions(document: Document) -> Iterator[tuple[int, int, _Bond]]:
    """The pages' spans, each with how firmly it belongs to the next."""
    start = 0
    for page, after in zip(document.pages, [*document.pages[1:], None], strict=True):
        if (
            after
            and page.kind == after.kind == "page"
            and goes_on(document.text[page.start : page.end], document.text[after.start : after.end])
        ):
            continue
        yield start, page.end, _Bond.IF_SMALL if page.kind == "section" else _Bond.NEVER
        start = page.end


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Runs of lines as spans, each with whether they are rows of a table or lines of code."""
    at, first, fenced, rows = start, start, False, False
    while at < end:
        line_end = text.find("\n", at, end)
        line_end = end if line_end < 0 else line_end + 1
        line = text[at:line_end]
        fence = line.startswith(("```", "~~~"))
        is_row = fenced or fence or (rows if not line.strip() else bool(_ROW.search(line)))
        if is_row != rows:
            if at > first:
                yield first, at, rows
            first, rows = at, is_row
        fenced ^= fence
        at = line_end
    if end > first:
        yield first, end, rows


def _trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    piece = text[start:end]
    if not piece.strip():
        return start, start
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _paths(document: Document) -> Callable[[int], tuple[str, ...]]:
    """A function from an offset to the texts of the headings that apply there, outermost first, and last the names of
    the columns where it is in a row below them, and within a row what that is called."""
    paths: list[tuple[Heading, ...]] = [()]
    for heading in document.headings:
        paths.append(extend_path(paths[-1], heading))
    starts = [heading.start for heading in document.headings]
    ordered = sorted(document.tables, key=lambda table: table.rows[0].start)
    tables = [(table.rows[0].start, table, column_names(document, table)) for table in ordered]

    def path(at: int) -> tuple[str, ...]:
        found = tuple(heading.text for heading in paths[bisect_right(starts, at)])
        place = bisect_right(tables, at, key=lambda one: one[0]) - 1
        if place < 0 or at >= tables[place][1].rows[-1].end:
            return found
        _, table, names = tables[place]
        row = table.rows[bisect_right(table.rows, at, key=lambda one: one.start) - 1]
        label = row.path if at > row.start and CELL_SIGN in document.text[row.start : row.end] else ()
        return (*found, *filter(None, (names, *label)))

    return path


def column_names(document: Document, table: Table) -> str:
    """The names of a table's columns on one line; "" where its rows are no lines of cells, or bear them themselves.

    The name of the column of labels is the first cell of the line above the rows, if that has one for each column.
    """
    first = table.rows[0]
    if CELL_SIGN not in document.text[first.start : first.end]:
        return ""
    head = document.text[table.start : first.start].strip("\n").rpartition("\n")[2]
    cells = head.split(CELL_SIGN)
    corner = [cells[0]] if len(cells) > len(table.columns) else []
    names = CELL_SIGN.join([*corner, *(" ".join(column.path) for column in table.columns)])
    return names if len(names) <= NAMES_CHARACTERS else ""


def _edges(table: Table) -> Span:
    """Where the rows of a table begin and end."""
    return table.rows[0].start, table.rows[-1].end
