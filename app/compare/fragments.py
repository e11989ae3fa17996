"""Text that was taken out at one place and put in at another, within sentences or whole: it was moved."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.compare.alignment import Pair
from app.compare.result import Difference, Side
from app.compare.sides import Sides, flat, unmoved
from app.compare.words import Codes, Word, words_of
from core.types import Document

FEWEST_WORDS = 8
"""Of a text that is known again elsewhere; shorter ones return by chance."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words that a difference took out or put in, coded in ``code``."""

    difference: Difference
    words: tuple[Word, ...]
    code: str


def with_moves(
    differences: Iterable[Difference], sides: Sides, codes: Codes, pairs: Sequence[Pair]
) -> list[Difference]:
    """The differences, where a text that went and came again is one move instead of two; what is left of either stays.

    Where it came again between the same neighbours it is no move either: a sentence was put in before it.
    """
    kept = unmoved(sides, pairs)
    old_starts = [sides.old_units[pair.old[0]].start for pair in kept]
    new_starts = [sides.new_units[pair.new[0]].start for pair in kept]
    listed = list(differences)
    gone = [_piece(sides.old, one, one.old, codes) for one in listed if one.old.text and not one.new.text]
    come = [_piece(sides.new, one, one.new, codes) for one in listed if one.new.text and not one.old.text]
    gone = sorted((one for one in gone if _known(one)), key=lambda one: -len(one.words))
    come = [one for one in come if _known(one)]
    likely = _Likely(come)
    replaced: dict[int, list[Difference]] = {}
    for one in gone:
        for other in likely.of(one):
            if id(other.difference) in replaced or not (one.code in other.code or other.code in one.code):
                continue
            moved, left = _move(one, other, sides)
            here = bisect_left(old_starts, moved.old.start) == bisect_left(new_starts, moved.new.start)
            replaced[id(one.difference)] = [*(() if here else (moved,)), *(rest for rest in left if rest.old.text)]
            replaced[id(other.difference)] = [rest for rest in left if rest.new.text]
            break
    return [new for one in listed for new in replaced.get(id(one), (one,))]


class _Likely:
    """Finds the pieces that may hold another one, or be held by it: they have the first words of the shorter one."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._pieces = pieces
        self._begin: dict[str, list[int]] = defaultdict(list)
        self._hold: dict[str, list[int]] = defaultdict(list)
        for at, piece in enumerate(pieces):
            self._begin[piece.code[:FEWEST_WORDS]].append(at)
            for words in _stretches(piece.code):
                self._hold[words].append(at)

    def of(self, piece: _Piece) -> Iterator[_Piece]:
        """In their own order."""
        found = {*self._hold.get(piece.code[:FEWEST_WORDS], ())}
        for words in _stretches(piece.code):
            found.update(self._begin.get(words, ()))
        return (self._pieces[at] for at in sorted(found))


def _stretches(code: str) -> Iterator[str]:
    """All stretches of ``FEWEST_WORDS`` words."""
    return (code[at : at + FEWEST_WORDS] for at in range(len(code) - FEWEST_WORDS + 1))


def _known(piece: _Piece) -> bool:
    return len(piece.words) >= FEWEST_WORDS and piece.difference.kind in ("changed", "added", "removed")


def _piece(document: Document, one: Difference, side: Side, codes: Codes) -> _Piece:
    """The words of a difference without the number of its clause."""
    words = words_of(document.text, side.start, side.end)
    while words and (words[0].is_sign or words[0].key.isdecimal()):
        words.pop(0)
    while words and words[-1].is_sign:
        words.pop()
    return _Piece(one, tuple(words), codes.encode(words))


def _move(one: _Piece, other: _Piece, sides: Sides) -> tuple[Difference, list[Difference]]:
    """The move of the shorter of two pieces, and what the longer one holds besides."""
    size = min(len(one.words), len(other.words))
    at, to = max(0, one.code.find(other.code)), max(0, other.code.find(one.code))
    old = _cut(sides.old, one.difference.old, one.words, at, at + size)
    new = _cut(sides.new, other.difference.new, other.words, to, to + size)
    left = [
        replace(one.difference, old=_cut(sides.old, one.difference.old, one.words, *rest))
        for rest in _rests(at, size, one.words)
    ]
    left += [
        replace(other.difference, new=_cut(sides.new, other.difference.new, other.words, *rest))
        for rest in _rests(to, size, other.words)
    ]
    return Difference("moved", "layout", (), old, new), left


def _rests(at: int, size: int, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """What stands before and behind a part of some words, but for signs alone."""
    for first, last in ((0, at), (at + size, len(words))):
        if any(not word.is_sign for word in words[first:last]):
            yield first, last


def _cut(document: Document, side: Side, words: Sequence[Word], first: int, last: int) -> Side:
    """A side with only some of its words as what differs."""
    said, at, to = flat(document.text, words, first, last)
    return replace(side, start=words[first].start, end=words[last - 1].end, sentence=said, at=at, to=to)
