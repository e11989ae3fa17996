"""What a turn of a conversation asks for: a search, something with the last answer, thanks, the library itself.

A turn is compared with examples (turns.yaml) by the embedder; one that knows many languages needs no examples in each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import TypeAdapter

from core.protocols import Embedder
from index.relatedness import relatedness

TurnKind = Literal[
    "search",
    "shorter",
    "longer",
    "as_list",
    "translate",
    "mail",
    "thanks",
    "greeting",
    "are_you_sure",
    "where",
    "disagreement",
    "conversation",
    "library",
    "about",
    "audience",
    "extent",
]

OF_WHOLE = frozenset[TurnKind](("about", "audience", "extent"))
"""Kinds that are about a document as a whole: what it is about, whom it is for, how long it is."""

WITHOUT_ANSWER = frozenset[TurnKind](("thanks", "greeting", "library"))
"""Kinds that need no answer before them."""

EXAMPLES = Path(__file__).with_name("turns.yaml")

MARGIN = 0.14
"""How much nearer a turn must be to an example of another kind than to any search, on the scale of `index.relatedness`.
A question taken for another turn is not answered at all, a missed turn is only searched for; `benchmarks/turns.py`
prints how many are."""

LONGEST_WORDS = 30
"""Words of a turn that is compared; a longer one is a question, or a story with one."""

Bank = tuple[tuple[TurnKind, ...], NDArray[np.float32]]
"""The kinds of n examples, and their embeddings of shape (n, dimension)."""

_BANKS: dict[str, Bank] = {}
"""By the embedder's name: embedding them takes a second, and all libraries of a process have the same."""


def prepare(embedder: Embedder) -> None:
    """Embed the examples ahead of the first turn."""
    _examples(embedder)


def turn_kind(text: str, embedder: Embedder) -> TurnKind:
    """The kind of a turn, "search" where none is clearly nearer."""
    if not any(map(str.isalpha, text)) or len(text.split()) > LONGEST_WORDS:
        return "search"
    kinds, vectors = _examples(embedder)
    near = relatedness(vectors @ embedder.embed_passages([text])[0], embedder, "turns")
    best: dict[TurnKind, float] = {}
    for kind, value in zip(kinds, near, strict=True):
        best[kind] = max(best.get(kind, -1.0), float(value))
    other = max((kind for kind in best if kind != "search"), key=best.__getitem__)
    return other if best[other] - best["search"] >= MARGIN else "search"


def _examples(embedder: Embedder) -> Bank:
    """The kind and the embedding of each example."""
    name = embedder.name  # not the embedder itself: a library's changes under its users
    if name not in _BANKS:
        bank = TypeAdapter(dict[TurnKind, list[str]]).validate_python(yaml.safe_load(EXAMPLES.read_text("utf-8")))
        kinds = tuple(kind for kind, texts in bank.items() for _ in texts)
        _BANKS[name] = kinds, embedder.embed_passages([text for texts in bank.values() for text in texts])
    return _BANKS[name]
