"""The span reader's weights on disk: int8 with a scale a row, without the word embeddings, which are MiniLM's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelDamaged, ModelMissing

if TYPE_CHECKING:
    from torch import Tensor

FILE = Path(__file__).parent / "span_reader.safetensors"
SHA256 = "b83294f0fb9b22e1e4b53ee0e874901cb430fc50e9f284ec63f85c33ec36fb29"
"""Of FILE; `python -m training.span_reader.publish` prints it."""

SCALE = ".scale"
_HINT = "Lectern answers without it; install Lectern again to have it back."


def pack(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8 with a float32 scale for each output row (symmetric), all else as float32."""
    import torch

    packed: dict[str, Tensor] = {}
    for name, tensor in parameters.items():
        if tensor.dim() == 2:
            scale = tensor.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
            packed[name] = (tensor / scale).round().to(torch.int8)
            packed[name + SCALE] = scale.float()
        else:
            packed[name] = tensor.float().contiguous()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of ``pack``: all parameters as float32."""
    return {
        name: tensor.float() * packed[name + SCALE] if name + SCALE in packed else tensor.float()
        for name, tensor in packed.items()
        if not name.endswith(SCALE)
    }


def read_weights(path: Path | None = None, sha256: str | None = None) -> tuple[dict[str, Tensor], dict[str, object]]:
    """The parameters in ``path`` and the facts stored with them (training, calibration); FILE and SHA256 by default.

    ``sha256`` "" accepts any file. Raises ModelMissing if there is no file, ModelDamaged if it has another sha256.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    content = read_checked(path, sha256)
    try:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        facts = json.loads(header["__metadata__"]["facts"])
        return unpack(load(content)), facts
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged("The span reader's weights cannot be read.", _HINT) from error


def read_checked(path: Path | None = None, sha256: str | None = None) -> bytes:
    """The file's bytes (FILE, SHA256 by default), checked without loading torch.

    Raises ModelMissing if there is no file, ModelDamaged if it has another sha256.
    """
    path, sha256 = path or FILE, SHA256 if sha256 is None else sha256
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"The span reader's weights are not at {path}.", _HINT) from error
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise ModelDamaged("The span reader's weights were cut short or changed.", _HINT)
    return content
