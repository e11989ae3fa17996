"""What kind of thing a question to a whole document asks a list of, told by examples through the embedder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from app.summarize.examples import ExampleKinds
from core.protocols import Embedder

AskedKind = Literal["deadline", "date", "amount", "duty", "prohibition", "exclusion", "person", "open", "other"]

_EXAMPLES = ExampleKinds[AskedKind](Path(__file__).with_name("asked.yaml"))


NEARLY = 0.2
"""How much less a question may be like a second kind that it asks for too: "all duties and prohibitions"."""


def asked_kinds(question: str, embedder: Embedder) -> tuple[AskedKind, ...]:
    """The kinds that a question asks for, the likeliest first; "other" alone for what has no kind of its own.

    Who asks for duties is told what is forbidden, too.
    """
    scores = _EXAMPLES.scores(embedder.embed_passages([question]), embedder)
    ranked = sorted(scores, key=lambda kind: -float(scores[kind][0]))
    best = ranked[0]
    if best not in STATED:
        return (best,)
    kinds = [kind for kind in ranked if kind in STATED and scores[kind][0] >= scores[best][0] - NEARLY]
    return tuple(dict.fromkeys((*kinds, *(("prohibition",) if "duty" in kinds else ()))))


STATED: frozenset[AskedKind] = frozenset(("deadline", "duty", "prohibition", "exclusion", "open"))
"""Kinds that are told by what a sentence states."""
