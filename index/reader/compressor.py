"""The span reader as a LangChain document compressor: ranks documents by the span in them that answers."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict

from index.reader.span_reader import AnswerSpan, SpanReader
from ingest.sentences import sentence_spans


class SpanCompressor(BaseDocumentCompressor):
    """Ranks documents by their best span for the question; keeps the first ``top_n``.

    The best span is added to a document's metadata: ``words`` (its text), ``words_start`` and ``words_end`` (characters
    of the original page content) and ``words_score`` (see ``index.reader.span_reader.AnswerSpan``). Documents without a
    span come last, unchanged. ``cut`` True cuts each document to the sentences that its best span is in;
    ``least_score`` drops documents whose best span scores less.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    span_reader: SpanReader
    top_n: int = 4
    cut: bool = False
    least_score: float | None = None

    def compress_documents(
        self,
        documents: Sequence[Document],
        query: str,
        callbacks: Callbacks | None = None,  # noqa: ARG002
    ) -> Sequence[Document]:
        reading = self.span_reader.read(query, [document.page_content for document in documents])
        found = [
            (spans[0] if spans else None, document) for spans, document in zip(reading.spans, documents, strict=True)
        ]
        if self.least_score is not None:
            found = [(span, document) for span, document in found if span and span.score >= self.least_score]
        found.sort(key=lambda pair: -pair[0].score if pair[0] else float("inf"))
        return [self._with_span(span, document) for span, document in found[: self.top_n]]

    def _with_span(self, span: AnswerSpan | None, document: Document) -> Document:
        if span is None:
            return document
        facts = {
            "words": span.text,
            "words_start": span.start,
            "words_end": span.end,
            "words_score": span.score,
        }
        text = _sentences(document.page_content, span) if self.cut else document.page_content
        return document.model_copy(update={"page_content": text, "metadata": {**document.metadata, **facts}})


def _sentences(text: str, span: AnswerSpan) -> str:
    """The sentences of ``text`` that the span is in."""
    touched = [(start, end) for start, end in sentence_spans(text) if start < span.end and end > span.start]
    return text[touched[0][0] : touched[-1][1]] if touched else span.text
