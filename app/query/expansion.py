"""What else to search for, written by the chat model: a question in other words, or a passage that could answer it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from app.answer.writing import written
from core.protocols import ChatEngine
from core.types import Expand, Sampling
from prompts.expand import load_search_prompt

TOKENS = {"queries": 90, "hyde": 70}
"""The most that is written: two questions, or two sentences. SmolLM2 writes 40 tokens a second on two cores."""

KEPT = 64
"""Questions whose texts are remembered: a conversation's, for searches made again with other settings or filters."""


class EngineExpander:
    """Writes with a chat engine, which is asked for at the first question. Implements ``core.protocols.Expander``."""

    def __init__(self, engine: Callable[[], ChatEngine], kind: Expand) -> None:
        """``kind`` is "queries" or "hyde"."""
        self._engine = engine
        self._kind = kind
        self._prompt = load_search_prompt(kind)
        self._written: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, question: str, cancel: threading.Event | None = None) -> tuple[str, ...]:
        """Other questions, or one passage; none where the model wrote nothing new, or ``cancel`` was set meanwhile.

        Raises WindowError where the question does not fit, ModelError where the engine cannot be used.
        """
        with self._lock:
            if question in self._written:
                self._written.move_to_end(question)
                return self._written[question]
        sampling = Sampling(max_tokens=TOKENS[self._kind], grammar=self._prompt.grammar)
        text = written(self._engine(), self._prompt.messages(question), sampling, cancel)
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
