"""The sentences that answer, as a person and a small model read them; passages for a larger model."""

from collections.abc import Sequence
from dataclasses import replace

from core.protocols import ChatEngine, Embedder
from core.types import Citation, Passage
from generate.catalogue import skills
from index.evidence import rank_sentences
from ingest.locate import locate
from ingest.sentences import sentence_spans

HEADING_WORDS = 8
"""A stretch of at most so many words without a full stop, a figure or a cell is a heading."""

_PRONOUNS = "it its they their them he his him she her this that these those such both"
_LEANS_BACK = frozenset(_PRONOUNS.split())


def is_small(engine: ChatEngine) -> bool:
    """Whether the model phrases an answer from sentences, and is overruled by them."""
    return skills(engine.name, engine.size).reads == "sentences"


def best_sentences(
    question: str, passages: Sequence[Passage], embedder: Embedder, limit: int = 3
) -> tuple[Citation, ...]:
    """The ``limit`` sentences that answer best, each with the neighbour that it needs, best first, without overlaps.

    Headings come last: they share the question's words, but answer nothing.
    """
    ranked = rank_sentences(question, passages, embedder, 2 * limit)
    headings = {_plain(heading) for passage in passages for heading in (passage.title, *passage.headings)}
    chosen: list[Citation] = []
    for citation in sorted(ranked, key=lambda c: _plain(c.quote) in headings or _is_heading(c.quote)):
        wider = with_neighbours(citation, passages)
        if len(chosen) < limit and not any(overlap(wider, other) for other in chosen):
            chosen.append(wider)
    return tuple(chosen)


def sources_for(engine: ChatEngine, evidence: Sequence[Citation], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The model's sources, strongest first."""
    return tuple(evidence) if is_small(engine) else tuple(as_citation(passage) for passage in passages)


def as_citation(passage: Passage) -> Citation:
    """A passage as a source that is quoted whole."""
    return Citation(
        passage.document_id,
        passage.file,
        passage.locator,
        passage.text,
        passage.start,
        passage.end,
        min(1.0, max(0.0, passage.score)),
    )


def with_neighbours(citation: Citation, passages: Sequence[Passage]) -> Citation:
    """A sentence with the one before it, where it leans on that ("It was sold."), and the one after it, where that
    leans on it."""
    home = next((p for p in passages if _holds(p, citation)), None)
    if home is None:
        return citation
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    at = next((i for i, span in enumerate(spans) if span == (citation.start, citation.end)), None)
    if at is None:
        return citation
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and _leans_back(citation.quote) and not _is_heading(texts[0])
    after = at + 1 < len(spans) and _leans_back(texts[-1])
    start, end = spans[at - before][0], spans[at + after][1]
    place = locate(home.pages, home.text, start - home.start) if home.pages else citation.locator
    quote = home.text[start - home.start : end - home.start]
    return replace(citation, quote=quote, start=start, end=end, locator=place)


def overlap(one: Citation, other: Citation) -> bool:
    """Whether two quotes share a character."""
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _leans_back(sentence: str) -> bool:
    words = sentence.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'“(,").lower() in _LEANS_BACK


def _plain(heading: str) -> str:
    return " ".join(heading.split()).lstrip("#§ 0123456789.)").casefold()


def _is_heading(text: str) -> bool:
    plain = _plain(text)
    return (
        len(plain.split()) <= HEADING_WORDS
        and not plain.endswith((".", "!", "?", "。", "।", "؟", "…"))
        and not any(sign.isdigit() or sign in "|:\t" for sign in plain)
    )


def _holds(passage: Passage, citation: Citation) -> bool:
    return (
        passage.document_id == citation.document_id and passage.start <= citation.start and citation.end <= passage.end
    )
