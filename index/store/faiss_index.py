"""The two kinds of FAISS index: exact search over all vectors, and inverted lists where that takes too long.

The second kind cuts the space into cells around the centroids of k-means and keeps one list of vectors a cell, 8 bits a
number; a search scans the lists whose centroids lie nearest (Jégou, Douze and Schmid, "Product Quantization for Nearest
Neighbor Search", 2011, section IV, with a scalar quantizer). Both know a vector by its chunk's id.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = Any
"""A ``faiss.Index``, whose type stubs lack half of what it can do."""

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

EXACT_MOST = 60_000
"""Vectors up to which search is exact: about 10 ms and 92 MB for 384 numbers each. Lists take 1 ms there."""

SAMPLED = 64
"""Vectors of a list that k-means sees on average; FAISS asks for at least 39."""

PROBED = 1 / 8
"""The share of the lists that a search without a filter scans."""

MANY = 1_000
"""Vectors that are added in more than a millisecond: worth waking other threads for."""

SCANNED_MOST = 100_000
"""Vectors, all or those that a filter keeps, for which all lists are scanned: 5 ms, or 30 ms where they are a tenth."""


def lists_for(vectors: int) -> int:
    """How many lists so many vectors should be in; 0 where exact search is right.

    The power of two nearest to their square root: it doubles as the vectors grow fourfold.
    """
    return 0 if vectors <= EXACT_MOST else 2 ** round(math.log2(vectors) / 2)


def lists_of(index: Index) -> int:
    """How many lists an index has; 0 for exact search."""
    return int(getattr(index, "nlist", 0))


def outgrown(index: Index) -> bool:
    """Whether an index should be made anew, with more lists or, where little is left in it, without any.

    Between EXACT_MOST and half of it either kind may stay, so that removing and adding a few changes nothing.
    """
    size, lists = int(index.ntotal), lists_of(index)
    return lists_for(size) > lists or (lists > 0 and size < EXACT_MOST // 2)


def exact(dimension: int) -> Index:
    """An empty index for exact search by inner product."""
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def inverted(sample: Vectors, lists: int) -> Index:
    """An empty index of that many lists, made for vectors like those of ``sample``, of shape (n, dimension)."""
    import faiss

    dimension = sample.shape[1]
    _threads(len(sample))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(sample)
    return index


def add(index: Index, vectors: Vectors, ids: Ids) -> None:
    """Add vectors of shape (n, dimension) under their ids, which are not there yet."""
    _threads(len(ids))
    index.add_with_ids(vectors, ids)


def _threads(vectors: int) -> None:
    """Let FAISS use all cores from this thread for many vectors, and one for few or for a search.

    Its threads wait for each other: beside two busy cores a search of 10,000 vectors took 10 ms with two, 0.5 with one.
    """
    import faiss

    faiss.omp_set_num_threads((os.cpu_count() or 1) if vectors >= MANY else 1)


def nearest(index: Index, vector: Vectors, k: int, among: Ids | None = None) -> Ids:
    """The ids of the ``k`` vectors with the largest inner product to one of shape (dimension,), best first.

    ``among`` limits the search to these ids: ``k`` of them are found, however few or far from the vector they are. Of
    an index with lists the order is that of the 8-bit vectors.
    """
    kept = int(index.ntotal) if among is None else min(len(among), int(index.ntotal))
    k = min(k, kept)
    if not k:
        return np.empty(0, dtype=np.int64)
    lists = lists_of(index)
    if not lists:
        return _search(index, vector, k, among, 0)
    probes = _probes(lists, kept, int(index.ntotal))
    found = _search(index, vector, k, among, probes)
    if len(found) < k and probes < lists:  # those that the filter keeps stand in far lists
        found = _search(index, vector, k, among, lists)
    return found


def _probes(lists: int, kept: int, size: int) -> int:
    """Lists to scan: all for few vectors, else as many as hold of those kept what a search of all would see."""
    if kept <= SCANNED_MOST:
        return lists
    return min(lists, math.ceil(PROBED * lists * size / kept))


def _search(index: Index, vector: Vectors, k: int, among: Ids | None, probes: int) -> Ids:
    import faiss

    _threads(1)
    given: dict[str, Any] = {} if among is None else {"sel": _selector(among)}
    if probes:
        given["nprobe"] = probes
    parameters = (faiss.SearchParametersIVF if probes else faiss.SearchParameters)(**given)
    found = index.search(vector[None, :], k, params=parameters)[1][0]
    return np.asarray(found[found >= 0], dtype=np.int64)


def _selector(ids: Ids) -> Any:
    """One bit an id: asked about each of a million vectors it is several times as fast as FAISS's set of ids."""
    import faiss

    flags = np.zeros(int(ids.max()) + 1, dtype=np.bool_)
    flags[ids] = True
    return faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))  # type: ignore[call-arg, arg-type]


def holds(index: Index, key: int, vector: Vectors) -> bool:
    """Whether the index holds this vector, of shape (dimension,), under that id; but for the rounding of lists."""
    import faiss

    _threads(1)
    given: dict[str, Any] = {"sel": faiss.IDSelectorBatch(np.array([key]))}
    if lists := lists_of(index):
        given["nprobe"] = lists
    parameters = (faiss.SearchParametersIVF if lists else faiss.SearchParameters)(**given)
    products, ids = index.search(vector[None, :], 1, params=parameters)
    tolerance = 0.05 if lists else 1e-3
    return int(ids[0, 0]) == key and abs(float(products[0, 0]) - float(vector @ vector)) <= tolerance


def ids_of(index: Index) -> Ids:
    """The ids of all vectors in an index, of shape (n,), in no order."""
    import faiss

    if not lists_of(index):
        return np.asarray(faiss.vector_to_array(index.id_map), dtype=np.int64)
    lists = index.invlists
    parts = [
        faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
        for number in range(lists_of(index))
        if (size := int(lists.list_size(number)))
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def stored(index: Index, ids: Ids) -> Vectors:
    """What the index holds for these ids, of shape (n, dimension); rounded where it has lists. All must be there."""
    import faiss

    if lists_of(index) and index.direct_map.type == faiss.DirectMap.NoMap:  # type: ignore[attr-defined]
        index.set_direct_map_type(faiss.DirectMap.Hashtable)  # type: ignore[attr-defined]
    return np.asarray(index.reconstruct_batch(ids), dtype=np.float32)
