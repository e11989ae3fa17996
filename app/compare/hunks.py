"""The words in which two aligned texts differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from app.compare.words import Codes, Word

REWRITTEN = 0.4
"""Share of words in common below which a text was rewritten: single words in common are then chance."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Words ``old[i:j]`` became ``new[k:m]``; ``case`` where they only differ in capitals."""

    i: int
    j: int
    k: int
    m: int
    case: bool = False


def find_hunks(old: Sequence[Word], new: Sequence[Word], codes: Codes) -> list[Hunk]:
    """The fewest words that make ``new`` of ``old``, neighbours joined, in order."""
    steps = [
        (step.tag, step.src_start, step.src_end, step.dest_start, step.dest_end)
        for step in Indel.opcodes(codes.encode(old), codes.encode(new))
    ]
    equal = sum(j - i for tag, i, j, _, _ in steps if tag == "equal")
    changed: list[Hunk] = []
    for tag, i, j, k, m in steps:
        if tag == "equal":
            continue
        if changed and (changed[-1].j, changed[-1].m) == (i, k):
            changed[-1] = Hunk(changed[-1].i, j, changed[-1].k, m)
        else:
            changed.append(Hunk(i, j, k, m))
    if len(changed) > 2 and 2 * equal < REWRITTEN * (len(old) + len(new)):
        changed = [Hunk(changed[0].i, changed[-1].j, changed[0].k, changed[-1].m)]
    changed = _joined(changed, old)
    return sorted([*changed, *_case_changes(changed, old, new)], key=lambda hunk: (hunk.i, hunk.k))


def _joined(hunks: Sequence[Hunk], old: Sequence[Word]) -> list[Hunk]:
    """Hunks with a single short word or sign between them are one where both sides change: "at least six"."""
    found: list[Hunk] = []
    for hunk in hunks:
        if found and 0 <= hunk.i - found[-1].j <= 1:
            last = found[-1]
            between = old[last.j : hunk.i]
            sizes = (last.j - last.i + last.m - last.k, hunk.j - hunk.i + hunk.m - hunk.k)
            if all(len(word.key) <= 3 or word.is_sign for word in between) and min(sizes) >= 2 and sum(sizes) >= 6:
                found[-1] = Hunk(last.i, hunk.j, last.k, hunk.m)
                continue
        found.append(hunk)
    return found


def _case_changes(hunks: Sequence[Hunk], old: Sequence[Word], new: Sequence[Word]) -> list[Hunk]:
    """Runs of equal words that only differ in capitals, but for a first letter at the beginning."""
    found: list[Hunk] = []
    i = k = 0
    for hunk in (*hunks, Hunk(len(old), len(old), len(new), len(new))):
        while i < hunk.i:
            if old[i].key != new[k].key and (i or k):
                if found and (found[-1].j, found[-1].m) == (i, k):
                    found[-1] = Hunk(found[-1].i, i + 1, found[-1].k, k + 1, True)
                else:
                    found.append(Hunk(i, i + 1, k, k + 1, True))
            i, k = i + 1, k + 1
        i, k = hunk.j, hunk.m
    return found
