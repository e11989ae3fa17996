"""Cache of what a context has read: a prompt's longest known prefix is reused instead of read again.

llama.cpp's kernels round a token otherwise in a batch of another size, which moves the scores by up to one and turns
the choice where two tokens are close. So prompts are read in blocks that begin at fixed positions: those of the system
text, the last of which ends with it, then those of the rest. Only whole blocks are taken up: what the context holds of
a prompt is, to the bit, what a fresh process would have read.

The context works on one sequence. The states of other conversations are parked in this process's memory: a copy of
3,000 tokens of the bundled model is 69 MB and takes hundredths of a second, where reading them again takes seconds,
and attention then never runs over the cells of other conversations.
"""

import ctypes
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llama_cpp import llama_cpp as native

from generate.state_file import read_state

PARKED_BYTES = 512 << 20
"""Most memory for parked conversations: some 23,000 tokens of the bundled model, 4,000 of one with 8 billion
parameters. The one used longest ago goes first."""

SEQUENCE = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A conversation's whole blocks of tokens, the first ``head`` of them its system text, and llama.cpp's state for
    them: an array of bytes, ``size`` in use.
    """

    tokens: list[int]
    head: int
    state: ctypes.Array[ctypes.c_uint8]
    size: int


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The beginning of prompts whose state is in a file: all of its tokens, which end where a block does."""

    tokens: list[int]
    path: Path


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Length of the common prefix of two token sequences."""
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


class PrefixCache:
    """``tokens`` is exactly what the context holds, for the conversation ``owner`` ("" is nobody's).

    The first ``reusable`` of them were read in whole blocks, one behind the other: of ``block`` tokens each, but that
    the block before token ``head``, where the system text ends, is as short as it must be.
    """

    def __init__(self, context: object, block: int, limit: int = PARKED_BYTES) -> None:
        self._context = context
        self._memory = native.llama_get_memory(context)
        self._limit = limit
        self._parked: OrderedDict[str, Parked] = OrderedDict()
        self._on_disk: dict[str, OnDisk] = {}
        self.block = block
        self.tokens: list[int] = []
        self.reusable = 0
        self.head = 0
        self.owner = ""

    def known(self, prompt: Sequence[int], head: int) -> int:
        """Tokens of ``prompt`` that need not be read, whichever conversation read them."""
        kept = [self._usable(entry.tokens, entry.head, prompt, head) for entry in self._parked.values()]
        return max([self._usable(self.tokens[: self.reusable], self.head, prompt, head), *kept])

    def whole(self, length: int) -> int:
        """The end of the last whole block within ``length`` tokens."""
        return _whole(length, self.head, self.block)

    def step(self) -> int:
        """Tokens to read next: up to the end of the block."""
        position = len(self.tokens)
        return min(self.block, self.head - position) if position < self.head else self.block

    def take_up(self, conversation: str, prompt: Sequence[int], head: int = 0) -> int:
        """Make the context hold the longest known prefix of ``prompt``; returns its length in tokens, whole blocks.

        ``head`` is the length of its system text, where a block ends. At least the prompt's last token is left to
        read, for its scores choose the first token of the answer.
        """
        live = self._usable(self.tokens[: self.reusable], self.head, prompt, head)
        entries = self._parked.items()
        best, parked = max(
            ((self._usable(entry.tokens, entry.head, prompt, head), name) for name, entry in entries), default=(0, "")
        )
        known = self._parked[parked] if best > live else None
        if known:
            self._parked.move_to_end(parked)
        self._parked.pop(conversation, None)  # it comes back: its room is free for the one that goes
        read = self._read_from_disk(prompt, head, max(best, live))
        if conversation != self.owner:
            self._park()
        if read or known:
            self._load(read or known)  # type: ignore[arg-type]
        self.owner = conversation
        self.cut(len(read.tokens) if read else max(best, live))
        self.head = head
        return len(self.tokens)

    def snapshot(self) -> Parked | None:
        """A copy of what the context holds; None where there is no memory for it, or llama.cpp gives none."""
        size = native.llama_state_seq_get_size(self._context, SEQUENCE)
        try:
            state = (ctypes.c_uint8 * size)()
        except MemoryError:
            return None
        written = native.llama_state_seq_get_data(self._context, state, size, SEQUENCE)
        return Parked(list(self.tokens), self.head, state, written) if written else None

    def note_file(self, name: str, tokens: Sequence[int], path: Path) -> None:
        """The state of ``tokens``, which are the beginning of prompts up to their ``head``, is in the file at ``path``.

        It is taken up from there; what a conversation of that ``name`` reads need not be parked.
        """
        self._on_disk[name] = OnDisk(list(tokens), path)

    def is_on_disk(self, name: str) -> bool:
        """Whether the state of ``name`` is in a file, as far as is known."""
        return name in self._on_disk

    def drop_file(self, name: str) -> None:
        """The file of ``name`` is not to be read any more."""
        self._on_disk.pop(name, None)

    def extend(self, tokens: Sequence[int]) -> None:
        """Record that the context has read ``tokens``, in one batch."""
        if self.reusable == len(self.tokens) and len(tokens) == self.step():
            self.reusable += len(tokens)
        self.tokens.extend(tokens)

    def cut(self, length: int) -> None:
        """Drop all but the first ``length`` tokens, and anything that an aborted batch left after them."""
        if native.llama_memory_seq_rm(self._memory, SEQUENCE, length, -1):
            del self.tokens[length:]
            self.reusable = min(self.reusable, self.whole(length))
        else:  # recurrent models cannot forget a part
            self.clear()

    def clear(self) -> None:
        native.llama_memory_clear(self._memory, False)
        self.tokens = []
        self.reusable = 0

    def forget(self) -> None:
        """Drop the cached tokens of every conversation; called when something they read was deleted."""
        self._parked.clear()
        self._on_disk.clear()
        self.clear()
        self.owner = ""

    def _usable(self, tokens: Sequence[int], tokens_head: int, prompt: Sequence[int], head: int) -> int:
        """Tokens of ``prompt`` that ``tokens`` hold in the blocks in which the prompt would be read."""
        same = min(common_prefix(tokens, prompt), len(prompt) - 1)
        return _whole(same if tokens_head == head else min(same, tokens_head, head), head, self.block)

    def _park(self) -> None:
        if not self.owner or not self.reusable or self.owner in self._on_disk:
            return
        self.cut(self.reusable)
        size = native.llama_state_seq_get_size(self._context, SEQUENCE)
        if not self.reusable or size > self._limit:
            return
        while self._parked and size + sum(entry.size for entry in self._parked.values()) > self._limit:
            self._parked.popitem(last=False)
        if copy := self.snapshot():  # else it is read again
            self._parked[self.owner] = copy

    def _read_from_disk(self, prompt: Sequence[int], head: int, known: int) -> Parked | None:
        """The state in a file where it holds more of ``prompt`` than the ``known`` tokens; a file that cannot be read
        whole is forgotten.
        """
        for name, entry in list(self._on_disk.items()):
            length = len(entry.tokens)
            if length == head and known < length < len(prompt) and list(prompt[:length]) == entry.tokens:
                if state := read_state(entry.path):
                    return Parked(entry.tokens, head, state, len(state))
                self.drop_file(name)
        return None

    def _load(self, entry: Parked) -> None:
        self.clear()
        if native.llama_state_seq_set_data(self._context, entry.state, entry.size, SEQUENCE):
            self.tokens = list(entry.tokens)
            self.head = entry.head
            self.reusable = len(self.tokens)
        else:
            self.clear()


def _whole(length: int, head: int, block: int) -> int:
    """The end of the last whole block within ``length`` tokens: a block ends at ``head``, and others are whole."""
    return head + (length - head) // block * block if length >= head else length // block * block
