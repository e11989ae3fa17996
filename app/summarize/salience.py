"""A document -> its parts, and of each part the sentences that say most of it, quoted exactly.

Centrality is LexRank (Erkan & Radev 2004): a sentence counts as much as the sentences that resemble it count. What is
chosen does not repeat itself: maximal marginal relevance (Carbonell & Goldstein 1998).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.answer.rules.pronouns import SAYS_LESS
from core.types import Document
from index.search.mmr import choose_by_mmr
from ingest.furniture import returning_shapes, shape
from ingest.orders import find_orders
from ingest.sentences import sentence_spans

DAMPING = 0.85
"""Of LexRank's walk: the share of steps that go to a similar sentence; the rest go anywhere (as in PageRank)."""

SIMILAR = 0.2
"""Cosine from which two sentences of MiniLM resemble each other at all; below it everything in English does."""

RELEVANCE = 0.7
"""Weight of a sentence's own score against its likeness to what was chosen, in maximal marginal relevance."""

WEIGHTS = {"central": 0.35, "about": 0.2, "opens": 0.2, "facts": 0.1, "cues": 0.15}
"""Of a sentence's score: its centrality in its part, its cosine to the mean of the document, whether it opens the part,
has figures, and tells of a result or a rule. Chosen by reading summaries of the sample documents and of quarterly
reports."""

LEANING = 0.75
"""What is left of the score of a sentence that begins with "It", "This" or "However": alone it says less."""

STIGMA = 0.4
"""What is left of the score of a sentence that forms and contracts are full of, and readers are not interested in."""

SHORTEST, LONGEST = 25, 420
"""Characters of a sentence that can be quoted in a summary: shorter ones are labels, longer ones lists and clauses."""

FEWEST_WORDS = 5
"""Words of a sentence that says something by itself."""

SMALLEST_PART = 120
"""Characters; a shorter part is read with the one after it."""

_NUMBERED = re.compile(
    r"(?im)^[ \t]*(?:(?:part|item|note|chapter|section|article|appendix)[ \t]+"
    r"(?:\d+[a-z]?|[ivxlc]+|[a-z])\b[.:]?.{0,100}"
    r"|\d{1,2}(?:\.\d+)*\.?[ \t]+[A-Z][^.\n]{2,80})$"
)
_CONTENTS = re.compile(r"(?i)\d+ (?:item|note|part|chapter|section) \w+[.:]?$")
_STOP = re.compile(r"[.!?…。！？؟।۔][\"'”’»)\]]*$")
_LEANS = re.compile(rf"(?i)^(?:{'|'.join(sorted(SAYS_LESS))})\b")
# Bonus and stigma words (Edmundson 1969), for English.
_CUES = re.compile(
    r"(?i)\b(?:increas|decreas|declin|grew|grow|rose|fell|higher|lower|highest|lowest|result|record|found|decid|agreed"
    r"|approv|must|never|only|not allowed|require|clos|replac|repair|because|due to|in total|totall?ed|first|largest)"
)
_FIGURE = re.compile(r"\| *(\d[\d,]*(?:\.\d+)?|\.\d+)")  # of "12.05.2024" the 12.05: a date is no number
_STIGMA = re.compile(
    r"(?i)forward-looking|incorporated (?:herein )?by reference|\bsee (?:the |note|part|item|table|page)|check ?mark"
    r"|accompanying notes|pursuant to|exchange act|table of contents|all rights reserved|refer to\b|hereby|exhibit"
    r"|certification|signed original|such differences|form 10-|level [123]\b|accounting standard|gaap"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document that belongs together; ``heading`` is "" where it has none."""

    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted, in part number ``part``; ``place`` counts from 0 within the part."""

    part: int
    place: int
    start: int
    end: int
    text: str


def parts_of(document: Document, longest: int) -> tuple[Part, ...]:
    """The document in parts of at most ``longest`` characters: by its headings, else by its numbered lines ("Item 2."),
    else by its pages. Together they are the whole text."""
    text = document.text
    marks = [(h.start, h.text) for h in document.headings]
    if len(marks) < 2:
        marks += [(m.start(), m[0]) for m in _NUMBERED.finditer(text)]
    cuts: list[tuple[int, str]] = [(0, "")]
    for start, heading in sorted(marks):
        named = " ".join(heading.split())
        if start - cuts[-1][0] >= SMALLEST_PART or not text[cuts[-1][0] : start].strip():
            cuts.append((start, named))
        elif not cuts[-1][1]:
            cuts[-1] = (cuts[-1][0], named)
    found: list[Part] = []
    for (start, heading), (end, _) in zip(cuts, [*cuts[1:], (len(text), "")], strict=True):
        found += _shortened(Part(heading, start, end), document, longest)
    return tuple(part for part in found if text[part.start : part.end].strip())


def _shortened(part: Part, document: Document, longest: int) -> list[Part]:
    """The part, cut at pages, or else at lines, where it is too long."""
    cut: list[Part] = []
    start = part.start
    pages = [page.start for page in document.pages]
    while part.end - start > longest:
        limit = start + longest
        page = max((p for p in pages if start + longest // 2 < p <= limit), default=0)
        line = document.text.rfind("\n", start + longest // 2, limit) + 1
        end = page or line or limit
        cut.append(Part(part.heading, start, end))
        start = end
    return [*cut, Part(part.heading, start, part.end)]


def quotable(document: Document, parts: Sequence[Part]) -> list[Sentence]:
    """The sentences of running text, in order; in a document without any, its rows. None gives orders to a model."""
    running, orders = returning_shapes(document.text, document.pages), find_orders(document.text)
    found: list[Sentence] = []
    rows: list[Sentence] = []
    for number, part in enumerate(parts):
        place = 0
        for start, end in sentence_spans(document.text[part.start : part.end]):
            text = document.text[part.start + start : part.start + end]
            sentence = Sentence(number, place, part.start + start, part.start + end, text)
            if any(first < sentence.end and sentence.start < last for first, last in orders):
                continue
            lines = _lines_of(document.text, sentence.start, sentence.end)
            if _is_prose(text) and not any(shape(line) in running for line in lines):
                found.append(sentence)
                place += 1
            elif " | " in text and any(sign.isdigit() for sign in text):
                rows.append(sentence)
    return found or rows


def _lines_of(text: str, start: int, end: int) -> list[str]:
    """The whole lines on which a stretch of text stands."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return text[first : last if last >= 0 else len(text)].splitlines()


def _is_prose(text: str) -> bool:
    flat = " ".join(text.split())
    if not SHORTEST <= len(flat) <= LONGEST or " | " in flat or not _STOP.search(flat):
        return False
    letters = sum(sign.isalpha() or sign.isspace() for sign in flat)
    spaced = flat.isascii() or " " in flat[:40]
    if _CONTENTS.search(flat):
        return False
    whole = flat[0].isupper() or flat[0].isdigit() or not flat[0].isascii() or flat[0] in "\"'“("
    return letters > 0.75 * len(flat) and whole and (not spaced or len(flat.split()) >= FEWEST_WORDS)


def scores(sentences: Sequence[Sentence], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each sentence says of its part and its document, 0..1; ``vectors`` are unit rows, (n, dimension)."""
    if all(" | " in sentence.text for sentence in sentences):
        return _magnitudes(sentences)
    about = vectors @ _unit(vectors.mean(axis=0))
    central = np.zeros(len(sentences), dtype=np.float32)
    of_part: dict[int, list[int]] = {}
    for at, sentence in enumerate(sentences):
        of_part.setdefault(sentence.part, []).append(at)
    for members in of_part.values():
        central[members] = lexrank(vectors[members])
    opens = np.array([1.0 / (1 + s.place) for s in sentences], dtype=np.float32)
    facts = np.array([any(sign.isdigit() for sign in s.text) for s in sentences], dtype=np.float32)
    cues = np.array([bool(_CUES.search(s.text)) for s in sentences], dtype=np.float32)
    whole = sum(
        weight * values for weight, values in zip(WEIGHTS.values(), (central, about, opens, facts, cues), strict=True)
    )
    factors = [LEANING if _LEANS.match(s.text) else 1.0 for s in sentences]
    factors = [f * (STIGMA if _STIGMA.search(s.text) else 1.0) for f, s in zip(factors, sentences, strict=True)]
    return np.clip(whole * np.array(factors, dtype=np.float32), 0.0, 1.0)


def _magnitudes(rows: Sequence[Sentence]) -> NDArray[np.float32]:
    """Rows of a table by the rank of their first figure: the largest is what a reader asks for first."""
    found = [_FIGURE.search(row.text) for row in rows]
    sizes = np.array([float(match[1].replace(",", "")) if match else 0.0 for match in found], dtype=np.float32)
    ranks: NDArray[np.float32] = ((1 + sizes.argsort().argsort()) / len(rows)).astype(np.float32)
    return ranks


def lexrank(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Centrality of unit vectors of shape (n, dimension) among each other, the highest 1."""
    likeness = vectors @ vectors.T
    likeness = np.where(likeness >= SIMILAR, likeness, 0.0)
    steps = likeness / likeness.sum(axis=1, keepdims=True)
    rank = np.full(len(vectors), 1 / len(vectors), dtype=np.float32)
    for _ in range(50):
        rank = (1 - DAMPING) / len(vectors) + DAMPING * (rank @ steps)
    ranked: NDArray[np.float32] = (rank / rank.max()).astype(np.float32)
    return ranked


def choose(
    sentences: Sequence[Sentence], values: NDArray[np.float32], vectors: NDArray[np.float32], count: int
) -> list[int]:
    """The numbers of ``count`` sentences, in the document's order: the best ones of all parts, without repeats.

    A part gets sentences by the square root of its length, so that a long one does not speak for all, and by how good
    its best one is.
    """
    quota = _quota([s.part for s in sentences], values, count)
    chosen: list[int] = []

    def similarity(items: Sequence[int], others: Sequence[int]) -> list[float]:
        return [float((vectors[list(others)] @ vectors[at]).max()) for at in items]

    for part, most in quota.items():
        members = [at for at, s in enumerate(sentences) if s.part == part]
        picked = choose_by_mmr(values, similarity, 1 - RELEVANCE, count=most, among=members, chosen=chosen)
        chosen += [at for at, _ in picked]
    return sorted(chosen)


def _quota(parts: Sequence[int], values: NDArray[np.float32], count: int) -> dict[int, int]:
    """How many sentences each part gets, by largest remainders."""
    best: dict[int, float] = {}
    for part, value in zip(parts, values, strict=True):
        best[part] = max(best.get(part, 0.0), float(value))
    weights = {part: held**0.5 * best[part] ** 2 for part, held in Counter(parts).items()}
    whole = sum(weights.values()) or 1.0
    exact = {part: count * weight / whole for part, weight in weights.items()}
    quota = {part: int(share) for part, share in exact.items()}
    for part in sorted(exact, key=lambda part: (quota[part] - exact[part], part))[: count - sum(quota.values())]:
        quota[part] += 1
    return quota


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
