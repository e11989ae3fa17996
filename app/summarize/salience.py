"""Finds a document's quotable sentences, scores their salience, and selects the best without repeats.

Centrality is LexRank (Erkan & Radev 2004): PageRank over the sentences of a section, linked by their similarity.
Selection is by maximal marginal relevance (Carbonell & Goldstein 1998).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.summarize.facts import Facts
from app.summarize.sections import Section
from core.types import Document
from index.search.mmr import choose_by_mmr
from ingest.furniture import returning_shapes, shape
from ingest.orders import find_orders
from ingest.sentences import sentence_spans

DAMPING = 0.85
"""Damping factor of LexRank: the probability of a step to a similar sentence; all other steps go anywhere."""

SIMILAR = 0.2
"""Least cosine (MiniLM) at which LexRank links two sentences; any two English sentences come near it."""

RELEVANCE = 0.7
"""Lambda of maximal marginal relevance: the weight of a sentence's score against its likeness to the selected."""

WEIGHTS = {"centrality": 0.25, "about": 0.15, "opens": 0.20, "facts": 0.40}
"""Weights of a sentence's score: its centrality in its section, its cosine to the mean of the document, how near it is
to the section's beginning, and the facts that it names (`facts.Facts.weight`). Chosen on the even everyday papers."""

LEAD = 0.15
"""What the first sentence of a document gains, half of it the second, a third the third."""

SHORTEST, LONGEST = 25, 420
"""Characters of a sentence that can be quoted: shorter ones are labels, longer ones lists and clauses."""

FEWEST_WORDS = 5
"""Fewest words of a sentence that can be quoted."""

_STOP = re.compile(r"[.!?…。！？؟।۔][\"'”’»)\]]*$")
MARKS = re.compile(r"^\s*[-*•–·]+\s+|\*\*|__")  # of lists and of bold type, as Markdown has them
_FIGURE = re.compile(r"\| *(\d[\d,]*(?:\.\d+)?|\.\d+)")  # of "12.05.2024" the 12.05: a date is no number


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted: the number of its section, its number within it, and its span of the text."""

    section: int
    position: int
    start: int
    end: int
    text: str


def quotable_sentences(document: Document, sections: Sequence[Section]) -> list[Sentence]:
    """The sentences of running text, in order, or a table's rows if there are none. None gives orders to a model."""
    running, orders = returning_shapes(document.text, document.pages), find_orders(document.text)
    heads = {" ".join(head.split()) for head in (document.title, *(heading.text for heading in document.headings))}
    found: list[Sentence] = []
    rows: list[Sentence] = []
    for number, section in enumerate(sections):
        position = 0
        for start, end in sentence_spans(document.text[section.start : section.end]):
            text = document.text[section.start + start : section.start + end]
            sentence = Sentence(number, position, section.start + start, section.start + end, text)
            if any(first < sentence.end and sentence.start < last for first, last in orders):
                continue
            if " ".join(text.strip("# ").split()) in heads:  # "Rowing Club of the Lower Lake e. V."
                continue
            lines = _lines_of(document.text, sentence.start, sentence.end)
            torn = text[:1].isdigit() and document.text[: sentence.start].rstrip()[-1:].isdigit()
            if _is_prose(text) and not torn and not any(shape(line) in running for line in lines):
                found.append(sentence)
                position += 1
            elif " | " in text and any(sign.isdigit() for sign in text):
                rows.append(sentence)
    return found or rows


def _lines_of(text: str, start: int, end: int) -> list[str]:
    """The whole lines on which a stretch of text stands."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return text[first : last if last >= 0 else len(text)].splitlines()


def _is_prose(text: str) -> bool:
    """Whether a text is a sentence, or an entry of a list that names a year or a figure ("2014 doctorate, ...")."""
    plain = MARKS.sub("", text)
    is_entry = plain != text and any(map(str.isdigit, plain))
    flat = " ".join(plain.split())
    if not SHORTEST <= len(flat) <= LONGEST or " | " in flat or not (is_entry or _STOP.search(flat)):
        return False
    letters = sum(sign.isalpha() or sign.isspace() for sign in flat)
    spaced = flat.isascii() or " " in flat[:40]
    whole = (flat[0].isalnum() and not flat[0].islower()) or flat[0] in "\"'“("
    return letters > 0.75 * len(flat) and whole and (not spaced or len(flat.split()) >= FEWEST_WORDS)


def score_sentences(
    sentences: Sequence[Sentence], vectors: NDArray[np.float32], named: Sequence[Facts]
) -> NDArray[np.float32]:
    """The salience of each sentence in its section and document, 0..1, shape (n,).

    ``vectors`` are the sentences' unit embeddings, shape (n, dimension); ``named`` the facts that they
    name. Rows of a table are ranked by their figures.
    """
    if all(" | " in sentence.text for sentence in sentences):
        return _magnitudes(sentences)
    about = vectors @ _unit(vectors.mean(axis=0))
    centrality = np.zeros(len(sentences), dtype=np.float32)
    by_section: dict[int, list[int]] = {}
    for at, sentence in enumerate(sentences):
        by_section.setdefault(sentence.section, []).append(at)
    for members in by_section.values():
        centrality[members] = lexrank(vectors[members])
    opens = np.array([1.0 / (1 + s.position) for s in sentences], dtype=np.float32)
    facts = np.array([one.weight for one in named], dtype=np.float32)
    lead = np.array([1.0 / (1 + at) for at in range(len(sentences))], dtype=np.float32)
    whole = LEAD * lead + sum(
        weight * values for weight, values in zip(WEIGHTS.values(), (centrality, about, opens, facts), strict=True)
    )
    return np.clip(whole, 0.0, 1.0)


def _magnitudes(rows: Sequence[Sentence]) -> NDArray[np.float32]:
    """The rank of each row by its first figure, 0..1, shape (n,): the largest figure is of most interest."""
    found = [_FIGURE.search(row.text) for row in rows]
    sizes = np.array([float(match[1].replace(",", "")) if match else 0.0 for match in found], dtype=np.float32)
    ranks: NDArray[np.float32] = ((1 + sizes.argsort().argsort()) / len(rows)).astype(np.float32)
    return ranks


def lexrank(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """LexRank centrality of unit vectors of shape (n, dimension); shape (n,), scaled so that the highest is 1."""
    likeness = vectors @ vectors.T
    likeness = np.where(likeness >= SIMILAR, likeness, 0.0)
    steps = likeness / likeness.sum(axis=1, keepdims=True)
    rank = np.full(len(vectors), 1 / len(vectors), dtype=np.float32)
    for _ in range(50):
        rank = (1 - DAMPING) / len(vectors) + DAMPING * (rank @ steps)
    ranked: NDArray[np.float32] = (rank / rank.max()).astype(np.float32)
    return ranked


def select_sentences(
    sentences: Sequence[Sentence],
    values: NDArray[np.float32],
    vectors: NDArray[np.float32],
    count: int,
    groups: Sequence[int],
) -> list[int]:
    """The numbers of about ``count`` sentences, in the document's order: the best of each group, without repeats.

    ``values`` are their scores, shape (n,); ``vectors`` their unit embeddings, shape (n, dimension); ``groups`` the
    group of each section. Each group has one sentence where there are enough; of the rest its share grows with the
    square root of its length and with its best score.
    """
    own = [groups[s.section] for s in sentences]
    quota = _quota(own, values, count)
    chosen: list[int] = []

    def similarity(items: Sequence[int], others: Sequence[int]) -> list[float]:
        return [float((vectors[list(others)] @ vectors[at]).max()) for at in items]

    for group, most in quota.items():
        members = [at for at, of in enumerate(own) if of == group]
        picked = choose_by_mmr(values, similarity, 1 - RELEVANCE, count=most, among=members, chosen=chosen)
        chosen += [at for at, _ in picked]
    return sorted(chosen)


def _quota(groups: Sequence[int], values: NDArray[np.float32], count: int) -> dict[int, int]:
    """How many sentences each group gets, in all ``count``: one each where that is enough for all, and the rest by the
    largest remainder method."""
    best: dict[int, float] = {}
    for group, value in zip(groups, values, strict=True):
        best[group] = max(best.get(group, 0.0), float(value))
    each = int(len(best) <= count)
    left = count - each * len(best)
    weights = {group: held**0.5 * best[group] ** 2 for group, held in Counter(groups).items()}
    whole = sum(weights.values()) or 1.0
    exact = {group: left * weight / whole for group, weight in weights.items()}
    quota = {group: int(share) for group, share in exact.items()}
    for group in sorted(exact, key=lambda group: (quota[group] - exact[group], group))[: left - sum(quota.values())]:
        quota[group] += 1
    return {group: share + each for group, share in quota.items()}


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
