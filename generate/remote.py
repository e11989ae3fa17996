"""A server's chat model by LangChain, as a `ChatEngine`; used only if the settings name it."""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from core.errors import ModelError, ModelMissing, WindowError
from core.settings import Settings
from core.types import Message, Sampling, Usage
from generate.catalogue import REMOTE

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

BYTES_PER_TOKEN = 3
"""UTF-8 bytes taken for one token. Common tokenizers need 4 to 4.5 for English and about 3 for other scripts, so that
the count is mostly too high; it is too low by at most a factor of 3, since no byte-level tokenizer needs more than
one token a byte."""

MESSAGE_TOKENS = 8
"""Tokens of a chat template around each message: 4 to 7 in the common ones."""

SIZE = 100_000
"""Millions of parameters assumed for a server's model, as servers do not tell."""

CANCEL_CHECK_S = 0.05
"""Seconds between checks for Stop."""


def connect(settings: Settings) -> "RemoteEngine":
    """The model that ``settings.model`` names as "langchain:PROVIDER:NAME".

    Raises ModelMissing where the provider's package is not installed or refuses its configuration.
    """
    from langchain.chat_models import init_chat_model

    name = settings.model.removeprefix(REMOTE)
    try:
        model = init_chat_model(name)
    except ImportError as error:
        raise ModelMissing(f"'{name}' needs a package: {error}", "Install it, or choose another model.") from error
    except Exception as error:  # providers raise what they like: missing keys, unknown names
        raise ModelMissing(f"'{name}' cannot be used: {error}", "Set what its provider needs.") from error
    return RemoteEngine(model, name, settings.context_tokens)


class RemoteEngine:
    """`core.protocols.ChatEngine` over a LangChain chat model. Counts are estimates (see BYTES_PER_TOKEN)."""

    def __init__(self, model: "BaseChatModel", name: str, window: int) -> None:
        self._model = model
        self.name = name
        self.window = window
        self.size = SIZE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing runs on this machine."""

    def load(self, cancel: threading.Event | None = None) -> bool:  # noqa: ARG002 - there is nothing to wait for
        """Nothing is loaded on this machine."""
        return True

    def forget(self) -> None:
        """Does nothing: nothing that was read is kept on this machine."""

    def count_tokens(self, text: str) -> int:
        """An estimate of the tokens of ``text``, seldom too low."""
        return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """The messages as they are sent; the server's own template is not known here."""
        return "\n\n".join(f"{message.role}:\n{message.content}" for message in messages)

    def count_prompt(self, messages: Sequence[Message]) -> int:
        """An estimate of the tokens of the whole prompt."""
        return sum(self.count_tokens(message.content) + MESSAGE_TOKENS for message in messages)

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        conversation: str = "",  # noqa: ARG002 - servers keep their own caches
        cancel: threading.Event | None = None,
        on_queue: Callable[[int], None] | None = None,  # noqa: ARG002 - servers have no queue of ours
    ) -> "RemoteWriting":
        """Write an answer; `Sampling`'s temperature, max_tokens and stop are passed on, the rest is the server's.

        Raises WindowError by the estimated count; ModelError where a grammar is asked for, which servers do not take.
        """
        if sampling.grammar:
            raise ModelError(f"{self.name} cannot be held to a grammar.", "Choose another mode, or a local model.")
        prompt = self.count_prompt(messages)
        if prompt + sampling.max_tokens > self.window:
            raise WindowError(
                f"the prompt has about {prompt} tokens and the answer may have {sampling.max_tokens}, but the window "
                f"is set to {self.window}.",
                "Ask a shorter question, or set context_tokens to what the server's model takes.",
            )
        return RemoteWriting(self, self._model, messages, sampling, cancel or threading.Event())


class RemoteWriting:
    """`core.protocols.Generation`: read on a thread of its own, so that Stop works while the server is silent."""

    def __init__(
        self,
        engine: RemoteEngine,
        model: "BaseChatModel",
        messages: Sequence[Message],
        sampling: Sampling,
        cancel: threading.Event,
    ) -> None:
        self._engine = engine
        self._model = model
        self._messages = [(message.role, message.content) for message in messages]
        self._sampling = sampling
        self._cancel = cancel
        self._closed = threading.Event()
        self._received: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.usage = Usage(prompt=engine.count_prompt(messages))

    @property
    def place(self) -> int:
        return 0

    def __iter__(self) -> Iterator[str]:
        started = time.perf_counter()
        threading.Thread(target=self._receive, daemon=True, name="remote-model").start()
        text, first_ms, counts = "", 0.0, None
        stopped = "end"
        try:
            while True:
                chunk = self._next()
                if chunk is None:
                    break
                if isinstance(chunk, BaseException):
                    raise ModelError(f"{self._engine.name}: {chunk}", "Ask again, or choose a local model.") from chunk
                counts = chunk.usage_metadata or counts
                if piece := str(chunk.text):
                    first_ms = first_ms or (time.perf_counter() - started) * 1000
                    text += piece
                    yield piece
            if self._cancel.is_set():
                stopped = "cancelled"
        finally:
            self._closed.set()
            self.usage = Usage(
                prompt=counts["input_tokens"] if counts else self.usage.prompt,
                answer=counts["output_tokens"] if counts else self._engine.count_tokens(text),
                first_token_ms=first_ms,
                total_ms=(time.perf_counter() - started) * 1000,
                stopped=stopped,  # type: ignore[arg-type]
            )

    def _next(self) -> Any:
        """The next chunk, or the exception raised instead; None at the end and after Stop."""
        while not self._cancel.is_set():
            try:
                return self._received.get(timeout=CANCEL_CHECK_S)
            except queue.Empty:
                continue
        return None

    def _receive(self) -> None:
        options: dict[str, Any] = {"temperature": self._sampling.temperature, "max_tokens": self._sampling.max_tokens}
        try:
            for chunk in self._model.stream(self._messages, stop=list(self._sampling.stop) or None, **options):
                if self._cancel.is_set() or self._closed.is_set():
                    return
                self._received.put(chunk)
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it and else waits for ever
            self._received.put(error)
        else:
            self._received.put(None)
