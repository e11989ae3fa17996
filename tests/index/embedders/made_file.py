"""A miniature file of four-bit weights, laid out as the real one is: two layers, and a vocabulary of a few words."""

import struct
from pathlib import Path

import numpy as np

from index.embedders.convert import SPACE

WIDTH, LAYERS, HEADS, INNER, POSITIONS, KINDS, UNUSED_ROWS = 64, 2, 4, 128, 32, 2, 3
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = ("ferry", "tide", "pump", "seal", "query:", "passage:", "budget")
LETTERS = "abcdefghijklmnopqrstuvwxyz:.,"
SCORES = (
    dict.fromkeys(SPECIAL, 0.0)
    | {f"{SPACE}{word}": -4.0 - number / 10 for number, word in enumerate(WORDS)}
    | {SPACE: -6.0}
    | {letter: -8.0 - number / 10 for number, letter in enumerate(LETTERS)}
)
REPLACEMENTS = {"\t": " ", "\n": " ", "ﬁ": "fi", "Ａ": "a", "\u200b": ""}
NORMS = ("aln", "oln")


class MadeFile:
    """``tensors`` are the numbers that the file means, by its own names; ``data`` are its bytes."""

    def __init__(self, seed: int = 0, positions: int = POSITIONS) -> None:
        self.positions = positions
        self.random = np.random.default_rng(seed)
        self.tensors: dict[str, np.ndarray] = {}
        self.stored: dict[str, tuple[int, bytes]] = {}
        self._four_bits("emb.word", (len(SCORES) + UNUSED_ROWS) * WIDTH)
        self._floats("emb.pos", positions * WIDTH)
        self._floats("emb.type", KINDS * WIDTH)
        self._floats("emb.ln.w", WIDTH, 1.0)
        self._floats("emb.ln.b", WIDTH)
        for layer in range(LAYERS):
            for part, rows, columns in (
                ("q", WIDTH, WIDTH), ("k", WIDTH, WIDTH), ("v", WIDTH, WIDTH), ("ao", WIDTH, WIDTH),
                ("fi", INNER, WIDTH), ("fo", WIDTH, INNER),
            ):  # fmt: skip
                self._four_bits(f"l{layer}.{part}.w", rows * columns)
                self._floats(f"l{layer}.{part}.b", rows)
            for part in NORMS:
                self._floats(f"l{layer}.{part}.w", WIDTH, 1.0)
                self._floats(f"l{layer}.{part}.b", WIDTH)
        self.data = self._assemble()

    def write(self, path: Path) -> Path:
        path.write_bytes(self.data)
        return path

    def _floats(self, name: str, size: int, middle: float = 0.0) -> None:
        numbers = (middle + 0.1 * self.random.standard_normal(size)).astype("<f4")
        self.tensors[name], self.stored[name] = numbers, (0, numbers.tobytes())

    def _four_bits(self, name: str, size: int) -> None:
        """Blocks of 32: a scale in half precision, then 16 bytes: the weights' first half in the low halves."""
        stored, numbers = b"", []
        for _ in range(size // 32):
            scale = np.float16(0.02 + 0.03 * self.random.random())
            steps = self.random.integers(0, 16, 32)
            halves = zip(steps[:16].tolist(), steps[16:].tolist(), strict=True)
            stored += scale.tobytes() + bytes(low | high << 4 for low, high in halves)
            numbers += [float(scale) * (int(step) - 8) for step in steps]
        self.tensors[name], self.stored[name] = np.array(numbers, dtype=np.float32), (1, stored)

    def _assemble(self) -> bytes:
        sizes = (WIDTH, LAYERS, HEADS, INNER, len(SCORES) + UNUSED_ROWS, self.positions, KINDS)
        head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
        pieces = [piece.encode() for piece in SCORES]
        ends = np.cumsum([0, *map(len, pieces)])
        head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, ends[-1]) + ends.astype("<u4").tobytes()
        head += np.array(list(SCORES.values()), dtype="<f4").tobytes() + b"".join(pieces)
        changes = b"".join(
            struct.pack(f"<IB{len(text)}I", ord(character), len(text), *map(ord, text))
            for character, text in sorted(REPLACEMENTS.items())
        )
        head += struct.pack("<iI", len(REPLACEMENTS), len(changes)) + changes
        length = len(head) + 4 + sum(2 + len(name) + 21 for name in self.stored)
        directory, body = struct.pack("<i", len(self.stored)), b""
        for name, (kind, stored) in self.stored.items():
            directory += struct.pack("<H", len(name)) + name.encode()
            directory += struct.pack("<BIQQ", kind, self.tensors[name].size, length + len(body), len(stored))
            body += stored
        return head + directory + body
