"""Documents are data: their orders are kept from models and from what points at answers, and told to the person."""

from collections.abc import Sequence
from dataclasses import replace

from core.types import AnswerSentence, Passage
from index.places import clip
from ingest.locate import locate
from ingest.orders import find_orders

MOST_NOTES = 3
"""Places named under an answer for each thing that is told."""


def without_orders(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages without the sentences that give orders to a model: those that hold some, as the stretches beside
    them, each exact in its place."""
    return tuple(part for passage in passages for part in _parts(passage))


def plain_text(text: str) -> str:
    """``text`` without the sentences that give orders."""
    kept = text
    for start, end in reversed(find_orders(text)):
        kept = kept[:start] + kept[end:]
    return kept


def notes(passages: Sequence[Passage], sentences: Sequence[AnswerSentence]) -> tuple[str, ...]:
    """What a person should know of the places that were searched and cited: which of them give orders, and on which
    of those that an answer cites the file shows something else than it holds."""
    orders = [
        f"{_where(p, s)} gives orders to a model; they were not followed."
        for p in passages
        for s, _ in find_orders(p.text)
    ]
    cited = [citation for sentence in sentences for citation in sentence.citations]
    hidden = [
        f"{_where(passage, page.start)}: {page.flag}."
        for passage in passages
        for page in passage.pages
        if page.flag
        and any(
            citation.document_id == passage.document_id
            and citation.start < passage.start + page.end
            and passage.start + page.start < citation.end
            for citation in cited
        )
    ]
    return (*tuple(dict.fromkeys(orders))[:MOST_NOTES], *tuple(dict.fromkeys(hidden))[:MOST_NOTES])


def _parts(passage: Passage) -> list[Passage]:
    orders = find_orders(passage.text)
    if not orders:
        return [passage]
    starts, ends = [0, *(end for _, end in orders)], [*(start for start, _ in orders), len(passage.text)]
    return [
        _part(passage, start, end) for start, end in zip(starts, ends, strict=True) if passage.text[start:end].strip()
    ]


def _part(passage: Passage, start: int, end: int) -> Passage:
    piece = passage.text[start:end]
    start, end = end - len(piece.lstrip()), start + len(piece.rstrip())
    pages = clip(passage.pages, passage.text, start, end) if passage.pages else ()
    text = passage.text[start:end]
    return replace(
        passage,
        start=passage.start + start,
        end=passage.start + end,
        text=text,
        pages=pages,
        locator=locate(pages, text, 0) if pages else passage.locator,
    )


def _where(passage: Passage, at: int) -> str:
    place = locate(passage.pages, passage.text, at) if passage.pages else passage.locator
    return f"{passage.file}, {place.label}".rstrip(", ")
