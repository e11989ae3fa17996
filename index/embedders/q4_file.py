"""Reads a model file of four-bit weights that holds a whole embedder: sizes, vocabulary, replacements, tensors.

The layout, little-endian: "E5S1"; version; width, layers, heads, inner width, words, positions, kinds of token; the
norm's epsilon; the size of a block; the pieces of the vocabulary (count, four special ids, offsets, scores, text); the
character replacements; and a directory of tensors. Nothing of the file is run.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelDamaged

MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share a scale."""

BLOCK_BYTES = 2 + BLOCK // 2
STEP = 1 << 16
"""Blocks unpacked at a time, so that the largest tensor is never in memory in float32."""

FLOAT32, FOUR_BITS = 0, 1
"""How a tensor is stored."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder; ``words`` are the rows of the word embeddings."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    kinds: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A Unigram vocabulary: pieces with their log-probabilities by id, special ids, and replacements of characters."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    pad: int
    unknown: int
    replacements: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor stands in the file: ``kind`` is FLOAT32 or FOUR_BITS, ``size`` counts numbers."""

    kind: int
    size: int
    offset: int


class Q4File:
    """The file, mapped. Raises ModelDamaged where it is not of this layout or ends too early."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._data: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
            self._at = 0
            self._read()
        except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
            raise self._damaged() from error

    def _read(self) -> None:
        if bytes(self._data[:4]) != MAGIC:
            raise ValueError("another layout")
        self._at = 4
        _version, width, layers, heads, inner, words, positions, kinds, epsilon, block = self._take("<I7ifi")
        if block != BLOCK:
            raise ValueError("another size of block")
        self.shape = Shape(width, layers, heads, inner, words, positions, kinds, epsilon)
        self.vocabulary = self._vocabulary()
        self._tensors = self._directory()

    def tensor(self, name: str) -> NDArray[np.floating[Any]]:
        """The numbers of a tensor, (size,): float32, or float16 where they are four bits in the file.

        Raises ModelDamaged where there is no such tensor, or not all of it.
        """
        try:
            found = self._tensors[name]
            if found.kind == FLOAT32:
                return np.frombuffer(self._data, "<f4", found.size, found.offset)
            count = found.size // BLOCK
            size = count * BLOCK_BYTES
            blocks = self._data[found.offset : found.offset + size].reshape(count, BLOCK_BYTES)
        except (KeyError, ValueError) as error:
            raise self._damaged() from error
        weights = np.empty((count, BLOCK), dtype=np.float16)
        for first in range(0, count, STEP):
            _unpack(blocks[first : first + STEP], weights[first : first + STEP])
        return weights.reshape(-1)

    def _vocabulary(self) -> Vocabulary:
        count, begin, end, pad, unknown = self._take("<5i")
        (length,) = self._take("<Q")
        offsets = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count).tolist()
        text = self._array("u1", length).tobytes()
        pieces = tuple(text[first:last].decode() for first, last in pairwise(offsets))
        return Vocabulary(pieces, tuple(scores), begin, end, pad, unknown, self._replacements())

    def _replacements(self) -> dict[str, str]:
        count, _bytes = self._take("<iI")
        found = {}
        for _ in range(count):
            character, length = self._take("<IB")
            found[chr(character)] = "".join(map(chr, self._take(f"<{length}I")))
        return found

    def _directory(self) -> dict[str, Tensor]:
        (count,) = self._take("<i")
        found = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._array("u1", length).tobytes().decode()
            kind, size, offset, _bytes = self._take("<BIQQ")
            found[name] = Tensor(kind, size, offset)
        return found

    def _take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._data.data, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _damaged(self) -> ModelDamaged:
        return ModelDamaged(f"{self.path} is not an embedder's file of four-bit weights.", "Fetch it again.")


def _unpack(blocks: NDArray[np.uint8], weights: NDArray[np.float16]) -> None:
    """Blocks of a half-precision scale and 16 bytes, (n, 18), into weights, (n, 32).

    The low halves of the bytes are the first 16 weights plus 8, the high halves the others.
    """
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    values = np.concatenate((packed & 15, packed >> 4), axis=1).astype(np.float32) - 8
    weights[:] = values * scales
