"""Aligns the units of two documents: the same ones, changed ones, and those that stand elsewhere.

    units that stand once in both -> their neighbours -> the heaviest order that both share -> in the gaps between these
    the likest ones in order -> what is left by its rare words, wherever it stands -> pieces of split and joined ones

The order of ideas is that of patience diff (Bram Cohen) and of Heckel, "A technique for isolating differences between
files", 1978. Likeness is Indel similarity over words (rapidfuzz): twice the longest common subsequence by all words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel, LCSseq

from app.compare.increasing import heaviest_increasing
from app.compare.units import Unit
from app.compare.words import Codes

ALIKE = 0.4
"""Least likeness of two units that stand between the same neighbours."""

ALIKE_ELSEWHERE = 0.6
"""Least likeness of two units that stand elsewhere in either document."""

SHORT = 5
"""Words up to which units are also compared letter by letter."""

FEWEST_WORDS = 4
"""Of a unit that can be told to have moved by itself; shorter ones return by chance."""

MOST_CELLS = 4_000_000
"""Pairs of units that are all compared with each other; a larger gap is first divided by units with rare words."""

MOST_CONTAINED = 100_000
"""Pairs of units of which it is looked whether one holds the other."""

RARE = 24
"""Most units of a document that a word stands in, by which likely counterparts are looked for."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Units of the one document and their counterparts in the other, by number; several where they were split.

    ``moved`` tells that they stand in another order than the rest.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    moved: bool = False


def align(old: Sequence[Unit], new: Sequence[Unit], codes: Codes) -> list[Pair]:
    """The pairs of aligned units in the order of ``old``; a unit is in one pair at most."""
    return _Aligner(old, new, codes).pairs()


class _Side:
    """The units of one document as strings of coded words."""

    def __init__(self, units: Sequence[Unit], codes: Codes) -> None:
        self.units = units
        self.texts = [codes.encode(unit.words) for unit in units]
        self.keys = [f"{unit.kind == 'margin'}{text}" for unit, text in zip(units, self.texts, strict=True)]
        self.spelled = [" ".join(word.folded for word in unit.words) for unit in units]
        self.firsts = [_first_cell(unit) for unit in units]


def _first_cell(unit: Unit) -> str:
    """What a row is called: its words before the first figure; "" for all other units."""
    if unit.kind != "row":
        return ""
    label = []
    for word in unit.words:
        if word.key[0].isdecimal():
            break
        label.append(word.folded)
    return " ".join(label)


class _Aligner:
    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], codes: Codes) -> None:
        self.a, self.b = _Side(old, codes), _Side(new, codes)
        self.to_new: dict[int, int] = {}
        self.to_old: dict[int, int] = {}

    def pairs(self) -> list[Pair]:
        self._match_unique()
        self._extend()
        self._drop_chance()
        self._fill_gaps(range(len(self.a.units)), range(len(self.b.units)))
        self._extend()
        self._match_elsewhere()
        self._extend()
        return self._ordered(self._joined())

    def _join(self, i: int, j: int) -> None:
        self.to_new[i], self.to_old[j] = j, i

    def _match_unique(self) -> None:
        """Pair the units that stand exactly once in both documents."""
        counts_a, counts_b = Counter(self.a.keys), Counter(self.b.keys)
        where = {key: j for j, key in enumerate(self.b.keys)}
        for i, key in enumerate(self.a.keys):
            if counts_a[key] == 1 and counts_b.get(key) == 1:
                self._join(i, where[key])

    def _extend(self) -> None:
        """Pair equal units beside paired ones, forwards and backwards (Heckel's passes 4 and 5)."""
        for step, order in ((1, sorted(self.to_new)), (-1, sorted(self.to_new, reverse=True))):
            for start in order:
                i, j = start + step, self.to_new[start] + step
                while (
                    0 <= i < len(self.a.keys)
                    and 0 <= j < len(self.b.keys)
                    and i not in self.to_new
                    and j not in self.to_old
                    and self.a.keys[i] == self.b.keys[j]
                ):
                    self._join(i, j)
                    i, j = i + step, j + step

    def _backbone(self) -> list[tuple[int, int]]:
        """The pairs of the heaviest order that both documents share, by their words."""
        pairs = sorted(self.to_new.items())
        weights = [len(self.a.texts[i]) + 1 for i, _ in pairs]
        return [pairs[at] for at in heaviest_increasing([j for _, j in pairs], weights)]

    def _drop_chance(self) -> None:
        """Part pairs out of order that are too short to tell: "Total", a date, unless they stand beside others such."""
        backbone = set(self._backbone())
        off = {pair for pair in self.to_new.items() if pair not in backbone}
        for i, j in sorted(off):
            beside = (i - 1, j - 1) in off or (i + 1, j + 1) in off
            least = FEWEST_WORDS if self.a.units[i].kind != "row" else 2 * FEWEST_WORDS
            if not beside and len(self.a.texts[i]) < least:
                del self.to_new[i], self.to_old[j]

    def _fill_gaps(self, rows: range, columns: range) -> None:
        """Pair the likest free units between the pairs of the backbone, in order."""
        fence = [(rows.start - 1, columns.start - 1)]
        fence += [(i, j) for i, j in self._backbone() if i in rows and j in columns]
        fence.append((rows.stop, columns.stop))
        for (i, j), (k, m) in pairwise(fence):
            free_a = [at for at in range(i + 1, k) if at not in self.to_new]
            free_b = [at for at in range(j + 1, m) if at not in self.to_old]
            if not free_a or not free_b:
                continue
            if len(free_a) * len(free_b) > MOST_CELLS:
                found = self._likely(free_a, free_b, ALIKE_ELSEWHERE)
                weights = [len(self.a.texts[one]) for one, _ in found]
                kept = [found[at] for at in heaviest_increasing([other for _, other in found], weights)]
                for one, other in kept:
                    self._join(one, other)
                if kept:
                    self._fill_gaps(range(i + 1, k), range(j + 1, m))
                continue
            for one, other in self._in_order(free_a, free_b):
                self._join(one, other)

    def _in_order(self, free_a: Sequence[int], free_b: Sequence[int]) -> list[tuple[int, int]]:
        """The pairs of the order with the most likeness, by dynamic programming."""
        likeness = self._likeness(free_a, free_b)
        sizes_a = np.array([len(self.a.texts[i]) for i in free_a], dtype=np.float32)
        sizes_b = np.array([len(self.b.texts[j]) for j in free_b], dtype=np.float32)
        worth = likeness * (sizes_a[:, None] + sizes_b[None, :] + 1)
        best = np.zeros((len(free_a) + 1, len(free_b) + 1), dtype=np.float32)
        for row in range(len(free_a)):
            met = np.where(worth[row] > 0, best[row, :-1] + worth[row], 0)
            best[row + 1, 1:] = np.maximum(best[row, 1:], met)
            np.maximum.accumulate(best[row + 1], out=best[row + 1])
        found, row, column = [], len(free_a), len(free_b)
        while row and column:
            if best[row, column] == best[row, column - 1]:
                column -= 1
            elif best[row, column] == best[row - 1, column]:
                row -= 1
            else:
                row, column = row - 1, column - 1
                found.append((free_a[row], free_b[column]))
        return found[::-1]

    def _likeness(
        self, free_a: Sequence[int], free_b: Sequence[int]
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        """The likeness of units, shape (old, new); 0 below ALIKE."""
        texts_a, texts_b = [self.a.texts[i] for i in free_a], [self.b.texts[j] for j in free_b]
        found = process.cdist(
            texts_a, texts_b, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32
        )
        short_a = [at for at, text in enumerate(texts_a) if len(text) <= SHORT]
        short_b = [at for at, text in enumerate(texts_b) if len(text) <= SHORT]
        if short_a and short_b:
            spelled = process.cdist(
                [self.a.spelled[free_a[at]] for at in short_a],
                [self.b.spelled[free_b[at]] for at in short_b],
                scorer=fuzz.ratio,
                score_cutoff=60,
                dtype=np.float32,
            )
            cells = np.ix_(short_a, short_b)
            found[cells] = np.maximum(found[cells], spelled / 100)
        rows: dict[str, list[int]] = defaultdict(list)
        for column, j in enumerate(free_b):
            if self.b.firsts[j]:
                rows[self.b.firsts[j]].append(column)
        for row, i in enumerate(free_a):
            if same := rows.get(self.a.firsts[i]):
                found[row, same] = np.maximum(found[row, same], ALIKE_ELSEWHERE)
        if found.size <= MOST_CONTAINED:
            lone_a, lone_b = np.flatnonzero(found.max(axis=1) == 0), np.flatnonzero(found.max(axis=0) == 0)
            for one in lone_a.tolist():
                for other in lone_b.tolist():
                    if _holds(texts_a[one], texts_b[other]):
                        found[one, other] = ALIKE
        margins_a = np.array([self.a.units[i].kind == "margin" for i in free_a])
        margins_b = np.array([self.b.units[j].kind == "margin" for j in free_b])
        found[margins_a[:, None] != margins_b[None, :]] = 0
        return found

    def _likely(self, free_a: Iterable[int], free_b: Iterable[int], least: float) -> list[tuple[int, int]]:
        """Pairs of units with rare words in common, each with its likest, in the order of the old document."""
        postings: dict[str, list[int]] = defaultdict(list)
        for j in free_b:
            if self.b.units[j].kind != "margin":
                for code in set(self.b.texts[j]):
                    postings[code].append(j)
        scored: list[tuple[float, int, int]] = []
        for i in free_a:
            text = self.a.texts[i]
            if len(text) < FEWEST_WORDS or self.a.units[i].kind in ("margin", "row"):
                continue
            near: Counter[int] = Counter()
            for code in set(text):
                if len(there := postings.get(code, ())) <= RARE:
                    near.update(there)
            for j, _ in near.most_common(5):
                if (like := Indel.normalized_similarity(text, self.b.texts[j], score_cutoff=least)) > 0:
                    scored.append((like * len(text), i, j))
        taken_a: set[int] = set()
        taken_b: set[int] = set()
        found = []
        for _, i, j in sorted(scored, reverse=True):
            if i not in taken_a and j not in taken_b:
                taken_a.add(i)
                taken_b.add(j)
                found.append((i, j))
        return sorted(found)

    def _match_elsewhere(self) -> None:
        """Pair units that were moved and changed."""
        free_a = [i for i in range(len(self.a.units)) if i not in self.to_new]
        free_b = [j for j in range(len(self.b.units)) if j not in self.to_old]
        for i, j in self._likely(free_a, free_b, ALIKE_ELSEWHERE):
            self._join(i, j)

    def _joined(self) -> list[tuple[list[int], list[int]]]:
        """The pairs, with the free units beside them that are a piece of their counterpart."""
        groups = [([i], [j]) for i, j in sorted(self.to_new.items())]
        used_a, used_b = set(self.to_new), set(self.to_old)
        for ours, theirs in groups:
            grown = True
            while grown:
                grown = self._grow(ours, theirs, used_a, self.a, self.b) or self._grow(
                    theirs, ours, used_b, self.b, self.a
                )
        return groups

    def _grow(self, ours: list[int], theirs: list[int], used: set[int], side: _Side, other: _Side) -> bool:
        """Take a free unit beside ``ours`` into it where most of its words stand in ``theirs``, not yet paired."""
        for at, front in ((ours[-1] + 1, False), (ours[0] - 1, True)):
            if not 0 <= at < len(side.units) or at in used or side.units[at].kind == "margin":
                continue
            piece = side.texts[at]
            own, rest = "".join(side.texts[k] for k in ours), "".join(other.texts[k] for k in theirs)
            if len(piece) < 2 or (
                len(rest) <= len(own) and len(own) > 2 * len(piece) and Indel.distance(own, rest) < len(piece)
            ):
                continue
            whole = piece + own if front else own + piece
            gain = LCSseq.similarity(whole, rest) - LCSseq.similarity(own, rest)
            if gain >= max(2, 0.6 * len(piece)):
                ours.insert(0, at) if front else ours.append(at)
                used.add(at)
                return True
        return False

    def _ordered(self, groups: Sequence[tuple[list[int], list[int]]]) -> list[Pair]:
        weights = [sum(len(self.a.texts[i]) for i in ours) + 1 for ours, _ in groups]
        kept = set(heaviest_increasing([theirs[0] for _, theirs in groups], weights))
        return [Pair(tuple(ours), tuple(theirs), at not in kept) for at, (ours, theirs) in enumerate(groups)]


def _holds(one: str, other: str) -> bool:
    """Whether one text is a whole part of the other, and more than a phrase of it."""
    return min(len(one), len(other)) >= FEWEST_WORDS and (one in other or other in one)
