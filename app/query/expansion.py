"""Query expansion by the chat model: the question in other words, or a hypothetical passage that answers it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from app.answer.writing import generate_text
from core.protocols import ChatEngine
from core.types import ExpansionKind, Sampling
from prompts.expansion_prompt import load_expansion_prompt

MAX_TOKENS = {"queries": 90, "hyde": 70}
"""Most tokens that are written: enough for two questions, or for two sentences."""

KEPT = 64
"""Questions whose expansions are remembered, for searches repeated with other settings or filters."""


class ModelExpander:
    """Expands questions with a chat model. Implements ``core.protocols.Expander``; safe to use from several threads."""

    def __init__(self, engine: Callable[[], ChatEngine], kind: ExpansionKind) -> None:
        """``engine()`` returns the model, when it is first needed; ``kind`` is "queries" or "hyde"."""
        self._engine = engine
        self._kind = kind
        self._prompt = load_expansion_prompt(kind)
        self._written: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, question: str, cancel: threading.Event | None = None) -> tuple[str, ...]:
        """Other questions, or one passage; () if the model wrote nothing new, or ``cancel`` was set meanwhile.

        Raises WindowError if the question does not fit into the window, ModelError if the engine cannot be used.
        """
        with self._lock:
            if question in self._written:
                self._written.move_to_end(question)
                return self._written[question]
        sampling = Sampling(max_tokens=MAX_TOKENS[self._kind], shape=self._prompt.shape)
        text = generate_text(self._engine(), self._prompt.messages(question), sampling, cancel)
        if cancel is not None and cancel.is_set():
            return ()
        texts = text.splitlines() if self._kind == "queries" else [" ".join(text.split())]
        known = {question.strip().casefold(), ""}
        new = tuple(dict.fromkeys(one.strip() for one in texts if one.strip().casefold() not in known))
        with self._lock:
            self._written[question] = new
            while len(self._written) > KEPT:
                self._written.popitem(last=False)
        return new
