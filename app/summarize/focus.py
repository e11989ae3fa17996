"""A summary of a part: the sentences of one section, or those that concern what is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.summarize.nearness import nearness_and_words
from app.summarize.reading import ReadDocument
from app.summarize.request import SummaryRequest, numbered_sections
from app.summarize.salience import select_sentences
from core.errors import UsageError
from core.messages import _
from core.protocols import Embedder

WORDS = 0.5
"""Weight of the share of the focus's words that a sentence and its heading hold, beside its nearness."""

CONCERNS = 0.4
"""Score of the best sentence below which nothing concerns the focus."""

OF_BEST = 0.5
"""Share of the best sentence's score from which another one concerns the focus, too."""

FOCUSED = 8
"""Sentences about a focus where no length is asked for."""


def heeded(
    read: ReadDocument, request: SummaryRequest, embedder: Embedder
) -> tuple[SummaryRequest, NDArray[np.float32] | None]:
    """The request without a focus that nothing in the document has to do with ("quickly", "if you can"), and how much
    each sentence concerns the one that stays, 0 and up, shape (sentences,); None where there is none."""
    if not request.focus:
        return request, None
    if read.sentences and (near := _nearness(read, request.focus, embedder)).max() >= CONCERNS:
        return request, near
    return replace(request, focus=""), None


def choose_focused(
    read: ReadDocument, request: SummaryRequest, near: NDArray[np.float32] | None, count: int
) -> list[int]:
    """The numbers of ``count`` sentences (none or fewer: as many as are fit), in the document's order.

    ``near`` is how much each sentence concerns the focus, None without one.
    Raises UsageError if no section has the number that is asked for.
    """
    members = list(range(len(read.sentences)))
    if request.section:
        sections = set(numbered_sections(read.sections, request.section))
        members = [at for at in members if read.sentences[at].section in sections]
        if not members:
            heads = [one for one in dict.fromkeys(s.heading for s in read.sections) if one]
            raise UsageError(
                _(
                    "{name} has no section {number} with sentences.",
                    name=read.document.name,
                    number=request.section,
                ),
                _("Its sections: {names}", names="; ".join(heads[:12])) if heads else _("It has no numbered sections."),
            )
    values = read.values
    if near is not None:
        least = OF_BEST * float(near[members].max())
        members = [at for at in members if near[at] >= least]
        values = 0.75 * near + 0.25 * read.values
    if count <= 0:
        count = 0 if request.sentences else (FOCUSED if request.focus else max(3, round(1.4 * len(members) ** 0.5)))
    kept = np.array(members, dtype=np.int64)
    sentences = [read.sentences[at] for at in members]
    chosen = select_sentences(sentences, values[kept], read.vectors[kept], count, [0] * len(read.sections))
    return [members[at] for at in chosen]


def _nearness(read: ReadDocument, focus: str, embedder: Embedder) -> NDArray[np.float32]:
    texts = (f"{read.sections[one.section].heading} {one.text}" for one in read.sentences)
    near, held = nearness_and_words(focus, read.vectors, texts, embedder)
    whole: NDArray[np.float32] = near + WORDS * held
    return whole
