"""What kind of thing a question to a whole document asks a list of, told by examples through the embedder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from core.protocols import Embedder

AskedKind = Literal["deadline", "date", "amount", "duty", "prohibition", "exclusion", "person", "open", "other"]

EXAMPLES = Path(__file__).with_name("asked.yaml")

_BANKS: dict[str, tuple[tuple[AskedKind, ...], NDArray[np.float32]]] = {}


def asked_kind(question: str, embedder: Embedder) -> AskedKind:
    """The kind whose example is nearest; "other" for anything that has no kind of its own."""
    if embedder.name not in _BANKS:
        bank = TypeAdapter(dict[AskedKind, list[str]]).validate_python(yaml.safe_load(EXAMPLES.read_text("utf-8")))
        kinds = tuple(kind for kind, texts in bank.items() for _ in texts)
        _BANKS[embedder.name] = kinds, embedder.embed_passages([text for texts in bank.values() for text in texts])
    kinds, vectors = _BANKS[embedder.name]
    return kinds[int(np.argmax(vectors @ embedder.embed_passages([question])[0]))]
