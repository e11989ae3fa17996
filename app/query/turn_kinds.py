"""What a turn of a conversation asks for: a search, something with the last answer, thanks, the library itself.

A turn is compared with examples (turns.yaml) by the embedder; one that knows many languages needs no examples in each.
"""

from __future__ import annotations

from functools import lru_cache
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
]

WITHOUT_ANSWER = frozenset[TurnKind](("thanks", "greeting", "library"))
"""Kinds that need no answer before them."""

EXAMPLES = Path(__file__).with_name("turns.yaml")

MARGIN = 0.14
"""How much nearer a turn must be to an example of another kind than to any search, on the scale of `index.relatedness`.
A question taken for another turn is not answered at all, a missed turn is only searched for. Of 55 turns of the
dialogues that are no search 46 to 50 were told, of 123 that are 5 to 9 were lost, before examples were added."""

LONGEST_WORDS = 30
"""Words of a turn that is compared; a longer one is a question, or a story with one."""


def turn_kind(text: str, embedder: Embedder) -> TurnKind:
    """The kind of a turn, "search" where none is clearly nearer."""
    if not any(map(str.isalpha, text)) or len(text.split()) > LONGEST_WORDS:
        return "search"
    kinds, vectors = _examples(embedder)  # type: ignore[arg-type]
    near = relatedness(vectors @ embedder.embed_passages([text])[0], embedder, "turns")
    best: dict[TurnKind, float] = {}
    for kind, value in zip(kinds, near, strict=True):
        best[kind] = max(best.get(kind, -1.0), float(value))
    other = max((kind for kind in best if kind != "search"), key=best.__getitem__)
    return other if best[other] - best["search"] >= MARGIN else "search"


@lru_cache(maxsize=2)
def _examples(embedder: Embedder) -> tuple[tuple[TurnKind, ...], NDArray[np.float32]]:
    """The kind and the embedding of each example, (n,) and (n, dimension)."""
    bank = TypeAdapter(dict[TurnKind, list[str]]).validate_python(yaml.safe_load(EXAMPLES.read_text("utf-8")))
    kinds = tuple(kind for kind, texts in bank.items() for _ in texts)
    return kinds, embedder.embed_passages([text for texts in bank.values() for text in texts])
