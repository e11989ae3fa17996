"""What a context has already read, so that no prompt is read twice: the longest known prefix is taken up again.

The context works on one sequence. The states of other conversations are parked in this process's memory: a copy of
3,000 tokens of the bundled model is 69 MB and takes hundredths of a second, where reading them again takes seconds,
and attention then never runs over the cells of other conversations.
"""

import ctypes
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from llama_cpp import llama_cpp as native

PARKED_BYTES = 512 << 20
"""Most memory for parked conversations: some 23,000 tokens of the bundled model, 4,000 of one with 8 billion
parameters. The one used longest ago goes first."""

WORTH_PARKING = 16
"""Tokens; fewer are read again sooner than anyone notices."""

SEQUENCE = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A conversation's tokens and llama.cpp's state for them."""

    tokens: list[int]
    state: bytes


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences share at their start."""
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


class PrefixCache:
    """``tokens`` is exactly what the context holds, for the conversation ``owner`` ("" is nobody's)."""

    def __init__(self, context: object, limit: int = PARKED_BYTES) -> None:
        self._context = context
        self._memory = native.llama_get_memory(context)
        self._limit = limit
        self._parked: OrderedDict[str, Parked] = OrderedDict()
        self.tokens: list[int] = []
        self.owner = ""

    def take_up(self, conversation: str, prompt: Sequence[int]) -> int:
        """Make the context hold the longest known prefix of ``prompt``; returns its length in tokens.

        At least the prompt's last token is left to read, for its scores choose the first token of the answer.
        """
        most = len(prompt) - 1
        live = min(common_prefix(self.tokens, prompt), most)
        best, parked = max(
            ((min(common_prefix(entry.tokens, prompt), most), name) for name, entry in self._parked.items()),
            default=(0, ""),
        )
        known = self._parked[parked] if best > live else None
        self._parked.pop(conversation, None)  # it comes back: its room is free for the one that goes
        if conversation != self.owner:
            self._park()
        if known:
            self._load(known)
        self.owner = conversation
        self.cut(max(best, live))
        return len(self.tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """Note that the context has read ``tokens``."""
        self.tokens.extend(tokens)

    def cut(self, length: int) -> None:
        """Forget all but the first ``length`` tokens, and whatever an abandoned batch may have left behind them."""
        if native.llama_memory_seq_rm(self._memory, SEQUENCE, length, -1):
            del self.tokens[length:]
        else:  # recurrent models cannot forget a part
            self.clear()

    def clear(self) -> None:
        native.llama_memory_clear(self._memory, False)
        self.tokens = []

    def forget(self) -> None:
        """Drop all that is kept of every conversation: something that they read was deleted."""
        self._parked.clear()
        self.clear()
        self.owner = ""

    def _park(self) -> None:
        if not self.owner or len(self.tokens) < WORTH_PARKING:
            return
        size = native.llama_state_seq_get_size(self._context, SEQUENCE)
        if size > self._limit:
            return
        while self._parked and size + sum(len(entry.state) for entry in self._parked.values()) > self._limit:
            self._parked.popitem(last=False)
        buffer = (ctypes.c_uint8 * size)()
        written = native.llama_state_seq_get_data(self._context, buffer, size, SEQUENCE)
        if written:
            self._parked[self.owner] = Parked(list(self.tokens), bytes(memoryview(buffer)[:written]))

    def _load(self, entry: Parked) -> None:
        self.clear()
        buffer = (ctypes.c_uint8 * len(entry.state)).from_buffer_copy(entry.state)
        if native.llama_state_seq_set_data(self._context, buffer, len(entry.state), SEQUENCE):
            self.tokens = list(entry.tokens)
        else:
            self.clear()
