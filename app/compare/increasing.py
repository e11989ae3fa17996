"""The heaviest part of a sequence that stands in order."""

from bisect import bisect_left
from collections.abc import Sequence


def heaviest_increasing(values: Sequence[int], weights: Sequence[int]) -> list[int]:
    """The positions of an increasing subsequence of ``values`` with the greatest sum of ``weights``.

    A Fenwick tree of the best sums by value: O(n log n).
    """
    ranks = sorted(set(values))
    tree: list[tuple[int, int]] = [(0, -1)] * (len(ranks) + 1)
    before = []
    for at, (value, weight) in enumerate(zip(values, weights, strict=True)):
        rank = bisect_left(ranks, value)
        best, k = (0, -1), rank
        while k > 0:
            best, k = max(best, tree[k]), k & (k - 1)
        before.append(best[1])
        whole, k = (best[0] + weight, at), rank + 1
        while k <= len(ranks):
            tree[k] = max(tree[k], whole)
            k += k & -k
    best, k = (0, -1), len(ranks)
    while k > 0:
        best, k = max(best, tree[k]), k & (k - 1)
    found, at = [], best[1]
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]
