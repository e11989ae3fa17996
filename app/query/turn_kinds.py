"""What a turn of a conversation asks for: a search, something with the last answer, thanks, the library itself.

A turn is compared with examples (turns.yaml) by the embedder; one that knows many languages needs no examples in each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from app.examples import ExampleBank
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

EXAMPLES = ExampleBank[TurnKind](Path(__file__).with_name("turns.yaml"))

MARGIN = 0.14
"""How much nearer a turn must be to an example of another kind than to any search, on the scale of `index.relatedness`.
A question taken for another turn is not answered at all, a missed turn is only searched for; `benchmarks/turns.py`
prints how many are."""

LONGEST_WORDS = 30
"""Words of a turn that is compared; a longer one is a question, or a story with one."""


def prepare(embedder: Embedder) -> None:
    """Embed the examples ahead of the first turn."""
    EXAMPLES.embedded(embedder)


def turn_kind(text: str, embedder: Embedder) -> TurnKind:
    """The kind of a turn, "search" where none is clearly nearer."""
    if not any(map(str.isalpha, text)) or len(text.split()) > LONGEST_WORDS:
        return "search"
    kinds, vectors = EXAMPLES.embedded(embedder)
    near = relatedness(vectors @ embedder.embed_passages([text])[0], embedder, "turns")
    best: dict[TurnKind, float] = {}
    for kind, value in zip(kinds, near, strict=True):
        best[kind] = max(best.get(kind, -1.0), float(value))
    other = max((kind for kind in best if kind != "search"), key=best.__getitem__)
    return other if best[other] - best["search"] >= MARGIN else "search"
