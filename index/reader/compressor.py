"""The span reader as LangChain sees it: a compressor that ranks documents by the words in them that answer."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict

from index.reader.span_reader import SpanReader, Words
from ingest.sentences import sentence_spans


class SpanCompressor(BaseDocumentCompressor):
    """Ranks documents by their best words for the question; keeps the first ``top_n``.

    Each document comes back with ``words`` (the words), ``words_start``, ``words_end`` (characters of the page content
    that came in) and ``words_score`` (see ``index.reader.span_reader.Words``) in its metadata; without words, last, and
    without these. ``cut`` leaves of each only the sentences that the best words stand in, ``least_score`` leaves out
    documents whose words score less.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    reader: SpanReader
    top_n: int = 4
    cut: bool = False
    least_score: float | None = None

    def compress_documents(
        self,
        documents: Sequence[Document],
        query: str,
        callbacks: Callbacks | None = None,  # noqa: ARG002
    ) -> Sequence[Document]:
        reading = self.reader.read(query, [document.page_content for document in documents])
        found = [
            (spans[0] if spans else None, document) for spans, document in zip(reading.spans, documents, strict=True)
        ]
        if self.least_score is not None:
            found = [(words, document) for words, document in found if words and words.score >= self.least_score]
        found.sort(key=lambda pair: -pair[0].score if pair[0] else float("inf"))
        return [self._marked(words, document) for words, document in found[: self.top_n]]

    def _marked(self, words: Words | None, document: Document) -> Document:
        if words is None:
            return document
        marks = {
            "words": words.text,
            "words_start": words.start,
            "words_end": words.end,
            "words_score": words.score,
        }
        text = _sentences(document.page_content, words) if self.cut else document.page_content
        return document.model_copy(update={"page_content": text, "metadata": {**document.metadata, **marks}})


def _sentences(text: str, words: Words) -> str:
    """The sentences that ``words`` stand in, as they stand in ``text``."""
    touched = [(start, end) for start, end in sentence_spans(text) if start < words.end and end > words.start]
    return text[touched[0][0] : touched[-1][1]] if touched else words.text
