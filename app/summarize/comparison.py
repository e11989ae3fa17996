"""Compares two documents: aligns their sentences, and shows which differ, agree, or are in one document only."""

import re
import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from app.answer.events import Event, Note
from app.answer.rules.text_features import content_words, names, numbers
from app.summarize.context import TaskContext
from app.summarize.cost import require_consent
from app.summarize.reading import READING, ReadDocument, note_orders, read_document
from app.summarize.result import build_answer
from app.summarize.salience import select_sentences
from core.messages import N_, _
from core.types import AnswerSentence, Document, Usage

SAME_MATTER = 0.7
"""Least cosine (MiniLM) of two sentences on the same matter, which can therefore differ in what they say."""

SAME_WORDS = 0.85
"""Least Jaccard similarity of the words of two sentences that say the same, if figures, dates and negations agree."""

OTHER_MATTER = 0.5
"""Cosine to every sentence of the other document below which a sentence has no counterpart there."""

NOT_SHOWN = N_("Not shown: {pairs} more pairs that differ, and {sentences} sentences without a match.")

PAIRS = 8
"""Most differing pairs shown, most agreeing pairs, and most unmatched sentences of each document."""

_TELLING = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|three|six|nine|twelve"
    r"|increas|decreas|declin|grew|rose|fell|higher|lower|more|less|may|must|shall"
    r"|not|no|never|none|neither|nor|without|cannot)(?=\w*\b)"
)


def compare(first: Document, second: Document, context: TaskContext) -> Generator[Event, None, None]:
    """Yields the events of a comparison: what the documents say differently, what both say, and what only one says.

    All of it is quoted, each differing pair one after the other. Setting ``context.cancel`` ends it within 200 ms with
    what was read so far. Raises UsageError if it would take more than ``LONG_S`` seconds and nobody agreed.
    """
    started = time.perf_counter()
    require_consent(replace(context, engine=None), first, second)  # no model writes a comparison
    a = yield from read_document(first, context, _(READING, name=first.name))
    b = yield from read_document(second, context, _(READING, name=second.name))
    found: list[tuple[str, AnswerSentence]] = []
    if a.sentences and b.sentences:
        alignment = align_sentences(a, b)
        different, in_both = _("Said differently"), _("Said in both")
        for one, other in alignment.differing:
            found += [(different, a.cite(one)), (different, b.cite(other))]
        found += [(in_both, _both(a.cite(one), b.cite(other))) for one, other in alignment.agreeing]
        for read, unmatched in zip((a, b), alignment.unmatched, strict=True):
            found += [(_("Only in {name}", name=read.document.name), read.cite(at)) for at in unmatched]
        if any(alignment.not_shown):
            pairs, sentences = alignment.not_shown
            yield Note(_(NOT_SHOWN, pairs=pairs, sentences=sentences))
    yield from note_orders(first, second)
    yield build_answer(
        _("Compare {one} with {other}", one=first.name, other=second.name), found, context, started, Usage(), ""
    )


def _both(one: AnswerSentence, other: AnswerSentence) -> AnswerSentence:
    """The sentence ``one`` with the citations of both."""
    return replace(one, citations=(*one.citations, *other.citations))


@dataclass(frozen=True, slots=True)
class SentenceAlignment:
    """The aligned sentences of two documents, by their numbers, in the documents' order.

    ``differing`` and ``agreeing`` are pairs (number in the first document, number in the second) on the same matter;
    ``unmatched`` are the sentences of each document without a counterpart. ``not_shown`` counts the differing pairs
    and the unmatched sentences that were left out.
    """

    differing: list[tuple[int, int]]
    agreeing: list[tuple[int, int]]
    unmatched: tuple[list[int], list[int]]
    not_shown: tuple[int, int]


def align_sentences(a: ReadDocument, b: ReadDocument) -> SentenceAlignment:
    """Align sentences that are each other's nearest by cosine; at most ``PAIRS`` of each kind are kept.

    Both documents must have at least one sentence.
    """
    likeness = a.vectors @ b.vectors.T
    best_b, best_a = likeness.argmax(axis=1), likeness.argmax(axis=0)
    mutual = [(i, int(j)) for i, j in enumerate(best_b) if best_a[j] == i and likeness[i, j] >= SAME_MATTER]
    differing = [pair for pair in mutual if _differ(a.sentences[pair[0]].text, b.sentences[pair[1]].text)]
    agreeing = [
        (i, j) for i, j in mutual if (i, j) not in differing and _same(a.sentences[i].text, b.sentences[j].text)
    ]

    def worth(pair: tuple[int, int]) -> float:
        return float(likeness[pair] * (a.values[pair[0]] + b.values[pair[1]]))

    unmatched, left_out = [], 0
    for read, most in ((a, likeness.max(axis=1)), (b, likeness.max(axis=0))):
        members = np.flatnonzero(most < OTHER_MATTER)
        own = [read.sentences[at] for at in members]
        picked = select_sentences(own, read.values[members], read.vectors[members], min(PAIRS, len(own))) if own else []
        unmatched.append([int(members[at]) for at in picked])
        left_out += len(own) - len(picked)
    best = [sorted(sorted(pairs, key=worth, reverse=True)[:PAIRS]) for pairs in (differing, agreeing)]
    return SentenceAlignment(best[0], best[1], (unmatched[0], unmatched[1]), (len(differing) - len(best[0]), left_out))


def _differ(one: str, other: str) -> bool:
    """Whether two sentences on the same matter differ in figures, names, ordinals, directions ("rose", "fell"),
    or negation."""
    return _telling_words(one) != _telling_words(other) or names(one) != names(other) or numbers(one) != numbers(other)


def _telling_words(text: str) -> set[str]:
    return set(_TELLING.findall(text.lower()))


def _same(one: str, other: str) -> bool:
    """Whether two sentences that do not differ use nearly the same words."""
    first, second = content_words(one), content_words(other)
    return len(first & second) >= SAME_WORDS * len(first | second)
