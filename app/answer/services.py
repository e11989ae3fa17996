"""What the stages of an answer work with, handed in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.answer.rules.rulebook import RULES, Rulebook
from core.protocols import ChatEngine, Embedder
from core.server_address import is_remote
from core.settings import Settings
from core.types import AnswerBy, AnswerChoice
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.reader.span_reader import ReadsSpans
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
    load_span_reader: Callable[[], ReadsSpans] | None = None
    rules: Rulebook = RULES

    @property
    def phrases_only(self) -> bool:
        """Whether there is a chat model, and it only phrases sentences of the sources; see ``phrases_only``."""
        return self.engine is not None and phrases_only(self.engine)


def who_answers(choice: AnswerChoice, engine: ChatEngine | None) -> AnswerBy:
    """Who phrases the answer: as chosen; for "auto" ``engine`` if it reads passages, else the documents' words."""
    if choice != "auto":
        return choice
    return "words" if engine is None or phrases_only(engine) else "model"


def phrases_only(engine: ChatEngine) -> bool:
    """Whether ``engine`` is a model that only phrases sentences of the sources, because its catalogue entry says so.

    Such a model reads single sentences, and the sources overrule what it writes. Other models read what stands around
    these, and what they write stands, with marks.
    """
    return skills(engine.name, engine.size).reads == "sentences"


def tells_logits(engine: ChatEngine, settings: Settings) -> bool:
    """Whether ``engine`` reads and can be asked how sure it is of one word, as a server's model cannot."""
    return not phrases_only(engine) and not is_remote(settings.model)
