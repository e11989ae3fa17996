"""Sentences ranked as evidence, with the span reader's word in it."""

import math
from collections.abc import Sequence
from dataclasses import replace

from core.types import Citation, Passage
from index.span_reader import Reading

WORDS_WEIGHT = 0.3
"""What the likeliest words add to the score (0..1) of the sentence they stand in; chosen on the development slice."""


def rank_with_words(
    sentences: Sequence[Citation], passages: Sequence[Passage], reading: Reading, weight: float = WORDS_WEIGHT
) -> tuple[Citation, ...]:
    """``sentences`` of ``passages`` in a new order: each gains ``weight`` times how likely it holds the answer.

    ``reading`` is the reader's of the same passages, in the same order. How likely: the share of its best words in
    all words found and "not here", as the reader's scores give it. ``score`` stays in 0..1.
    """
    places = [
        (passage.document_id, passage.start + words.start, passage.start + words.end, words.score)
        for passage, spans in zip(passages, reading.spans, strict=True)
        for words in spans
    ]
    top = max((score for *_, score in places), default=0.0)
    top = max(top, 0.0)
    whole = math.exp(-top) + sum(math.exp(score - top) for *_, score in places)
    scored = []
    for sentence in sentences:
        likely = sum(
            math.exp(score - top)
            for document, start, end, score in places
            if document == sentence.document_id and sentence.start <= start and end <= sentence.end
        )
        scored.append(replace(sentence, score=(sentence.score + weight * likely / whole) / (1 + weight)))
    return tuple(sorted(scored, key=lambda sentence: -sentence.score))
