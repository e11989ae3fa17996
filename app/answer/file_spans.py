"""A question and files -> the words in them that answer, without a library and without a chat model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answer.evidence import holds_words
from app.answer.untrusted import without_orders
from core.protocols import Tokenizer
from core.types import AnswerWords, Citation, Document, Passage
from index.page_spans import clip
from index.reader.domain import trust
from index.reader.span_evidence import locate_spans
from ingest.chunk import chunk
from ingest.locate import locate
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from index.reader.span_reader import ReadsSpans

REACH = 600
"""Characters before and after the words that are searched for their sentence: the length of the longest sentence."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The words of files that answer a question.

    ``answerable`` is the probability, 0..1, that the files answer. ``found`` are words with the sentence around them,
    best first. ``chunks`` is the number of chunks; ``strange`` of them are out of the span reader's domain and were not
    read.
    """

    answerable: float
    found: tuple[tuple[AnswerWords, Citation], ...]
    chunks: int
    strange: int


def find_spans(
    question: str, documents: Sequence[Document], reader: ReadsSpans, tokenizer: Tokenizer, size: int, limit: int = 3
) -> Spans:
    """The ``limit`` best words of all ``documents``, read in chunks of ``size`` tokens.

    Sentences that give orders to a model are not read.
    """
    texts = {document.id: document.text for document in documents}
    passages = without_orders([part for each in documents for part in _passages(each, tokenizer, size)], texts)
    known = [passage for passage in passages if trust(question, passage.text, reader) > 0]
    reading = reader.read(question, [passage.text for passage in known])
    words = locate_spans(known, reading)[:limit]
    homes = {document.id: document for document in documents}
    found = tuple((each, _around(homes[each.document_id], each)) for each in words)
    return Spans(reading.answerable, found, len(passages), len(passages) - len(known))


def _passages(document: Document, tokenizer: Tokenizer, size: int) -> list[Passage]:
    return [
        Passage(
            document.id,
            document.name,
            document.title,
            each.start,
            each.end,
            each.text,
            locate(document.pages, document.text, each.start),
            each.headings,
            score=0.0,
            dense=None,
            words=None,
            pages=clip(document.pages, document.text, each.start, each.end),
        )
        for each in chunk(document, tokenizer, size)
    ]


def _around(document: Document, words: AnswerWords) -> Citation:
    """The sentence around the words, or the words alone if they reach over its end."""
    first, last = max(0, words.start - REACH), words.end + REACH
    for start, end in sentence_spans(document.text[first:last]):
        quote = document.text[first + start : first + end]
        place = locate(document.pages, document.text, first + start)
        cited = Citation(document.id, document.name, place, quote, first + start, first + end, 0.0)
        if holds_words(cited, words):
            return cited
    return Citation(document.id, document.name, words.locator, words.text, words.start, words.end, 0.0)
