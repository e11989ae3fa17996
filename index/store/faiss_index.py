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
"""Training vectors of k-means for each list; FAISS asks for at least 39."""

PROBED = 1 / 8
"""The share of the lists that a search without a filter scans."""

MANY = 1_000
"""Number of vectors from which FAISS uses several threads: adding them takes more than a millisecond."""

SCANNED_MOST = 100_000
"""Number of vectors (after a filter) up to which all lists are scanned: 5 ms, or 30 ms where they are a tenth."""


def lists_for(vectors: int) -> int:
    """The number of lists for that many vectors; 0 for exact search.

    The power of two nearest to the square root of their number: it doubles as the vectors grow fourfold.
    """
    return 0 if vectors <= EXACT_MOST else 2 ** round(math.log2(vectors) / 2)


def lists_of(index: Index) -> int:
    """The number of lists of an index; 0 for exact search."""
    return int(getattr(index, "nlist", 0))


def outgrown(index: Index) -> bool:
    """Whether an index should be rebuilt with more lists or, with few vectors left, without any.

    Between EXACT_MOST and half of it either kind stays, so that removing and adding a few vectors changes nothing.
    """
    size, lists = int(index.ntotal), lists_of(index)
    return lists_for(size) > lists or (lists > 0 and size < EXACT_MOST // 2)


def exact(dimension: int) -> Index:
    """An empty index for exact search by inner product."""
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def inverted(sample: Vectors, lists: int) -> Index:
    """An empty index with that many lists, trained on ``sample``, vectors of shape (n, dimension)."""
    import faiss

    dimension = sample.shape[1]
    _threads(len(sample))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(sample)
    return index


def add(index: Index, vectors: Vectors, ids: Ids) -> None:
    """Add vectors of shape (n, dimension) under new ids of shape (n,)."""
    _threads(len(ids))
    index.add_with_ids(vectors, ids)


def _threads(vectors: int) -> None:
    """Set the number of FAISS's threads: all cores for many vectors, one for few or for a search.

    Its threads wait for each other: beside two busy cores a search of 10,000 vectors took 10 ms with two, 0.5 with one.
    """
    import faiss

    faiss.omp_set_num_threads((os.cpu_count() or 1) if vectors >= MANY else 1)


def nearest(index: Index, vector: Vectors, k: int, among: Ids | None = None) -> Ids:
    """The ids of the ``k`` vectors with the largest inner product to one of shape (dimension,), best first.

    ``among``, ids of shape (n,), limits the search to these; min(k, n) are found, however far from the vector they are.
    An index with lists ranks by its 8-bit vectors.
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
    """The number of lists to scan: all for few vectors, else more the fewer of the ``size`` vectors are kept."""
    if kept <= SCANNED_MOST:
        return lists
    return min(lists, math.ceil(PROBED * lists * size / kept))


def _search(index: Index, vector: Vectors, k: int, among: Ids | None, probes: int) -> Ids:
    import faiss

    _threads(1)
    options: dict[str, Any] = {} if among is None else {"sel": _selector(among)}
    if probes:
        options["nprobe"] = probes
    parameters = (faiss.SearchParametersIVF if probes else faiss.SearchParameters)(**options)
    found = index.search(vector[None, :], k, params=parameters)[1][0]
    return np.asarray(found[found >= 0], dtype=np.int64)


def _selector(ids: Ids) -> Any:
    """A filter with one bit for each id: over a million vectors several times as fast as FAISS's set of ids."""
    import faiss

    flags = np.zeros(int(ids.max()) + 1, dtype=np.bool_)
    flags[ids] = True
    return faiss.IDSelectorBitmap(np.packbits(flags, bitorder="little"))  # type: ignore[call-arg, arg-type]


def holds(index: Index, key: int, vector: Vectors) -> bool:
    """Whether the index holds this vector, of shape (dimension,), under that id, up to the rounding of lists."""
    import faiss

    _threads(1)
    options: dict[str, Any] = {"sel": faiss.IDSelectorBatch(np.array([key]))}
    if lists := lists_of(index):
        options["nprobe"] = lists
    parameters = (faiss.SearchParametersIVF if lists else faiss.SearchParameters)(**options)
    products, ids = index.search(vector[None, :], 1, params=parameters)
    tolerance = 0.05 if lists else 1e-3
    return int(ids[0, 0]) == key and abs(float(products[0, 0]) - float(vector @ vector)) <= tolerance


def ids_of(index: Index) -> Ids:
    """The ids of all vectors in an index, of shape (n,), in no order."""
    import faiss

    if not lists_of(index):
        return np.asarray(faiss.vector_to_array(index.id_map), dtype=np.int64)
    lists = index.invlists
    listed = [
        faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
        for number in range(lists_of(index))
        if (size := int(lists.list_size(number)))
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *listed])


def stored(index: Index, ids: Ids) -> Vectors:
    """The index's vectors for these ids, of shape (n, dimension), rounded where it has lists. All must exist."""
    import faiss

    if lists_of(index) and index.direct_map.type == faiss.DirectMap.NoMap:  # type: ignore[attr-defined]
        index.set_direct_map_type(faiss.DirectMap.Hashtable)  # type: ignore[attr-defined]
    return np.asarray(index.reconstruct_batch(ids), dtype=np.float32)
