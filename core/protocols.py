"""What a folder needs from one it may not import, as protocols that the caller fills in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from core.types import Message, Sampling, Usage

if TYPE_CHECKING:  # every command imports this file, and few need numpy
    import numpy as np
    from numpy.typing import NDArray


class Tokenizer(Protocol):
    """Counts an embedder's tokens; ``window`` is the most it reads of a text, special ones included."""

    @property
    def window(self) -> int: ...

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text``, without the special ones."""
        ...


class Embedder(Tokenizer, Protocol):
    """Text to unit vectors.

    ``name`` identifies the model and its version; vectors of different names never mix.
    ``dimension`` is the vectors' length.
    """

    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (n, dimension), in the order of ``texts``."""
        ...

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape (dimension,)."""
        ...


class Expander(Protocol):
    """Query expansion: writes texts to search for besides a question: other questions, or hypothetical passages."""

    def __call__(self, question: str, cancel: threading.Event | None = None) -> tuple[str, ...]:
        """The texts; () if cancelled. Raises ModelError, or WindowError if the question does not fit the window."""
        ...


class Generation(Protocol):
    """An answer being written: iterate for its pieces of text; ``usage`` is complete after the last one."""

    def __iter__(self) -> Iterator[str]: ...
    @property
    def usage(self) -> Usage: ...


class ChatEngine(Protocol):
    """A chat model that is loaded, or loads itself at first use.

    ``window`` is its context in tokens: prompt and answer together.
    ``size`` is its number of parameters, in millions: what it can be trusted with depends on it.
    """

    @property
    def name(self) -> str: ...
    @property
    def window(self) -> int: ...
    @property
    def size(self) -> int: ...

    def load(self, cancel: threading.Event | None = None) -> bool:
        """Load the model, where it is not; what counts or writes does so by itself, but knows no Stop meanwhile.

        False where ``cancel`` was set before it was loaded. Raises ModelError, EngineStopped.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` read as plain text: nothing in it is a special token."""
        ...

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """Tokens of the whole prompt: the messages in the model's chat template, up to where it answers."""
        ...

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """The whole prompt as the model reads it: the messages in its chat template, control tokens written out."""
        ...

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        conversation: str = "",
        cancel: threading.Event | None = None,
        on_queue: Callable[[int], None] | None = None,
    ) -> Generation:
        """Write an answer. Answers of one ``conversation`` share a cache of the prompt read so far.

        ``on_queue`` is told how many answers come before this one, whenever that changes.
        Setting ``cancel`` ends it within 200 ms, also while the model is loaded and while the prompt is being read.
        Raises WindowError where prompt and answer do not fit, EngineStopped where the engine died.
        """
        ...
