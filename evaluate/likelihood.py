"""How surprised a chat model is by a given answer: its perplexity, by reading it instead of writing one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError, UsageError, WindowError
from core.settings import Settings
from core.types import Message

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

WINDOW = 2_048
"""Tokens of a prompt and its answer: a question, three sentences and a reference answer have 400 at most."""


class AnswerReader:
    """A GGUF model that reads answers. A context manager: it holds the model's memory."""

    def __init__(self, path: Path, threads: int) -> None:
        """Raises ModelDamaged, ModelError."""
        from llama_cpp import llama_cpp as native

        from generate.native import Model, start
        from generate.template import ChatTemplate

        start()
        self._native: Any = native
        self._model = Model(path)
        self._template = ChatTemplate(self._model)
        params = native.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = WINDOW
        params.n_outputs_max = WINDOW
        params.n_threads = params.n_threads_batch = threads
        self._context = native.llama_init_from_model(self._model.handle, params)
        if not self._context:
            self._model.close()
            raise ModelError(f"no context could be made for {path.name}.", "Free some memory and try again.")

    def nats(self, messages: Sequence[Message], answer: str) -> float:
        """Mean negative log-likelihood of a token of ``answer`` after the prompt, in nats; e to it is the perplexity.

        Raises WindowError where prompt and answer do not fit.
        """
        prompt, wanted = self._template.tokens(messages), self._model.tokenize(answer)
        if not wanted:
            return 0.0
        if len(prompt) + len(wanted) > WINDOW:
            raise WindowError("the question and its reference answer do not fit.", "Leave out --perplexity.")
        self._decode([*prompt, *wanted], first=len(prompt) - 1)
        return float(np.mean([self._loss(len(prompt) - 1 + place, token) for place, token in enumerate(wanted)]))

    def close(self) -> None:
        self._native.llama_free(self._context)
        self._model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _decode(self, tokens: Sequence[int], first: int) -> None:
        """Read ``tokens`` anew; from the place ``first`` on, what might come next is worked out."""
        native = self._native
        native.llama_memory_clear(native.llama_get_memory(self._context), False)
        batch = native.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for place, token in enumerate(tokens):
                batch.token[place] = token
                batch.pos[place] = place
                batch.n_seq_id[place] = 1
                batch.seq_id[place][0] = 0
                batch.logits[place] = int(place >= first)
            if native.llama_decode(self._context, batch):
                raise ModelError("the model could not read the answer.", "Choose another model.")
        finally:
            native.llama_batch_free(batch)

    def _loss(self, place: int, token: int) -> float:
        logits = self._native.llama_get_logits_ith(self._context, place)
        values = np.ctypeslib.as_array(logits, shape=(self._model.size,)).astype(np.float64)
        top = values.max()
        return float(top + np.log(np.exp(values - top).sum()) - values[token])


def open_reader(settings: Settings) -> AnswerReader:
    """The settings' chat model, for reading. Raises ModelMissing, ModelDamaged; UsageError where it runs elsewhere."""
    from generate.catalogue import find
    from generate.threads import physical_cores

    card = find(settings)
    if card.path is None:
        raise UsageError(f"{card.name} does not tell how probable an answer is.", "Leave out --perplexity.")
    return AnswerReader(card.path, settings.threads or physical_cores())
