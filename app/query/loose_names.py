"""The two documents that a comparison names loosely: "the port rules of 2019 and 2024", "the old and the new lease"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import PurePath

from index.analyzer import FUNCTION_WORDS, analyze
from index.store.records import DocumentRecord

Terms = frozenset[str]


def find_loosely(words: str, documents: Sequence[DocumentRecord]) -> tuple[str, str] | None:
    """The ids of the only two documents that ``words`` fit, in the order of the numbers in their names; None where
    others fit as well.

    Either a word of each tells the two apart ("2019", "2024") and they have words of their names in common, or no other
    document has any of the words. Where words are said beside numbers, one of them must be of both names: "net sales in
    2019 and 2024" are not the reports of these years.
    """
    asked = _terms(words)
    said = {term for term in asked if not _is_number(term)}
    names = {document.id: _terms(f"{PurePath(document.name).stem} {document.title}") for document in documents}
    ordered = sorted(documents, key=lambda document: number_key(document.name))
    fits: dict[tuple[str, str], int] = {}
    for one, other in combinations((document.id for document in ordered), 2):
        first, second = names[one], names[other]
        both = {term for term in first & second if not _is_number(term)}
        if both and asked & (first - second) and asked & (second - first) and 2 * len(said & both) >= len(said):
            fits[one, other] = len(asked & (first | second))
    best = [pair for pair, count in fits.items() if count == max(fits.values())]
    if not best:
        found = [one.id for one in ordered if said & names[one.id]]
        half = all(2 * len(said & names[one]) >= len(said) for one in found)
        return (found[0], found[1]) if len(found) == 2 and half else None
    return best[0] if len(best) == 1 else None


def number_key(name: str) -> list[tuple[int, str]]:
    """A key that sorts names with their numbers as numbers: v2 before v10, 2019 before 2024."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)]


def _is_number(term: str) -> bool:
    return any(map(str.isdecimal, term))


def _terms(text: str) -> Terms:
    return frozenset(analyze(re.sub(r"[_-]", " ", text))) - FUNCTION_WORDS
