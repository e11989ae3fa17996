"""What a model is given to read: sentences for a small one, passages for a larger one."""

from collections.abc import Sequence

from core.protocols import ChatEngine
from core.types import Citation, Passage
from ingest.sentences import sentence_spans

SMALL_MODEL = 1000
"""Million parameters. Below, a model reads the sentences that answer best rather than whole passages: of 40 questions
of SQuAD 2.0, SmolLM2-135M had 42 % of the answers' words from three sentences and 34 % from four paragraphs."""

_PRONOUNS = "it its they their them he his him she her this that these those such both"
_LEANS_BACK = frozenset(_PRONOUNS.split())


def is_small(engine: ChatEngine) -> bool:
    """Whether the model phrases an answer from sentences, and is overruled by them."""
    return engine.size < SMALL_MODEL


def sources_for(engine: ChatEngine, evidence: Sequence[Citation], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The model's sources, strongest first, without overlaps."""
    if not is_small(engine):
        return tuple(as_citation(passage) for passage in passages)
    chosen: list[Citation] = []
    for citation in evidence:
        wider = with_neighbour(citation, passages)
        if not any(_overlap(wider, other) for other in chosen):
            chosen.append(wider)
    return tuple(chosen)


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


def with_neighbour(citation: Citation, passages: Sequence[Passage]) -> Citation:
    """A sentence that leans on the one before it ("It was sold.") together with that one; else as it is."""
    first = citation.quote.split(maxsplit=1)[0].strip("\"'“(").lower() if citation.quote.strip() else ""
    home = next((p for p in passages if _holds(p, citation)), None)
    if home is None or first not in _LEANS_BACK:
        return citation
    before = [start for start, end in sentence_spans(home.text) if home.start + end <= citation.start]
    if not before:
        return citation
    start = before[-1]
    return Citation(
        citation.document_id,
        citation.file,
        citation.locator,
        home.text[start : citation.end - home.start],
        home.start + start,
        citation.end,
        citation.score,
    )


def _holds(passage: Passage, citation: Citation) -> bool:
    return (
        passage.document_id == citation.document_id and passage.start <= citation.start and citation.end <= passage.end
    )


def _overlap(one: Citation, other: Citation) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end
