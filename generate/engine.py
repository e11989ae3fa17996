"""A model in a llama.cpp context: reads prompts, writes answers, stops when told to.

Runs in the process that `generate.worker` starts; everybody else speaks to it through `generate.client`.
"""

import ctypes
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from llama_cpp import llama_cpp as native

from core.errors import ModelError, WindowError
from core.types import Message, Sampling, Usage
from generate.cache import PrefixCache, common_prefix
from generate.decoding import Sampler, TextStream
from generate.native import Model, recent_log
from generate.template import ChatTemplate

STEP_MACS = 3_000_000_000
"""Multiply-adds in the longest step of the graph: about 0.1 s of two laptop cores (35e9 a second, measured). llama.cpp
looks at the abort callback between steps, and Stop must work within 200 ms."""

SMALLEST_BATCH, LARGEST_BATCH = 32, 128
"""Tokens read at once: a block of the cache. Below 32 the weights are fetched from memory too often; above 128 hardly
anything is gained, and a follow-up would read more of its prompt again (docs/engine.md)."""

SYSTEM_TEXT = "\0system"
"""The conversation whose cache holds a system text alone, from which new conversations begin."""

HEADS_KEPT = 8
"""Beginnings of prompts whose number of tokens is remembered."""

ABORTED = 2
"""What llama_decode returns when the abort callback ended it."""


class Engine:
    """One model, one context. One thread writes; any thread may count tokens or call `stop`."""

    def __init__(self, path: Path, *, window: int, threads: int, flash_attention: bool = True) -> None:
        """Load the model. Raises ModelDamaged, or ModelError where there is not enough memory for the window."""
        self.model = Model(path)
        self.window = min(window, self.model.trained_window or window)
        self.template = ChatTemplate(self.model)
        handle = self.model.handle
        self._batch = batch_size(native.llama_model_n_params(handle), native.llama_model_n_layer(handle))
        params = native.llama_context_default_params()
        params.n_ctx = self.window
        params.n_batch = params.n_ubatch = self._batch
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = int(flash_attention)
        context = native.llama_init_from_model(handle, params)
        if not context:
            reason = recent_log[-1] if recent_log else "not enough memory"
            raise ModelError(
                f"no context of {self.window} tokens could be made: {reason}.", "Set a smaller context_tokens."
            )
        self.context = context
        self.cache = PrefixCache(context, self._batch)
        self.usage = Usage()
        self._heads: OrderedDict[tuple[Message, ...], list[int]] = OrderedDict()
        # All besides the text on which a state depends: another build or number of threads rounds in another way.
        made, size = path.stat().st_mtime_ns, path.stat().st_size
        self.origin = [llama_cpp.__version__, path.name, size, made, self.window, threads, self._batch]
        self._flag = ctypes.create_string_buffer(2)
        self._abort = _abort_callback()
        native.llama_set_abort_callback(context, self._abort, ctypes.cast(self._flag, ctypes.c_void_p))

    def close(self) -> None:
        native.llama_free(self.context)
        self.model.close()

    def stop(self) -> None:
        """Stop reading or writing; may be called from any thread."""
        self._flag[0] = b"x"

    def resume(self) -> None:
        """Allow reading and writing again after `stop`."""
        self._flag[0] = b"\0"

    @property
    def stopped(self) -> bool:
        return self._flag[0] != b"\0"

    def count_tokens(self, text: str) -> int:
        return len(self.model.tokenize(text))

    def check(self, messages: Sequence[Message], sampling: Sampling) -> list[int]:
        """The prompt's tokens. Raises WindowError if they and the answer do not fit; nothing is read."""
        prompt = self.template.tokens(messages)
        if len(prompt) + sampling.max_tokens > self.window:
            raise WindowError(
                f"the prompt has {len(prompt)} tokens and the answer may have {sampling.max_tokens}, but the model's "
                f"window holds {self.window}.",
                "Ask a shorter question, with fewer or shorter sources.",
            )
        return prompt

    def write(
        self, messages: Sequence[Message], sampling: Sampling, conversation: str = "", opening: int = 1
    ) -> Iterator[str]:
        """Pieces of the answer, each of whole characters; `usage` is complete after the last one.

        The first ``opening`` messages are those of an opening; 1: there is none, and a system text may be kept alone.
        Raises WindowError, UsageError (a broken grammar), ModelError (llama.cpp refuses to go on).
        """
        started = time.perf_counter()
        prompt = self.check(messages, sampling)
        self.usage = Usage(prompt=len(prompt))
        sampler = Sampler(self.model, sampling)
        try:
            reused = self.cache.take_up(conversation, prompt, self.head_of(messages[:opening], prompt))
            self.usage = Usage(prompt=len(prompt), reused=reused)
            if not self.read(prompt[reused:]):
                self._note(started, stopped="cancelled")
            elif sampling.options:
                yield self._best(sampling.options, started)
            else:
                yield from self._write(sampler, TextStream(sampling.stop), sampling.max_tokens, started)
        finally:
            sampler.close()

    def warm(self, messages: Sequence[Message]) -> None:
        """Read the system text that ``messages`` begin with, so that every prompt with it finds it read.

        `stop` ends this. Raises ModelError (llama.cpp refuses to go on).
        """
        prompt = self.template.tokens(messages)
        head = self.head_of(messages[:1], prompt)
        if self.cache.known(prompt, head) < head:
            self.cache.take_up(SYSTEM_TEXT, prompt, head)
            self.read(prompt[len(self.cache.tokens) : head])

    def head_of(self, fixed: Sequence[Message], prompt: Sequence[int]) -> int:
        """Tokens with which every prompt that begins with the messages ``fixed`` begins, system text first; 0 where
        they are too few to read by themselves.

        They end with a control token of the template, behind which a text is tokenized for itself.
        """
        if not fixed or fixed[0].role != "system":
            return 0
        known = self._heads.get(tuple(fixed))
        if known is None:
            one, other = (self.template.tokens([*fixed, Message("user", text)]) for text in ("a", "1"))
            same = common_prefix(one, other)
            last = next((at for at in range(same, 0, -1) if self.model.is_control(one[at - 1])), 0)
            known = self._heads[tuple(fixed)] = one[:last] if last >= SMALLEST_BATCH else []
            if len(self._heads) > HEADS_KEPT:
                self._heads.popitem(last=False)
        head = len(known)
        return head if list(prompt[:head]) == known and len(prompt) > head else 0

    def read_ahead(self) -> None:
        """Read the last answer again in whole blocks, so that a follow-up finds it in the cache; `stop` ends this.

        Raises ModelError (llama.cpp refuses to go on).
        """
        cache = self.cache
        whole = cache.tokens[: cache.whole(len(cache.tokens))]
        if cache.owner and len(whole) > cache.reusable:
            cache.cut(cache.reusable)
            self.read(whole[len(cache.tokens) :])

    def _write(self, sampler: Sampler, text: TextStream, limit: int, started: float) -> Iterator[str]:
        count, first_ms = 0, 0.0
        stopped = "length"
        while count < limit:
            if self.stopped:
                stopped = "cancelled"
                break
            token = sampler.pick(self.context)
            if not count:
                first_ms = _milliseconds(started)
            if self.model.is_end(token):
                stopped = "end"
                break
            count += 1
            if piece := text.push(self.model.piece(token)):
                yield piece
            if text.stopped:
                stopped = "stop"
                break
            if count < limit and not self.read([token]):
                stopped = "cancelled"
                break
        if rest := text.finish():
            yield rest
        self._note(started, stopped=stopped, answer=count, first_ms=first_ms)

    def _best(self, options: Sequence[str], started: float) -> str:
        """The option whose first token the model would write soonest here; the logits of all go into `usage`."""
        scores = np.ctypeslib.as_array(
            native.llama_get_logits_ith(self.context, -1), shape=(self.model.size,)
        )  # llama.cpp's own memory, until the next token is read
        logits = tuple(float(scores[self.model.tokenize(option)[0]]) for option in options)
        self._note(started, stopped="end", first_ms=_milliseconds(started), logits=logits)
        return options[logits.index(max(logits))]

    def _note(
        self,
        started: float,
        *,
        stopped: str,
        answer: int = 0,
        first_ms: float = 0.0,
        logits: tuple[float, ...] = (),
    ) -> None:
        self.usage = Usage(
            prompt=self.usage.prompt,
            reused=self.usage.reused,
            answer=answer,
            first_token_ms=first_ms,
            total_ms=_milliseconds(started),
            stopped=stopped,  # type: ignore[arg-type]
            logits=logits,
        )

    def read(self, tokens: Sequence[int], progress: Callable[[], None] = lambda: None) -> bool:
        """Decode ``tokens`` in blocks after what the cache holds; False if stopped, at a block's end.

        ``progress`` is called after each block.
        """
        rest = list(tokens)
        while rest:
            step = self.cache.step()
            batch_tokens, rest = rest[:step], rest[step:]
            array = (native.llama_token * len(batch_tokens))(*batch_tokens)
            status = (
                ABORTED
                if self.stopped
                else native.llama_decode(self.context, native.llama_batch_get_one(array, len(batch_tokens)))
            )
            if status:
                # An abandoned batch may have left cells behind: back to the last batch that was read whole.
                self.cache.cut(len(self.cache.tokens))
                if status == ABORTED:
                    return False
                raise ModelError(f"llama.cpp could not read on (llama_decode: {status}).", "Ask again.")
            self.cache.extend(batch_tokens)
            progress()
        return True


def batch_size(parameters: int, layers: int) -> int:
    """Tokens read at once, a power of two: as many as keep each step of the graph short enough to stop in time.

    The largest matrix of a layer (the feed-forward's) holds about a quarter of the layer's parameters.
    """
    matrix = parameters // max(layers, 1) // 4
    size = LARGEST_BATCH
    while size > SMALLEST_BATCH and size * matrix > STEP_MACS:
        size //= 2
    return size


def _abort_callback() -> object:
    """An abort callback without Python code or its lock, since llama.cpp calls it before every step of the graph.

    llama.cpp wants `bool callback(void *data)`. C's own `strlen` does: given a one-byte string as its data, it returns
    0 while that is empty (go on) and 1 once it holds a character (stop). Python flips the byte from any thread.
    """
    strlen = ctypes.CDLL(None).strlen
    return ctypes.cast(strlen, native.ggml_abort_callback)


def _milliseconds(since: float) -> float:
    return (time.perf_counter() - since) * 1000.0
