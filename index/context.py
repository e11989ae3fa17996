"""The text that is embedded for a chunk: its context (title, headings), then its own text."""

from pathlib import PurePath

from core.protocols import Tokenizer
from core.types import Chunk, Document
from ingest.chunk import SPECIAL_TOKENS

_MOST_TOKENS = 48
"""The most tokens of title and headings; with a chunk of 190 tokens and two special ones they fit a window of 256."""


def passage_text(document: Document, chunk: Chunk, tokenizer: Tokenizer) -> str:
    """The document's title, the chunk's headings and its text, within the embedder's window.

    If the window has no room for all headings, the outermost are left out.
    """
    room = min(_MOST_TOKENS, tokenizer.window - SPECIAL_TOKENS - chunk.tokens)
    lines = [document.title or PurePath(document.name).stem, *chunk.headings]
    while lines:
        context = " › ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if tokenizer.count_tokens(context) <= room:
            return f"{context}\n{chunk.text}" if context else chunk.text
        lines = [lines[0], *lines[2:]] if len(lines) > 1 else []
    return chunk.text
