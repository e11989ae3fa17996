"""Orders to a model that documents contain: they are cut out before a model reads, and a note names their places."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from core.messages import ngettext
from core.types import AnswerSentence, Passage
from index.page_spans import without
from ingest.locate import locate
from ingest.orders import find_orders

REMEMBERED = 64
"""Texts whose orders are cached: each is looked at twice in an answer, for the model and for the notes."""
AROUND = 2_000
"""Characters before and after a passage that are searched too: an order there may reach into the passage."""
MOST_NOTES = 3
"""Most notes of each kind under an answer."""


def without_orders(passages: Sequence[Passage], texts: Mapping[str, str] | None = None) -> tuple[Passage, ...]:
    """The passages without the sentences that give orders to a model.

    A passage with an order in its middle becomes two, each with its exact character positions. ``texts`` are the texts
    of whole documents by id, as far as the caller has them: only there is an order complete that begins in one passage
    and ends in the next.
    """
    known = texts or {}
    return tuple(part for passage in passages for part in without(passage, _orders(passage, known)))


def plain_text(text: str, start: int = 0, end: int | None = None) -> str:
    """``text[start:end]`` without orders, also those that begin before ``start`` or end after ``end``."""
    end = len(text) if end is None else end
    kept = text[start:end]
    for first, last in reversed(_known_orders(text)):
        if first < end and start < last:
            kept = kept[: max(first, start) - start] + kept[min(last, end) - start :]
    return kept


def notes(
    passages: Sequence[Passage], sentences: Sequence[AnswerSentence], texts: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Notes on which passages give orders to a model, and on which cited pages the file shows other text than it holds.

    For example "lease.pdf, p. 3 gives orders to a model; they were not followed."
    """
    ordering: dict[str, dict[str, None]] = {}
    for passage in passages:
        for start, _ in _orders(passage, texts or {}):
            ordering.setdefault(passage.file, {})[_place(passage, start)] = None
    orders = [
        ngettext(
            "{places} gives orders to a model; they were not followed.",
            "{places} give orders to a model; they were not followed.",
            len(places),
            places=", ".join(filter(None, (file, *places))),
        )
        for file, places in ordering.items()
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


@lru_cache(REMEMBERED)
def _known_orders(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(find_orders(text))


def _orders(passage: Passage, texts: Mapping[str, str]) -> list[tuple[int, int]]:
    """The spans of orders in the passage, as character positions in its text."""
    text = texts.get(passage.document_id, "")
    if text[passage.start : passage.end] != passage.text:
        return list(_known_orders(passage.text))
    first = max(0, passage.start - AROUND)
    around = _known_orders(text[first : passage.end + AROUND])
    by = first - passage.start
    spans = [(max(0, start + by), min(len(passage.text), end + by)) for start, end in around]
    return [(start, end) for start, end in spans if start < end]


def _where(passage: Passage, at: int) -> str:
    return f"{passage.file}, {_place(passage, at)}".rstrip(", ")


def _place(passage: Passage, at: int) -> str:
    return (locate(passage.pages, passage.text, at) if passage.pages else passage.locator).label
