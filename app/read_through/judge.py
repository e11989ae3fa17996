"""Asks a model of one sentence or row whether it is one of what a question asks a list of: one word, by its logits."""

from __future__ import annotations

import statistics
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from app.answer.yes_or_no import lean_to_yes
from core.protocols import ChatEngine
from core.types import Citation, Message
from prompts.fit import fit
from prompts.render import HERE, PromptTemplate, read_template

KEPT = 20_000
"""Judgements that are remembered, so that a reading that was stopped goes on where it was."""

ABOVE_NO = 0.3
"""How much more than of sentences that are clearly none the difference of the logits of Yes and No must be for a
model's yes: where its No lies differs by question more than by sentence (docs/whole-documents.md)."""

EXAMPLES = (
    ("List every repair that was made.", "The gate was mended on Monday.", True),
    ("List every repair that was made.", "The gate is green and three metres wide.", False),
    ("Welche Rechte haben die Gäste?", "Gäste dürfen die Küche benutzen.", True),
    ("Quelles sont les obligations du vendeur ?", "L'acheteur paie le transport.", False),
)
"""Turns that the model has judged rightly; they follow the system text."""

_judged: OrderedDict[tuple[str, str, str], float] = OrderedDict()
_remembering = threading.Lock()


@dataclass(frozen=True, slots=True)
class ListJudge:
    """Asks ``engine`` whether a quote is one of what ``question`` asks for. Setting ``cancel`` ends it.

    ``nos`` are the differences of the logits of those that were clearly none.
    """

    engine: ChatEngine
    question: str
    cancel: threading.Event = field(default_factory=threading.Event)
    nos: list[float] = field(default_factory=list)

    def learn_no(self, quotes: Iterable[Citation]) -> None:
        """Ask about sentences that are clearly none of what is asked for."""
        if not self.cancel.is_set():
            self.nos.extend(told for told in map(self, quotes) if told is not None)

    def says_yes(self, quote: Citation) -> bool | None:
        """Whether a quote is one of it; None if the engine does not tell, or was stopped."""
        told = self(quote)
        return None if told is None else told > (statistics.fmean(self.nos) + ABOVE_NO if self.nos else 0.0)

    def __call__(self, quote: Citation) -> float | None:
        """The difference of the logits of Yes and No; None if the engine does not tell logits, or was stopped."""
        key = (self.engine.name, self.question, quote.quote)
        with _remembering:
            if key in _judged:
                return _judged[key]
        template, turns = _asking()
        fitted = fit(template, self.question, (quote,), (), self.engine.window, 1, self.engine, turns)
        told = lean_to_yes(self.engine, fitted.messages, "listed", self.cancel)
        if told is not None:
            with _remembering:
                _judged[key] = told
                while len(_judged) > KEPT:
                    _judged.popitem(last=False)
        return told


@cache
def _asking() -> tuple[PromptTemplate, tuple[Message, ...]]:
    """The prompt, read once, and the turns that are shown before it."""
    template = read_template(HERE / "listed.yaml", "direct")
    turns: list[Message] = []
    for question, text, is_one in EXAMPLES:
        asked = template.example_message(question, text)
        turns += [Message("user", asked), Message("assistant", "Yes" if is_one else "No")]
    return template, tuple(turns)
