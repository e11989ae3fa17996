"""The chat model for LangChain: `ChatLectern`, a `BaseChatModel` that uses the engine's process."""

import threading
from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.base import OutputParserLike
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel, ConfigDict, Field

from core.errors import UsageError
from core.settings import load_settings
from core.types import Message, Role, Sampling, Usage
from generate.client import EngineClient

ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant"}

FINISH = {"end": "stop", "stop": "stop", "length": "length", "cancelled": "cancelled"}
"""LangChain's names for what ended an answer."""


@cache
def shared_engine(model: str) -> EngineClient:
    """The one engine of this process for a model named as in the settings."""
    return EngineClient(load_settings(model=model))


class ChatLectern(BaseChatModel):
    """A model of this machine, for LangChain.

    ``model`` is named as in the settings ("bundled", a name of `lectern models list`, a GGUF file), theirs by default;
    all instances for one model share its process, unless an ``engine`` is passed. ``max_tokens`` None is the settings'
    answer_tokens; an answer also ends where the window is full. Answers of one ``conversation`` reuse what was already
    read. `invoke` and `stream` take ``model``, ``seed`` and the other fields as keywords for one call, and ``cancel``,
    a `threading.Event` that ends the answer within 200 ms; closing the stream does so too.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: str = Field(default_factory=lambda: load_settings().model)
    engine: EngineClient | None = Field(default=None, exclude=True, repr=False)
    conversation: str = ""
    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    max_tokens: int | None = None
    seed: int = 0
    stop: list[str] | None = None
    grammar: str = ""

    @property
    def _llm_type(self) -> str:
        return "lectern"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("model", "temperature", "top_k", "top_p", "min_p", "seed")}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = "lectern"
        params["ls_model_name"] = kwargs.get("model", self.model)
        return params

    def get_num_tokens(self, text: str) -> int:
        """Tokens of ``text`` in the model's own vocabulary."""
        return self._engine({}).count_tokens(text)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Answers that are JSON of ``schema``, held to it token by token by a grammar.

        ``method`` and ``strict`` are accepted and change nothing: the grammar is always used, and is always strict.
        """
        unknown = set(kwargs) - {"method", "strict"}
        if unknown:
            raise ValueError(f"unsupported arguments: {sorted(unknown)}")
        parser: OutputParserLike[Any] = JsonOutputParser()
        if isinstance(schema, type) and is_basemodel_subclass(schema):
            parser = PydanticOutputParser(pydantic_object=schema)
        model = self.bind(json_schema=convert_to_json_schema(schema), ls_structured_output_format={"schema": schema})
        if not include_raw:
            return cast("Runnable[LanguageModelInput, dict[str, Any] | BaseModel]", model | parser)
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
        failed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=model) | parsed.with_fallbacks([failed], exception_key="parsing_error")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - the signature is LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        writing, name = self._begin(messages, stop, kwargs)
        text = "".join(writing)
        message = AIMessage(
            text, usage_metadata=_usage(writing.usage), response_metadata=_response(name, writing.usage)
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        writing, name = self._begin(messages, stop, kwargs)
        for piece in writing:
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk
        last = AIMessageChunk(
            content="",
            usage_metadata=_usage(writing.usage),
            response_metadata=_response(name, writing.usage),
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)

    def _engine(self, options: dict[str, Any]) -> EngineClient:
        model = options.get("model")
        if self.engine and model in (None, self.engine.name):
            return self.engine
        return shared_engine(model or self.model)

    def _begin(self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]) -> tuple[Any, str]:
        engine = self._engine(options)
        plain = plain_messages(messages)
        cancel: threading.Event | None = options.get("cancel")
        if not engine.load(cancel):
            return engine.generate(plain, Sampling(), cancel=cancel), engine.name
        settings = {name: options.get(name, getattr(self, name)) for name in _SAMPLED}
        if schema := options.get("json_schema"):
            settings["grammar"] = engine.grammar_for(schema)
        most = options.get("max_tokens", self.max_tokens) or load_settings().answer_tokens
        room = max(1, engine.window - engine.count_prompt(plain))
        sampling = Sampling(
            **settings, max_tokens=min(most, room), stop=tuple(stop if stop is not None else self.stop or ())
        )
        conversation = options.get("conversation", self.conversation)
        return engine.generate(plain, sampling, conversation=conversation, cancel=cancel), engine.name


_SAMPLED = ("temperature", "top_k", "top_p", "min_p", "repeat_penalty", "seed", "grammar")


def plain_messages(messages: Sequence[BaseMessage]) -> list[Message]:
    """LangChain's messages as the engine reads them; neighbours of one role are joined.

    Raises UsageError for what no model of Lectern reads: pictures, sound, files, results of tools.
    """
    plain: list[Message] = []
    for message in messages:
        role = ROLES.get(message.type)
        if role is None:
            raise UsageError(f"a message of type '{message.type}' cannot be read.", "Send its text as a human message.")
        content = message.content
        if not isinstance(content, str) and any(_kind(block) != "text" for block in content):
            raise UsageError("only text can be read.", "Leave out pictures, sound and files.")
        text = str(message.text)
        if plain and plain[-1].role == role:
            plain[-1] = Message(role, f"{plain[-1].content}\n{text}")
        else:
            plain.append(Message(role, text))
    return plain


def _kind(block: str | dict[Any, Any]) -> str:
    return "text" if isinstance(block, str) else str(block.get("type", ""))


def _usage(usage: Usage) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=usage.prompt,
        output_tokens=usage.answer,
        total_tokens=usage.prompt + usage.answer,
        input_token_details={"cache_read": usage.reused},
    )


def _response(name: str, usage: Usage) -> dict[str, Any]:
    return {"model_name": name, "model_provider": "lectern", "finish_reason": FINISH.get(usage.stopped, "")}
