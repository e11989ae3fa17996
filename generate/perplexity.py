"""Measures a model's perplexity on a calibration text, and its speed of reading."""

import math
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from llama_cpp import llama_cpp as native

from core.errors import ModelError
from generate.native import Model

WINDOW = 512
"""Tokens read at once; each is scored with all before it in its stretch. The first half only gives context, as in
llama.cpp's own perplexity program."""


@dataclass(frozen=True, slots=True)
class PerplexityResult:
    """``losses`` holds a negative log-likelihood, in nats, for each scored token; ``speed`` is tokens read a second."""

    losses: tuple[float, ...]
    speed: float

    @property
    def perplexity(self) -> float:
        """e to the mean loss."""
        return math.exp(float(np.mean(self.losses)))


def calibration_text() -> str:
    """A text of about 1,600 tokens, written for this: prose, figures, instructions."""
    return files("generate").joinpath("calibration.txt").read_text(encoding="utf-8")


def read(
    path: Path, *, threads: int, flash_attention: bool = True, scored: bool = True, limit: int = 0
) -> PerplexityResult:
    """Read the calibration text, or its first ``limit`` tokens, with the model at ``path``.

    Without ``scored`` only the speed is measured, as of a prompt.
    """
    model = Model(path)
    params = native.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = WINDOW
    params.n_outputs_max = WINDOW
    params.n_threads = params.n_threads_batch = threads
    params.flash_attn_type = int(flash_attention)
    context = native.llama_init_from_model(model.handle, params)
    if not context:
        raise ModelError(f"no context could be made for {path.name}.", "Free some memory and try again.")
    try:
        return _read(model, context, model.tokenize(calibration_text())[: limit or None], scored=scored)
    finally:
        native.llama_free(context)
        model.close()


def _read(model: Model, context: object, tokens: list[int], *, scored: bool) -> PerplexityResult:
    losses: list[float] = []
    seconds = 0.0
    count = 0
    for start in range(0, len(tokens), WINDOW):
        window = tokens[start : start + WINDOW]
        native.llama_memory_clear(native.llama_get_memory(context), False)
        batch = native.llama_batch_init(len(window), 0, 1)
        try:
            _fill(batch, window, scored=scored)
            begun = time.perf_counter()
            if native.llama_decode(context, batch):
                raise ModelError("llama.cpp could not read the calibration text.", "Choose another model.")
            native.llama_synchronize(context)
            seconds += time.perf_counter() - begun
            count += len(window)
            if scored:
                losses += _losses(model, context, window)
        finally:
            native.llama_batch_free(batch)
    return PerplexityResult(tuple(losses), count / seconds)


def _fill(batch: native.llama_batch, tokens: list[int], *, scored: bool) -> None:
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place] = token
        batch.pos[place] = place  # type: ignore[call-overload]  # the bindings type it one level too deep
        batch.n_seq_id[place] = 1
        batch.seq_id[place][0] = 0
        batch.logits[place] = int((scored and place >= WINDOW // 2) or place == len(tokens) - 1)


def _losses(model: Model, context: object, tokens: list[int]) -> list[float]:
    """Negative log-likelihood, in nats, of each token in the second half of the window."""
    losses = []
    for place in range(WINDOW // 2, len(tokens) - 1):
        logits = np.ctypeslib.as_array(native.llama_get_logits_ith(context, place), shape=(model.size,))
        top = logits.max()
        losses.append(float(top + np.log(np.exp(logits - top).sum(dtype=np.float64)) - logits[tokens[place + 1]]))
    return losses
