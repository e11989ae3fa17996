"""The best sentences of the passages with what stands around them, as much as a reader has time for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.answer.rules.passage_features import containing_passage
from core.types import Citation, Passage
from index.analyzer import analyze
from index.search.table_columns import column_names
from ingest.locate import locate
from ingest.sentences import sentence_spans
from prompts.render import HEADING_SIGN, label, shown

LONGEST_NEIGHBOUR = 240
"""Characters of a sentence beside the one that was found; a longer one is left out, for it costs more than it tells."""

LEANS = 6
"""Terms below which a sentence leans on the one before it: "He accepts the election." Counted, so in any language."""

FENCE_TOKENS = 12
"""About what a source's fence takes beside its label."""

Count = Callable[[str], int]
"""A text -> its tokens."""


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """Characters ``start`` to ``end`` of the document, in ``passage``; made for the sentence ``best``."""

    passage: Passage
    start: int
    end: int
    best: Citation

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


def excerpts(
    ranked: Sequence[Citation], passages: Sequence[Passage], budget: int, count: Count
) -> tuple[Citation, ...]:
    """Stretches of ``passages`` around the ``ranked`` sentences, best first, of at most ``budget`` tokens together.

    The best sentence is always there, with the one before and the one after it, so that a reader sees whose price
    or date it is. The others come alone, for more of them hold the answer so (docs/answers.md), but for those of a
    few words, which lean on the sentence before; stretches that touch become one. Each has its passage's title and
    headings, and a table's row the names of its columns.
    """
    chosen: list[_Excerpt] = []
    spent = 0
    for sentence in ranked:
        home = containing_passage(sentence, passages)
        if home is None or any(_covers(one, sentence) for one in chosen):
            continue
        for wanted in _stretches(sentence, home, with_neighbours=not chosen):
            cost = _cost(wanted, count)
            if not chosen or spent + cost <= budget:
                chosen, spent = _joined([*chosen, wanted]), spent + cost
                break
    return tuple(_as_citation(one) for one in chosen)


def _cost(wanted: _Excerpt, count: Count) -> int:
    """Tokens that ``wanted`` takes as the model reads it."""
    source = _as_citation(wanted)
    return FENCE_TOKENS + count(label(source)) + count(shown(source))


def _covers(one: _Excerpt, sentence: Citation) -> bool:
    return one.passage.document_id == sentence.document_id and one.start <= sentence.start and sentence.end <= one.end


def _stretches(sentence: Citation, home: Passage, *, with_neighbours: bool) -> Iterator[_Excerpt]:
    """The sentence with both neighbours where they are wanted, or with the one that it leans on; then alone."""
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    touched = [at for at, (start, end) in enumerate(spans) if start < sentence.end and sentence.start < end]
    leans = len(analyze(sentence.quote)) < LEANS
    if touched and (with_neighbours or leans):
        first, last = touched[0], touched[-1]
        if first and _is_short(spans[first - 1]):
            first -= 1
        if with_neighbours and last + 1 < len(spans) and _is_short(spans[last + 1]):
            last += 1
        yield _Excerpt(home, spans[first][0], spans[last][1], sentence)
    yield _Excerpt(home, sentence.start, sentence.end, sentence)


def _is_short(span: tuple[int, int]) -> bool:
    return span[1] - span[0] <= LONGEST_NEIGHBOUR


def _joined(found: list[_Excerpt]) -> list[_Excerpt]:
    """The excerpts with the last one joined to an earlier one that it overlaps or touches."""
    last = found[-1]
    for at, one in enumerate(found[:-1]):
        if one.passage == last.passage and one.start <= last.end + 2 and last.start <= one.end + 2:
            wide = replace(one, start=min(one.start, last.start), end=max(one.end, last.end))
            return [*found[:at], wide, *found[at + 1 : -1]]
    return found


def _as_citation(one: _Excerpt) -> Citation:
    passage = one.passage
    place = locate(passage.pages, passage.text, one.start - passage.start) if passage.pages else one.best.locator
    named = dict.fromkeys(" ".join(name.split()) for name in (passage.title, *passage.headings))
    file = (passage.file, Path(passage.file).stem)
    heading = HEADING_SIGN.join(name for name in named if name and name not in one.text and name not in file)
    columns = one.best.columns or column_names(passage, one.best.start - passage.start)
    return replace(
        one.best,
        quote=one.text,
        start=one.start,
        end=one.end,
        locator=place,
        heading=heading,
        columns="" if columns in one.text else columns,
    )
