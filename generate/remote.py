"""A server's chat model by LangChain, as a `ChatEngine`; used only if the settings name it."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from core.errors import LecternError, ModelError, ModelMissing, WindowError
from core.server_address import LANGCHAIN, SERVER, connection, missing_package
from core.server_errors import server_error
from core.settings import Settings
from core.types import Message, Sampling, Usage
from generate.received import received
from generate.server import chat_model, token_limit

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


TRY_TOKENS = 256
"""Most tokens of the answer of a model that is tried for calling tools: some think first."""


def connect(settings: Settings) -> "RemoteEngine":
    """The model that ``settings.model`` names as "server:NAME" or "langchain:PROVIDER:NAME".

    Raises ModelMissing where a package is not installed, the provider refuses its configuration, or the server's
    address is missing or wrong.
    """
    if settings.model.startswith(SERVER):
        return _connect_server(settings, settings.model.removeprefix(SERVER))
    from langchain.chat_models import init_chat_model

    name = settings.model.removeprefix(LANGCHAIN)
    try:
        model = init_chat_model(name)
    except ImportError as error:
        raise missing_package(name, error) from error
    except Exception as error:  # providers raise what they like: missing keys, unknown names
        raise ModelMissing(f"'{name}' cannot be used: {error}", "Set what its provider needs.") from error
    return RemoteEngine(model, name, settings.context_tokens)


def _connect_server(settings: Settings, name: str) -> "RemoteEngine":
    url, key = connection(settings.server_url)
    return RemoteEngine(chat_model(url, key, name), name, settings.context_tokens, url)


class RemoteEngine:
    """`core.protocols.ChatEngine` over a LangChain chat model. Counts are estimates (see BYTES_PER_TOKEN)."""

    def __init__(self, model: "BaseChatModel", name: str, window: int, url: str = "") -> None:
        """``url`` is the address of an OpenAI-compatible server, "" for other providers."""
        from generate.structured import StructuredAnswers

        self.model = model
        self.name = name
        self.window = window
        self.size = SIZE
        self.url = url
        structured = {"method": "json_schema", "strict": True} if url else {}
        self._calls_tools: bool | None = None
        self.structured = StructuredAnswers(model, structured, json_mode=bool(url))

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

    def options(self, sampling: Sampling) -> dict[str, Any]:
        """What of a sampling is sent with a request, but for its stops."""
        limit = token_limit(self.url, sampling.max_tokens) if self.url else {"max_tokens": sampling.max_tokens}
        return {"temperature": sampling.temperature, **limit}

    def error(self, error: Exception) -> ModelError:
        """What went wrong between here and the model, as a person reads it."""
        return server_error(error, self.url or self.name, self.name)

    def calls_tools(self, cancel: threading.Event | None = None) -> bool:
        """Whether the model calls tools: a provider's as LangChain knows it, else as it does when it is tried, once.

        False where ``cancel`` was set before that is known. Raises ModelError where the server does not answer.
        """
        if self._calls_tools is None:
            tried = (self._try_tools() for _ in range(1))
            try:
                self._calls_tools = next(received(tried, cancel or threading.Event()), None)
            except Exception as error:
                raise self.error(error) from error
        return bool(self._calls_tools)

    def _try_tools(self) -> bool:
        from generate.agent import calls_tools

        known = None if self.url else (self.model.profile or {}).get("tool_calling")
        return calls_tools(self.model, self.options(Sampling(max_tokens=TRY_TOKENS))) if known is None else known

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

        An answer of a shape comes in one piece, as the shape's text. Raises WindowError by the estimated count;
        ModelError for a grammar without a shape, which servers do not take.
        """
        if sampling.grammar and not sampling.shape:
            raise ModelError(f"{self.name} cannot be held to a grammar.", "Choose another mode, or a local model.")
        prompt = self.count_prompt(messages)
        if prompt + sampling.max_tokens > self.window:
            raise WindowError(
                f"the prompt has about {prompt} tokens and the answer may have {sampling.max_tokens}, but the window "
                f"is set to {self.window}.",
                "Ask a shorter question, or set context_tokens to what the server's model takes.",
            )
        return RemoteWriting(self, messages, sampling, cancel or threading.Event())


class RemoteWriting:
    """`core.protocols.Generation`: read on a thread of its own, so that Stop works while the server is silent."""

    def __init__(
        self, engine: RemoteEngine, messages: Sequence[Message], sampling: Sampling, cancel: threading.Event
    ) -> None:
        self._engine = engine
        self._messages = [(message.role, message.content) for message in messages]
        self._sampling = sampling
        self._cancel = cancel
        self._counted: Mapping[str, int] | None = None
        self.usage = Usage(prompt=engine.count_prompt(messages))

    @property
    def place(self) -> int:
        return 0

    def __iter__(self) -> Iterator[str]:
        started = time.perf_counter()
        text, first_ms = "", 0.0
        stopped = "end"
        try:
            for piece in received(self._shaped() if self._sampling.shape else self._streamed(), self._cancel):
                if piece:
                    first_ms = first_ms or (time.perf_counter() - started) * 1000
                    text += piece
                    yield piece
            if self._cancel.is_set():
                stopped = "cancelled"
        except LecternError:
            raise
        except Exception as error:
            raise self._engine.error(error) from error
        finally:
            counted = self._counted
            self.usage = Usage(
                prompt=counted["input_tokens"] if counted else self.usage.prompt,
                answer=counted["output_tokens"] if counted else self._engine.count_tokens(text),
                first_token_ms=first_ms,
                total_ms=(time.perf_counter() - started) * 1000,
                stopped=stopped,  # type: ignore[arg-type]
            )

    def _streamed(self) -> Iterator[str]:
        """The answer as the server sends it."""
        stop = list(self._sampling.stop) or None
        for chunk in self._engine.model.stream(self._messages, stop=stop, **self._engine.options(self._sampling)):
            if chunk.usage_metadata:
                self._counted = {key: chunk.usage_metadata[key] for key in ("input_tokens", "output_tokens")}
            yield str(chunk.text)

    def _shaped(self) -> Iterator[str]:
        """The answer in the text form of its shape, after "" for every request that led to none."""
        from langchain_core.callbacks import UsageMetadataCallbackHandler

        assert self._sampling.shape
        counter = UsageMetadataCallbackHandler()
        options = self._engine.options(self._sampling)
        for text in self._engine.structured.ask(
            self._messages, self._sampling.shape, options, {"callbacks": [counter]}
        ):
            counts = list(counter.usage_metadata.values())
            if counts:
                self._counted = {
                    "input_tokens": sum(each["input_tokens"] for each in counts),
                    "output_tokens": sum(each["output_tokens"] for each in counts),
                }
            yield text
