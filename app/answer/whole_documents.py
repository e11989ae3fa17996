"""Whole documents -> the sources of an opening: page by page, without running headers and orders to a model."""

from collections.abc import Iterator, Sequence

from app.answer.page_layout import without_furniture
from app.answer.reading import as_citation
from app.answer.untrusted import without_orders
from core.types import Citation, Document, Passage
from index.page_spans import clip
from ingest.locate import locate

PART = 2_000
"""Characters from which a part of a document without pages is a source of its own; a short section joins the next."""


def whole_sources(documents: Sequence[Document]) -> tuple[Citation, ...]:
    """All that the documents say, in their order: a source a page or slide, or for some sections, sheets or lines."""
    known = {document.id: document for document in documents}
    parts = [part for document in documents for part in _parts(document)]
    texts = {document.id: document.text for document in documents}
    return tuple(map(as_citation, without_orders(without_furniture(parts, known), texts)))


def _parts(document: Document) -> Iterator[Passage]:
    """The pages of a document, those of formats without page numbers joined until they hold PART characters."""
    start = None
    for page in document.pages:
        start = page.start if start is None else start
        if page.kind in ("page", "slide") or page.end - start >= PART:
            yield from _part(document, start, page.end)
            start = None
    if start is not None:
        yield from _part(document, start, len(document.text))


def _part(document: Document, start: int, end: int) -> Iterator[Passage]:
    text = document.text[start:end]
    if not text.strip():
        return
    start, end = end - len(text.lstrip()), start + len(text.rstrip())
    pages = clip(document.pages, document.text, start, end)
    text = document.text[start:end]
    place = locate(document.pages, document.text, start)
    yield Passage(document.id, document.name, document.title, start, end, text, place, (), 1.0, None, None, pages)
