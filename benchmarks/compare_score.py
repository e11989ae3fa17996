"""What a comparison tells of the changes that were made to a document, and what it tells though nothing changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.compare.result import Comparison, Difference
from benchmarks.compare_drafts import words
from benchmarks.compare_pairs import WORDS, Change


@dataclass(frozen=True)
class Score:
    """``told`` of ``made`` changes, and how many of the ``listed`` differences are ``false``."""

    made: int
    told: int
    listed: int
    false: int
    missed: tuple[Change, ...]
    wrong: tuple[Difference, ...]


def score(comparison: Comparison, changes: Sequence[Change]) -> Score:
    """What of the changes is told, and which differences belong to none of them."""
    claimed: set[int] = set()
    missed = []
    for change in changes:
        touched = [at for at, one in enumerate(comparison.differences) if _touches(change, one)]
        claimed.update(touched)
        if not _told(change, [comparison.differences[at] for at in touched]):
            missed.append(change)
    wrong = tuple(one for at, one in enumerate(comparison.differences) if at not in claimed)
    return Score(
        len(changes), len(changes) - len(missed), len(comparison.differences), len(wrong), tuple(missed), wrong
    )


def _touches(change: Change, one: Difference) -> bool:
    """Whether a difference is of a change's making: it says its words, at its place."""
    old, new = plain(one.old.text), plain(one.new.text)
    if change.kind in WORDS:
        sides = ((one.old, change.old_paragraph), (one.new, change.new_paragraph))
        there = all(side.there and _overlap(plain(side.sentence), plain(paragraph)) for side, paragraph in sides)
        gone, come = _swapped(change)
        return there and one.kind in ("changed", "cell") and bool(gone & set(words(old)) or come & set(words(new)))
    if change.kind == "added":
        return _overlap(new, plain(change.new)) and one.kind in ("added", "changed", "cell")
    if change.kind == "removed":
        return _overlap(old, plain(change.old)) and one.kind in ("removed", "changed", "cell")
    if change.kind == "column added":
        return one.kind == "column added" or (bool(new) and set(words(new)) <= set(words(change.new)))
    if change.kind in ("cell", "header"):
        return plain(change.old) in plain(one.old.sentence) and plain(change.new) in plain(one.new.sentence)
    if change.kind in ("split", "joined"):
        first = plain_all(" ".join(plain(change.new).split()[:1]))
        return one.kind == change.kind and first in plain_all(old) and first in plain_all(new)
    return _overlap(old, plain(change.old)) and one.kind == change.kind


def _told(change: Change, touching: Sequence[Difference]) -> bool:
    """Whether the differences that touch a change say all of it."""
    old, new = ({word for one in touching for word in words(getattr(one, side).text)} for side in ("old", "new"))
    if change.kind in WORDS:
        gone, come = _swapped(change)
        return gone <= old and come <= new
    if change.kind in ("added", "removed"):
        return _most(
            " ".join(new if change.kind == "added" else old),
            plain(change.new if change.kind == "added" else change.old),
        )
    return bool(touching)


def _swapped(change: Change) -> tuple[set[str], set[str]]:
    """The words that went and those that came."""
    old, new = set(words(change.old)), set(words(change.new))
    return old - new, new - old


def _overlap(said: str, whole: str) -> bool:
    """Whether one text is in the other, or they share their greater part."""
    return bool(said) and (said in whole or whole in said or _most(said, whole))


def _most(said: str, whole: str) -> bool:
    own, other = words(said), words(whole)
    shared = len(set(own) & set(other))
    return shared >= 0.8 * len(set(other))


def plain(text: str) -> str:
    """A text's words in small letters, without signs and without the number of its clause."""
    return " ".join(words(re.sub(r"^\s*\d{1,3}\. ", "", text)))


def plain_all(text: str) -> str:
    """As ``plain``, without any figure, which may number a clause."""
    return re.sub(r"\b\d+ ", "", text)
