"""Compares two documents, by code alone: two documents -> units -> pairs -> differences, the weightiest first."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.compare.alignment import Pair, align
from app.compare.fragments import with_moves
from app.compare.hunks import Hunk, find_hunks
from app.compare.points import sections_of, share_points
from app.compare.result import WEIGHTS, Aligned, Comparison, Difference, Point, Side
from app.compare.sides import Sides, begin_of, side_of, unmoved, where
from app.compare.tables import TableChanges
from app.compare.units import Unit, split_units
from app.compare.vocabulary import vocabulary
from app.compare.weight import Weigher, weight_of
from app.compare.words import Codes, Word
from core.messages import N_, _
from core.types import Document
from index.language import NAMES, clear_language_of

VERSIONS = 0.3
"""Share of the shorter document's words that stand in aligned units, from which two documents are versions."""

NO_TEXT = N_("{name} has no text to compare: it may be a scan, and there is no text recognition.")
LANGUAGES = N_("{old} is in {one}, {new} in {other}: what is compared are their words, not what they mean.")
SAME_FILE = N_("Both are the same file.")
SAME_WORDS = N_("Not a word differs.")
NO_VERSIONS = N_(
    "{old} and {new} are no versions of one another: {share} of the shorter one's words stand in sentences alike."
)


def compare_documents(old: Document, new: Document) -> Comparison:
    """All differences of two documents. Equal ones, and such without text, have a note that says so."""
    sides = Sides(old, new, split_units(old), split_units(new))
    old_words, new_words = (sum(len(unit.words) for unit in units) for units in (sides.old_units, sides.new_units))
    counts = old_words, new_words
    empty = [name for name, count in zip((old.name, new.name), counts, strict=True) if not count]
    if empty or old.id == new.id:
        said = [_(NO_TEXT, name=name) for name in empty] or [_(SAME_FILE)]
        same = 0 if empty else old_words
        return Comparison(old, new, (), old_words, new_words, same, 0, notes=tuple(said))
    codes = Codes()
    pairs = align(sides.old_units, sides.new_units, codes)
    found = _Differences(sides, pairs, codes)
    place = _reading_order(sides, pairs)
    listed = sorted(
        with_moves(found.all(), sides, codes, pairs), key=lambda one: (WEIGHTS.index(one.weight), place(one))
    )
    share = _share(sides, pairs, counts)
    return Comparison(
        old,
        new,
        tuple(listed),
        old_words,
        new_words,
        found.same,
        found.renumbered,
        share >= VERSIONS,
        () if share >= VERSIONS else _points(sides),
        _notes(old, new, share, listed),
        tuple(_rows(sides, pairs)),
    )


def _points(sides: Sides) -> tuple[Point, ...]:
    return share_points((sections_of(sides.old, sides.old_units), sections_of(sides.new, sides.new_units)))


def _notes(old: Document, new: Document, share: float, listed: Sequence[Difference]) -> tuple[str, ...]:
    notes = []
    one, other = clear_language_of(old.text), clear_language_of(new.text)
    if one and other and one != other:
        notes.append(_(LANGUAGES, old=old.name, one=NAMES[one], new=new.name, other=NAMES[other]))
    if not listed:
        notes.append(_(SAME_WORDS))
    if share < VERSIONS:
        notes.append(_(NO_VERSIONS, old=old.name, new=new.name, share=f"{100 * share:.0f} %"))
    return tuple(notes)


def _share(sides: Sides, pairs: Sequence[Pair], counts: tuple[int, int]) -> float:
    """The share of the shorter document's words that stand in aligned units."""
    old = sum(len(sides.old_units[i].words) for pair in pairs for i in pair.old)
    new = sum(len(sides.new_units[j].words) for pair in pairs for j in pair.new)
    return (old if counts[0] <= counts[1] else new) / max(1, min(counts))


def _reading_order(sides: Sides, pairs: Sequence[Pair]) -> Callable[[Difference], int]:
    """Where a difference stands: its character of the new document, a removed clause behind what stood before it."""
    kept = unmoved(sides, pairs)
    ends = [sides.old_units[pair.old[-1]].end for pair in kept]

    def place(one: Difference) -> int:
        if one.new.there:
            return one.new.first
        before = bisect_right(ends, one.old.first) - 1
        return sides.new_units[kept[before].new[-1]].end if before >= 0 else -1

    return place


def _rows(sides: Sides, pairs: Sequence[Pair]) -> Iterator[Aligned]:
    """Both texts from beginning to end, aligned units beside each other; what moved stands at both places."""
    straight = [pair for pair in pairs if not pair.moved]
    i = j = 0
    for pair in [*straight, Pair((len(sides.old_units),), (len(sides.new_units),))]:
        for at in range(i, pair.old[0]):
            yield Aligned(_span(sides.old, sides.old_units[at : at + 1]), None)
        for at in range(j, pair.new[0]):
            yield Aligned(None, _span(sides.new, sides.new_units[at : at + 1]))
        if pair.old[0] < len(sides.old_units):
            olds = sides.old_units[pair.old[0] : pair.old[-1] + 1]
            news = sides.new_units[pair.new[0] : pair.new[-1] + 1]
            yield Aligned(_span(sides.old, olds), _span(sides.new, news))
        i, j = pair.old[-1] + 1, pair.new[-1] + 1


def _span(document: Document, units: Sequence[Unit]) -> tuple[int, int]:
    """The characters of some units with the number of the first."""
    return begin_of(document, units[0]), units[-1].end


@dataclass(frozen=True, slots=True)
class _Aligned:
    """A pair with its units and their words."""

    pair: Pair
    old: Sequence[Unit]
    new: Sequence[Unit]

    @property
    def old_words(self) -> list[Word]:
        return [word for unit in self.old for word in unit.words]

    @property
    def new_words(self) -> list[Word]:
        return [word for unit in self.new for word in unit.words]


class _Differences:
    """Lists the differences of aligned documents. ``same`` counts the words that stand in both, once all are listed."""

    def __init__(self, sides: Sides, pairs: Sequence[Pair], codes: Codes) -> None:
        self.sides = sides
        self.pairs = [
            _Aligned(pair, [sides.old_units[i] for i in pair.old], [sides.new_units[j] for j in pair.new])
            for pair in pairs
        ]
        self.codes = codes
        languages = {clear_language_of(document.text) or "en" for document in (sides.old, sides.new)}
        known = [vocabulary(language) for language in sorted(languages)]
        sentences = [unit.words for units in (sides.old_units, sides.new_units) for unit in units]
        self.weigher = Weigher(known[0] | known[-1], sentences)
        self.numbers = {
            one.label.number: other.label.number
            for each in self.pairs
            for one, other in zip(each.old[:1], each.new[:1], strict=True)
            if one.label and other.label
        }
        self.label_words = {unit.label.word for unit in sides.old_units if unit.label and unit.label.word}
        self.same = 0
        self.renumbered = sum(
            1
            for each in self.pairs
            if (one := each.old[0].label) != (other := each.new[0].label)
            and (one and one.text) != (other and other.text)
        )

    def all(self) -> Iterator[Difference]:
        tables = TableChanges(self.sides, [each.pair for each in self.pairs], self.codes, self.weigher)
        yield from tables.columns()
        for each in self.pairs:
            cells = tables.cells(each.pair)
            if cells is None:
                yield from self._changed(each)
            else:
                listed, same = cells
                self.same += same
                yield from listed
        yield from self._moved()
        yield from self._split("split")
        yield from self._split("joined")
        paired_old = {i for each in self.pairs for i in each.pair.old}
        paired_new = {j for each in self.pairs for j in each.pair.new}
        for run in _runs(self.sides.old_units, paired_old):
            units = [self.sides.old_units[i] for i in run]
            yield self._whole("removed", side_of(self.sides.old, units), Side(), units)
        for run in _runs(self.sides.new_units, paired_new):
            units = [self.sides.new_units[j] for j in run]
            yield self._whole("added", Side(), side_of(self.sides.new, units), units)

    def _whole(self, kind: str, old: Side, new: Side, units: Sequence[Unit]) -> Difference:
        """An added or removed clause; one of signs alone weighs least."""
        signs = all(word.is_sign for unit in units for word in unit.words)
        return Difference(kind, "layout" if signs else "must", ("clause",), old, new)  # type: ignore[arg-type]

    def _changed(self, each: _Aligned) -> Iterator[Difference]:
        """The words in which a pair differs."""
        old, new = each.old_words, each.new_words
        hunks = find_hunks(old, new, self.codes)
        self.same += len(old) - sum(hunk.j - hunk.i for hunk in hunks)
        for hunk in hunks:
            gone, come = old[hunk.i : hunk.j], new[hunk.k : hunk.m]
            if self._follows_numbers(hunk, old, gone, come) or _is_label(gone, come, each):
                self.renumbered += 1
                continue
            opens = hunk.i == 0 or hunk.k == 0
            tags = () if hunk.case else self.weigher.tags(gone, come, opens=opens)
            weight = weight_of(tags, gone, come, case=hunk.case)
            yield Difference(
                "changed",
                weight,
                tags if weight == "must" else (),
                where(self.sides.old, each.old, old, hunk.i, hunk.j),
                where(self.sides.new, each.new, new, hunk.k, hunk.m),
            )

    def _follows_numbers(self, hunk: Hunk, old: Sequence[Word], gone: Sequence[Word], come: Sequence[Word]) -> bool:
        """Whether a changed number only refers to a clause that is numbered differently now ("clause 11.2")."""
        if len(gone) != 1 or len(come) != 1 or self.numbers.get(gone[0].key, gone[0].key) != come[0].key:
            return False
        before = old[hunk.i - 1].folded if hunk.i else ""
        return "." in gone[0].key or before in self.label_words

    def _moved(self) -> Iterator[Difference]:
        """Clauses that stand elsewhere: neighbours that moved together are one."""
        run: list[_Aligned] = []
        for each in [*(each for each in self.pairs if each.pair.moved), None]:
            together = (
                each is not None
                and run
                and each.pair.old[0] == run[-1].pair.old[-1] + 1
                and each.pair.new[0] == run[-1].pair.new[-1] + 1
            )
            if run and not together:
                old = side_of(self.sides.old, [unit for one in run for unit in one.old])
                new = side_of(self.sides.new, [unit for one in run for unit in one.new])
                yield Difference("moved", "layout", (), old, new)
                run = []
            if each is not None:
                run.append(each)

    def _split(self, kind: str) -> Iterator[Difference]:
        """Paragraphs that were split in two or more, or joined, where both documents tell their paragraphs."""
        ours, theirs = (self.sides.old_units, self.sides.new_units)
        straight: list[tuple[int, int]] = []
        for each in self.pairs:
            if kind == "split":
                straight += [(each.pair.old[min(at, len(each.pair.old) - 1)], j) for at, j in enumerate(each.pair.new)]
            else:
                straight += [(each.pair.new[min(at, len(each.pair.new) - 1)], i) for at, i in enumerate(each.pair.old)]
        if kind == "joined":
            ours, theirs = theirs, ours
            straight.sort()
        for (i, j), (k, m) in pairwise(straight):
            if k - i > 1 or m - j != 1 or "row" in (ours[i].kind, theirs[m].kind):
                continue
            whole = k == i or (ours[i].block == ours[k].block and ours[k].inline)
            if whole and theirs[m].breaks and theirs[j].block != theirs[m].block:
                one, two = [ours[i], ours[k]][: 1 + (k > i)], [theirs[j], theirs[m]]
                if kind == "split":
                    yield Difference("split", "layout", (), side_of(self.sides.old, one), side_of(self.sides.new, two))
                else:
                    yield Difference("joined", "layout", (), side_of(self.sides.old, two), side_of(self.sides.new, one))


def _is_label(gone: Sequence[Word], come: Sequence[Word], each: _Aligned) -> bool:
    """Whether the words of one side are the number of the other's clause, which a new line made a label."""
    words, units = (gone, each.new) if gone else (come, each.old)
    spelled = "".join(word.key for word in words)
    return not (gone and come) and spelled in {unit.label.text.replace(" ", "") for unit in units if unit.label}


def _runs(units: Sequence[Unit], paired: set[int]) -> Iterator[list[int]]:
    """Runs of units without a counterpart, cut where a clause begins: at a number or behind what a heading heads."""
    run: list[int] = []
    for at in range(len(units)):
        if at in paired:
            continue
        begins = bool(run) and (
            run[-1] != at - 1
            or units[at].kind == "margin"
            or (units[at].kind == "heading" and units[run[-1]].kind != "heading")
            or (
                units[at].opens
                and units[at].block != units[run[0]].block
                and units[run[-1]].kind != "heading"
                and (units[at].label is not None or units[at].place == "")
            )
        )
        if begins:
            yield run
            run = []
        run.append(at)
    if run:
        yield run
