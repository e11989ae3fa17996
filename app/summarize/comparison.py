"""Two documents as they were read -> the sentences that differ, agree, or have no counterpart in the other."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.answer.rules.text_features import content_words, dates, names, negated, numbers
from app.summarize.salience import Part, Sentence, choose
from core.types import AnswerSentence, Citation, Document
from ingest.locate import locate

SAME_MATTER = 0.7
"""Cosine from which two sentences of MiniLM are about the same matter, so that they can differ in it."""

SAME_WORDS = 0.85
"""Share of their words in common from which two sentences say the same, if their figures, dates and denials agree."""

OTHER_MATTER = 0.5
"""Cosine to all of the other document's sentences below which a sentence has no counterpart there."""

PAIRS = 8
"""Differing pairs that are shown, the most alike first; and sentences that only one of two documents has, of each."""


_TELLING = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|three|six|nine|twelve"
    r"|increas|decreas|declin|grew|rose|fell|higher|lower|more|less|may|must|shall)(?=\w*\b)"
)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document, its quotable sentences, and what was made of them; vectors have shape (sentences, dimension)."""

    document: Document
    parts: tuple[Part, ...]
    sentences: list[Sentence]
    vectors: NDArray[np.float32]
    values: NDArray[np.float32]

    def cite(self, at: int, text: str = "") -> AnswerSentence:
        """A sentence of the document as a sentence of the answer."""
        sentence, document = self.sentences[at], self.document
        place = locate(document.pages, document.text, sentence.start)
        score = float(self.values[at])
        citation = Citation(
            document.id, document.name, place, sentence.text, sentence.start, sentence.end, round(score, 4)
        )
        return AnswerSentence(text or _shown(document, sentence), (citation,))


@dataclass(frozen=True, slots=True)
class Matches:
    """Sentences of two documents by number: pairs on the same matter that differ or agree; those without a match.
    ``more`` counts what is like these and was left out: of pairs that differ, and of sentences without a match."""

    differing: list[tuple[int, int]]
    same: list[tuple[int, int]]
    alone: tuple[list[int], list[int]]
    more: tuple[int, int]


def matched(a: ReadDocument, b: ReadDocument) -> Matches:
    """The ``PAIRS`` best of each kind, in the documents' order; each document has at least one sentence."""
    likeness = a.vectors @ b.vectors.T
    best_b, best_a = likeness.argmax(axis=1), likeness.argmax(axis=0)
    mutual = [(i, int(j)) for i, j in enumerate(best_b) if best_a[j] == i and likeness[i, j] >= SAME_MATTER]
    differing = [pair for pair in mutual if _differ(a.sentences[pair[0]].text, b.sentences[pair[1]].text)]
    same = [(i, j) for i, j in mutual if (i, j) not in differing and _same(a.sentences[i].text, b.sentences[j].text)]

    def worth(pair: tuple[int, int]) -> float:
        return float(likeness[pair] * (a.values[pair[0]] + b.values[pair[1]]))

    alone, lonely = [], 0
    for read, most in ((a, likeness.max(axis=1)), (b, likeness.max(axis=0))):
        members = np.flatnonzero(most < OTHER_MATTER)
        own = [read.sentences[at] for at in members]
        picked = choose(own, read.values[members], read.vectors[members], min(PAIRS, len(own))) if own else []
        alone.append([int(members[at]) for at in picked])
        lonely += len(own) - len(picked)
    best = [sorted(sorted(pairs, key=worth, reverse=True)[:PAIRS]) for pairs in (differing, same)]
    return Matches(best[0], best[1], (alone[0], alone[1]), (len(differing) - len(best[0]), lonely))


def _differ(one: str, other: str) -> bool:
    """Whether two sentences on the same matter state other figures, dates, names, places in an order or directions, or
    one denies what the other says."""
    return (
        _told(one) != _told(other)
        or names(one) != names(other)
        or numbers(one) != numbers(other)
        or dates(one) != dates(other)
        or bool(negated(one)) != bool(negated(other))
    )


def _told(text: str) -> set[str]:
    return set(_TELLING.findall(text.lower()))


def _same(one: str, other: str) -> bool:
    """Whether two sentences that do not differ use nearly the same words."""
    first, second = content_words(one), content_words(other)
    return len(first & second) >= SAME_WORDS * len(first | second)


def _shown(document: Document, sentence: Sentence) -> str:
    """The sentence on one line; a row of a table with the names of its columns, where they are known."""
    row = " ".join(sentence.text.split())
    headings = [h.text for h in document.headings if h.start <= sentence.start and " | " in h.text]
    cells, names = row.split(" | "), headings[-1].split(" | ") if headings else []
    if " | " not in row or len(cells) != len(names):
        return row
    return f"{cells[0]}: " + ", ".join(f"{name} {cell}" for name, cell in zip(names[1:], cells[1:], strict=True)) + "."
