"""The text that is embedded for a chunk: its context (title, headings), then its own text."""

from pathlib import PurePath

from core.protocols import Tokenizer
from core.types import Chunk, Document
from index.table_names import table_context
from ingest.chunk import SPECIAL_TOKENS

_MOST_TOKENS = 48
"""The most tokens of title and headings; with a chunk of 190 tokens and two special ones they fit a window of 256."""


def passage_text(document: Document, chunk: Chunk, tokenizer: Tokenizer) -> str:
    """The document's title, the chunk's headings and its text, within the embedder's window.

    Rows of a table also have the names of its columns and what it stands under. If the window has no room for all, the
    names of columns are left out first, then the outermost headings.
    """
    room = min(_MOST_TOKENS, tokenizer.window - SPECIAL_TOKENS - chunk.tokens)
    columns, title = table_context(document.tables, chunk.start, chunk.end)
    headings = [heading for heading in chunk.headings if heading != columns]
    lines = [document.title or PurePath(document.name).stem, columns, *headings, title]
    lines = [lines[0], *filter(None, lines[1:])]
    while lines:
        context = " › ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if tokenizer.count_tokens(context) <= room:
            return f"{context}\n{chunk.text}" if context else chunk.text
        lines = [lines[0], *lines[2:]] if len(lines) > 1 else []
    return chunk.text
