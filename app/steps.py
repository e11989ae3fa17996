"""A question of how to do something -> the section whose heading says just that, as one quote: its steps belong
together, and none of them need name what they are steps of."""

import re
from collections.abc import Callable, Iterator, Sequence

from app.words import content_words
from core.types import Citation, Passage
from ingest.locate import locate
from ingest.sentences import sentence_spans

MOST_CHARACTERS = 600
"""Of a section that is quoted whole: some eight steps, a third of a page."""

_HOW_TO = re.compile(r"(?i)\bhow (?:(?:do|can|could|should|must|shall|would) (?:i|we|you|one|they|people)|to)\b")


def steps_for(
    question: str, passages: Sequence[Passage], is_heading: Callable[[str], bool], score: float
) -> Citation | None:
    """The section below a heading of which all words were asked for ("Starting" to "How do I start the pump?"), without
    the heading; None for other questions, and where there is none. ``score`` in 0..1 becomes the quote's."""
    if not _HOW_TO.search(question):
        return None
    asked = content_words(question)
    best: tuple[int, Citation] | None = None
    for passage in passages:
        for heading, start, end in _sections(passage, is_heading):
            named = {word for word in content_words(heading) if any(map(str.isalpha, word))}
            if not named or not named <= asked or end - start > MOST_CHARACTERS:
                continue
            if best is None or len(named) > best[0]:
                best = len(named), _quote(passage, start, end, score)
    return best[1] if best else None


def _sections(passage: Passage, is_heading: Callable[[str], bool]) -> Iterator[tuple[str, int, int]]:
    """Each heading in the passage's text with where the sentences below it begin and end."""
    spans = sentence_spans(passage.text)
    headings = [at for at, (start, end) in enumerate(spans) if is_heading(passage.text[start:end])]
    for at, after in zip(headings, [*headings, len(spans)][1:], strict=True):
        if after > at + 1:
            yield passage.text[slice(*spans[at])], spans[at + 1][0], spans[after - 1][1]


def _quote(passage: Passage, start: int, end: int, score: float) -> Citation:
    return Citation(
        passage.document_id,
        passage.file,
        locate(passage.pages, passage.text, start) if passage.pages else passage.locator,
        passage.text[start:end],
        passage.start + start,
        passage.start + end,
        score,
    )
