"""Samples tokens from a model's scores, and turns them into pieces of text of whole characters."""

import codecs
import ctypes
from collections.abc import Sequence

import numpy as np
from llama_cpp import llama_cpp as native

from core.errors import UsageError
from core.types import Sampling
from generate.native import Model

PENALTY_TOKENS = 64
"""How many of the answer's latest tokens the repeat penalty looks at: llama.cpp's default. Tokens of the prompt are
not penalised, for an answer from documents repeats them on purpose."""

LARGEST_SEED = 0xFFFF_FFFE
"""llama.cpp's seeds have 32 bits; the greatest of them means "any"."""

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama_token_data as a NumPy record, so that a whole vocabulary is passed without a loop."""


class Sampler:
    """Draws tokens for one answer: penalties, then greedy, or top-k, top-p, min-p, temperature and a seeded draw."""

    def __init__(self, model: Model, sampling: Sampling) -> None:
        """Raises UsageError where the grammar is not valid GBNF."""
        self._model = model
        self._grammar = self._parse_grammar(sampling.grammar) if sampling.grammar else None
        self._chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
        for step in _sampler_steps(model, sampling):
            native.llama_sampler_chain_add(self._chain, step)

    def _parse_grammar(self, text: str) -> object:
        grammar = native.llama_sampler_init_grammar(self._model.vocabulary, text.encode(), b"root")
        if not grammar:
            raise UsageError("the grammar is not valid GBNF, or has no rule named 'root'.", f"It begins: {text[:60]!r}")
        return grammar

    def close(self) -> None:
        native.llama_sampler_free(self._chain)
        if self._grammar is not None:
            native.llama_sampler_free(self._grammar)

    def pick(self, context: object) -> int:
        """The next token after what ``context`` has read."""
        if self._grammar is None:
            token: int = native.llama_sampler_sample(self._chain, context, -1)
            return token
        # Checking one token against a grammar is quick and checking the whole vocabulary is slow, so the grammar
        # looks at the whole vocabulary only where it refuses what the chain would have picked.
        logits = np.ctypeslib.as_array(native.llama_get_logits_ith(context, -1), shape=(self._model.size,))
        token = self._choose(logits, constrained=False)
        if not self._allows(token):
            token = self._choose(logits, constrained=True)
        native.llama_sampler_accept(self._grammar, token)
        native.llama_sampler_accept(self._chain, token)
        return token

    def _choose(self, logits: np.ndarray, *, constrained: bool) -> int:
        data = np.zeros(len(logits), _CANDIDATE)
        data["id"] = np.arange(len(logits))
        data["logit"] = logits
        candidates = _candidates(data)
        if constrained:
            native.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        native.llama_sampler_apply(self._chain, ctypes.byref(candidates))
        return int(candidates.data[candidates.selected].id)

    def _allows(self, token: int) -> bool:
        data = np.array([(token, 1.0, 0.0)], _CANDIDATE)
        native.llama_sampler_apply(self._grammar, ctypes.byref(_candidates(data)))
        return bool(np.isfinite(data["logit"][0]))


def _candidates(data: np.ndarray) -> native.llama_token_data_array:
    pointer = data.ctypes.data_as(native.llama_token_data_p)
    return native.llama_token_data_array(data=pointer, size=len(data), selected=-1, sorted=False)


def _sampler_steps(model: Model, sampling: Sampling) -> list[object]:
    steps: list[object] = []
    if sampling.repeat_penalty != 1.0:
        steps.append(native.llama_sampler_init_penalties(model.size, PENALTY_TOKENS, sampling.repeat_penalty, 0.0, 0.0))
    if sampling.temperature <= 0.0:
        return [*steps, native.llama_sampler_init_greedy()]
    if sampling.top_k > 0:
        steps.append(native.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1.0:
        steps.append(native.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0.0:
        steps.append(native.llama_sampler_init_min_p(sampling.min_p, 1))
    steps.append(native.llama_sampler_init_temp(sampling.temperature))
    steps.append(native.llama_sampler_init_dist(min(sampling.seed, LARGEST_SEED)))
    return steps


class TextStream:
    """Turns the bytes of tokens into text that can be shown: whole characters, up to a stop string.

    ``stopped`` turns True once a stop string has been written; what follows it is dropped.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self._stop = tuple(filter(None, stop))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False

    def push(self, data: bytes) -> str:
        """The text that ``data`` completes; "" while a character or a possible stop string is unfinished."""
        return self._release(self._decoder.decode(data))

    def finish(self) -> str:
        """The text held back so far; to be called after the last token."""
        text = self._release(self._decoder.decode(b"", final=True)) + self._held
        self._held = ""
        return text

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        text, self._held = self._held + text, ""
        if not self._stop or not text:
            return text
        found = [place for stop in self._stop if (place := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = max(_overlap(text, stop) for stop in self._stop)
        if keep:
            text, self._held = text[:-keep], text[-keep:]
        return text


def _overlap(text: str, stop: str) -> int:
    """Length of the longest suffix of ``text`` that is a prefix of ``stop``."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if stop.startswith(text[-size:])), 0)
