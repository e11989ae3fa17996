"""Replacements of single characters, as the compiled map that the `tokenizers` library's Precompiled normalizer reads.

SentencePiece's form: the size in bytes of a double-array trie, the trie, and the replacements, each ended by a zero
byte. The trie is darts-clone's: https://github.com/s-yata/darts-clone (a unit of 32 bits a node).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

HAS_LEAF = 1 << 8
LEAF = 1 << 31
WIDE = 1 << 9
"""An offset of more than 21 bits is stored shifted by 8, and marked so."""

NARROW_BITS = 21
NEAR = 512
"""Free places are looked for among so many last ones; the few that are left before them stay empty."""

Nodes = dict[int, "Nodes | int"]


def compile_map(replacements: Mapping[str, str]) -> bytes:
    """The compiled map of ``replacements``: a character's UTF-8 leads through the trie to its replacement's offset."""
    texts = bytearray()
    root: Nodes = {}
    for character, text in sorted(replacements.items()):
        node: Nodes = root
        for byte in character.encode():
            node = node.setdefault(byte, {})  # type: ignore[assignment]  # no character's UTF-8 begins another's
        node[0] = len(texts)
        texts += text.encode() + b"\0"
    units = DoubleArray(root).units
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(texts)


class DoubleArray:
    """``units`` of the trie whose nodes are dicts by byte; byte 0 leads to a number, the value.

    The children of the node at ``at`` stand at ``at ^ offset ^ byte``, and each knows its byte.
    """

    def __init__(self, root: Nodes) -> None:
        self.units: list[int] = [0]
        self._used = {0}
        self._bases: set[int] = set()
        self._place(root, 0)
        size = -(-len(self.units) // 256) * 256
        self.units += [0] * (size - len(self.units))

    def _place(self, node: Nodes, at: int) -> None:
        base = self._base(list(node))
        self._used |= {base ^ byte for byte in node}
        self._bases.add(base)
        self.units[at] |= self._offset(at ^ base) | (HAS_LEAF if 0 in node else 0)
        for byte, child in node.items():
            place = base ^ byte
            self.units += [0] * (place + 1 - len(self.units))
            if isinstance(child, int):
                self.units[place] = LEAF | child
            else:
                self.units[place] |= byte
        for byte, child in node.items():
            if not isinstance(child, int):
                self._place(child, base ^ byte)

    def _base(self, bytes_: list[int]) -> int:
        """The first base at which all children find free places; no other node's, whose children it would take over."""
        first = max(1, len(self.units) - NEAR)
        while True:
            base = first ^ bytes_[0]
            if base and base not in self._bases and all(base ^ byte not in self._used for byte in bytes_):
                return base
            first += 1

    def _offset(self, offset: int) -> int:
        if offset < 1 << NARROW_BITS:
            return offset << 10
        return (offset >> 8) << 10 | WIDE
