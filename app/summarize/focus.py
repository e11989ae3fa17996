"""A summary of a part: the sentences of one section, or those that concern what is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.summarize.reading import ReadDocument
from app.summarize.request import SummaryRequest, numbered_sections
from app.summarize.salience import select_sentences
from core.errors import UsageError
from core.protocols import Embedder
from index.analyzer import FUNCTION_WORDS, analyze
from index.relatedness import relatedness

WORDS = 0.5
"""Weight of the share of the focus's words that a sentence and its heading hold, beside its nearness."""

CONCERNS = 0.4
"""Score of the best sentence below which nothing concerns the focus."""

OF_BEST = 0.5
"""Share of the best sentence's score from which another one concerns the focus, too."""

FOCUSED = 8
"""Sentences about a focus where no length is asked for."""


def heeded(read: ReadDocument, request: SummaryRequest, embedder: Embedder) -> SummaryRequest:
    """The request without a focus that nothing in the document has to do with: "quickly", "if you can"."""
    if request.focus and (not read.sentences or _nearness(read, request.focus, embedder).max() < CONCERNS):
        return replace(request, focus="")
    return request


def choose_focused(read: ReadDocument, request: SummaryRequest, embedder: Embedder, count: int) -> list[int]:
    """The numbers of ``count`` sentences (none or fewer: as many as are fit), in the document's order.

    Raises UsageError if no section has the number that is asked for.
    """
    members = list(range(len(read.sentences)))
    if request.section:
        sections = set(numbered_sections(read.sections, request.section))
        members = [at for at in members if read.sentences[at].section in sections]
        if not members:
            heads = [one for one in dict.fromkeys(s.heading for s in read.sections) if one]
            raise UsageError(
                f"{read.document.name} has no section {request.section} with sentences.",
                f"Its sections: {'; '.join(heads[:12])}" if heads else "It has no numbered sections.",
            )
    values = read.values
    if request.focus and members:
        near = _nearness(read, request.focus, embedder)
        least = OF_BEST * float(near[members].max())
        members = [at for at in members if near[at] >= least]
        values = 0.75 * near + 0.25 * read.values
    if count <= 0:
        count = 0 if request.sentences else (FOCUSED if request.focus else max(3, round(1.4 * len(members) ** 0.5)))
    kept = np.array(members, dtype=np.int64)
    sentences = [read.sentences[at] for at in members]
    chosen = select_sentences(sentences, values[kept], read.vectors[kept], count, [0] * len(read.sections))
    return [members[at] for at in chosen]


def _nearness(read: ReadDocument, focus: str, embedder: Embedder) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """How much each sentence concerns the focus, 0 and up, shape (sentences,)."""
    cosines = read.vectors @ embedder.embed_question(focus)
    near = np.clip(relatedness(cosines.astype(np.float32), embedder, "question"), 0.0, 1.0)
    wanted = set(analyze(focus)) - FUNCTION_WORDS
    held = [
        len(wanted & set(analyze(f"{read.sections[s.section].heading} {s.text}"))) / max(1, len(wanted))
        for s in read.sentences
    ]
    whole: np.ndarray[tuple[int], np.dtype[np.float32]] = near + WORDS * np.array(held, dtype=np.float32)
    return whole
