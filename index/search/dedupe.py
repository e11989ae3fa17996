"""Candidates -> the best ``k`` of them, without repeats and with a chance for other documents."""

from __future__ import annotations

from collections.abc import Sequence

from index.analyzer import analyze
from index.search.hits import Hit, StageResult
from index.search.query import Query

SAME_DOCUMENT = 0.95
"""What a score is multiplied by for each better passage of the same document: other documents get a chance. On sec-10-q
a right report is among five passages' for .995 with .9 and .95, for .959 with 1; chunking-eval, whose answers stand in
one document each, has a token recall of .869, .872 and .876."""

DUPLICATE = 0.9
"""Jaccard similarity of two passages' terms from which the lower one is a repeat of the other."""


def dedupe(query: Query, hits: Sequence[Hit]) -> StageResult:
    """Choose the ``query.k`` best hits greedily.

    Repeats of a chosen hit are dropped, and each further hit of a document counts SAME_DOCUMENT times as much as the
    one before.
    """
    chosen: list[Hit] = []
    terms_of: dict[int, frozenset[str]] = {}
    duplicate_of: dict[int, int] = {}
    taken: dict[str, int] = {}
    rest = list(hits)
    while rest and len(chosen) < query.k:
        best = max(rest, key=lambda hit: hit.score * SAME_DOCUMENT ** taken.get(hit.document_id, 0))
        rest.remove(best)
        terms = frozenset(analyze(best.text))
        same = next((key for key, other in terms_of.items() if _is_repeat(terms, other)), None)
        if same is not None:
            duplicate_of[best.chunks[0]] = same
            continue
        chosen.append(best)
        terms_of[best.chunks[0]] = terms
        taken[best.document_id] = taken.get(best.document_id, 0) + 1
    return StageResult(tuple(chosen), duplicate_of)


def _is_repeat(terms: frozenset[str], other: frozenset[str]) -> bool:
    """Whether ``terms`` add nothing to ``other``. A new term with a digit is another figure: no repeat."""
    new = terms - other
    return len(terms & other) >= DUPLICATE * len(terms | other) and not any(map(_has_digit, new))


def _has_digit(term: str) -> bool:
    return any(sign.isdigit() for sign in term)
