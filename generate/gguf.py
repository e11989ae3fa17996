"""Reads the header of a GGUF file, which describes the model, without llama.cpp.

The format is described in ggml's docs/gguf.md: magic, version, counts, then key-value pairs, then one entry a tensor.
"""

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import ModelDamaged, ModelMissing

Value = int | float | bool | str | None

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9
LARGEST_STRING = 64 << 20
"""Bytes; the longest strings are chat templates of some tens of KiB, so more than this is a damaged length."""


WRITES_NOTHING = frozenset(
    {"bert", "modern-bert", "neo-bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "eurobert"}
    | {"gemma-embedding", "llama-embed", "t5encoder", "clip", "whisper", "wavtokenizer-dec", "flux", "sd1", "sdxl"}
)
"""Architectures of GGUF files that embed, see or hear, but write no text. One that llama.cpp does not know is told of
when it is loaded: the list of those that it knows grows with every version."""

PARTS_OF_MODELS = frozenset({"adapter", "mmproj", "vocab", "imatrix"})
"""What `general.type` says of a file that is no model by itself."""


@dataclass(frozen=True, slots=True)
class Header:
    """``values`` holds the key-value pairs that are not arrays; ``parameters`` counts the tensors' elements."""

    values: dict[str, Value]
    parameters: int

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    @property
    def context_length(self) -> int:
        """The window the model was trained for, in tokens; 0 where the file does not say."""
        value = self.values.get(f"{self.text('general.architecture')}.context_length")
        return value if isinstance(value, int) else 0


def read_header(path: Path) -> Header:
    """Read the header of the GGUF file at ``path``: tens of milliseconds, whatever its size.

    Raises ModelMissing where the file cannot be opened, ModelDamaged where it is no GGUF file or is cut off.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            return _read_header(file, path.stat().st_size)
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be read: {error.strerror}.", "`lectern models list` shows the models."
        ) from error
    except (ValueError, KeyError, struct.error, OverflowError, MemoryError) as error:
        raise ModelDamaged(f"{path} is not a whole GGUF file.", "Fetch or copy it again.") from error


def check_writes_text(header: Header, path: Path) -> None:
    """Raises ModelDamaged where the file holds no model that writes text: another architecture, or a part of one."""
    architecture, kind = header.text("general.architecture"), header.text("general.type")
    if not architecture or architecture in WRITES_NOTHING or kind in PARTS_OF_MODELS:
        what = kind if kind in PARTS_OF_MODELS else architecture or "none"
        raise ModelDamaged(
            f"{path} holds no model that writes (its architecture: {what}).", "Take a GGUF file of an instruct model."
        )


def _without_waiting(path: str, flags: int) -> int:
    """Opening a named pipe would wait for whoever writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_header(file: BinaryIO, size: int) -> Header:
    if file.read(4) != b"GGUF":
        raise ValueError("magic")
    version, tensors, pairs = struct.unpack("<IQQ", file.read(20))
    if version not in (2, 3):
        raise ValueError("version")
    values: dict[str, Value] = {}
    for _ in range(pairs):
        key = _string(file)
        values[key] = _value(file, _scalar(file, 4))
    parameters = last_offset = 0
    for _ in range(tensors):
        _string(file)
        dimensions = struct.unpack(f"<{(n := int(_scalar(file, 4)))}Q", file.read(8 * n))
        _kind, offset = struct.unpack("<IQ", file.read(12))
        parameters += math.prod(dimensions)
        last_offset = max(last_offset, offset)
    if file.tell() + last_offset >= size:
        raise ValueError("cut off")
    return Header(values, parameters)


def _scalar(file: BinaryIO, kind: int) -> int:
    form = SCALARS[kind]
    value: int = struct.unpack(form, file.read(struct.calcsize(form)))[0]
    return value


def _string(file: BinaryIO) -> str:
    length = _scalar(file, 10)
    if length > LARGEST_STRING:
        raise ValueError("length")
    # A tokenizer's pieces may hold bytes that are no UTF-8 by themselves; they are only skipped here.
    return file.read(length).decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> Value:
    if kind == STRING:
        return _string(file)
    if kind != ARRAY:
        return _scalar(file, kind)
    element, count = _scalar(file, 4), _scalar(file, 10)
    if element in SCALARS:
        file.seek(struct.calcsize(SCALARS[element]) * count, 1)
    elif element == STRING:
        for _ in range(count):
            file.seek(_scalar(file, 10), 1)
    else:
        raise ValueError("array")
    return None
