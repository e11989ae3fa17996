"""What the stages of an answer work with, handed in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answer.rules.rulebook import RULES, Rulebook
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.reader.span_reader import SpanReader
    from index.search.retriever import Retriever
    from index.store.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """One library and the models that answer from it.

    ``engine`` None answers with the evidence alone. ``load_span_reader`` gives the span reader, or raises ModelError;
    None answers without it. ``rules`` are the hand-written rules in force.
    """

    library: Library
    retriever: Retriever
    embedder: Embedder
    engine: ChatEngine | None
    settings: Settings
    load_span_reader: Callable[[], SpanReader] | None = None
    rules: Rulebook = RULES

    @property
    def small(self) -> bool:
        """Whether the chat model is one that only phrases sentences of the sources and is overruled by them."""
        return self.engine is not None and is_small(self.engine)


def is_small(engine: ChatEngine) -> bool:
    """Whether a model phrases an answer from sentences, rather than reading whole passages."""
    return skills(engine.name, engine.size).reads == "sentences"
