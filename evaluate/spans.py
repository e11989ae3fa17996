"""How much of the exact words that answer is in what was retrieved, and how much else.

The definition of "Evaluating Chunking Strategies for Retrieval" (Smith & Troynikov, Chroma, 2024), in the characters
that its program counts. With R the references of a question, C its first k retrieved stretches, |x| a length in
characters, and n = |R covered by C| without counting a character twice:

    recall    n / sum(|r| for r in R)
    precision n / sum(|c| for c in C)
    IoU       n / (sum(|c| for c in C) + sum(|part of r that no c covers| for r in R))

Characters retrieved twice weigh twice in the denominators: an overlap of chunks costs.
"""

from collections.abc import Iterable, Sequence

from evaluate.sets import Span

NAMES = ("recall", "precision", "iou")

Range = tuple[int, int]


def score_spans(retrieved: Sequence[Span], references: Sequence[Span]) -> tuple[float, float, float]:
    """Recall, precision and IoU, each 0..1, in the order of NAMES; 0 where nothing was retrieved."""
    covered = reached = 0
    for name in {reference[0] for reference in references}:
        found = union((start, end) for document, start, end in retrieved if document == name)
        wanted = [(start, end) for document, start, end in references if document == name]
        covered += length(intersection(union(wanted), found))
        reached += sum(length(intersection([reference], found)) for reference in wanted)
    wanted_in_all = sum(end - start for _, start, end in references)
    found_in_all = sum(end - start for _, start, end in retrieved)
    recall = covered / wanted_in_all if wanted_in_all else 0.0
    precision = covered / found_in_all if found_in_all else 0.0
    either = found_in_all + wanted_in_all - reached
    return recall, precision, covered / either if either else 0.0


def touching(chunks: Sequence[Span], references: Sequence[Span]) -> list[Span]:
    """The chunks that hold a part of a reference: what the best of retrievers would return."""
    return [
        chunk
        for chunk in chunks
        if any(
            chunk[0] == document and max(chunk[1], start) < min(chunk[2], end) for document, start, end in references
        )
    ]


def union(ranges: Iterable[Range]) -> list[Range]:
    """The same characters as ranges in order that neither overlap nor touch."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def intersection(first: Sequence[Range], second: Sequence[Range]) -> list[Range]:
    """Characters that are in both of two unions."""
    return [(max(a, c), min(b, d)) for a, b in first for c, d in second if max(a, c) < min(b, d)]


def length(ranges: Iterable[Range]) -> int:
    """Characters in ranges that do not overlap."""
    return sum(end - start for start, end in ranges)
