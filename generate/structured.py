"""Answers of a fixed form from a LangChain chat model: by its structured output, by asking again, or the plain way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel, ValidationError

from core.server_errors import refuses_request
from core.shapes import Shape

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

TRIES = 2
"""How often an answer of the form is asked for before the plain way."""

JSON_TOKENS = 64
"""Tokens that an answer may take more as JSON: names, marks, escapes."""

Chat = list[tuple[str, str]]
"""Role and content of each message."""

_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)


class StructuredAnswers:
    """Asks one model for answers of a shape.

    The ways are tried from the strictest on: LangChain's ``with_structured_output``; JSON mode with a schema, which
    OpenAI-compatible servers knew first and llama-cpp-python knows alone; a request in words. What was refused once is
    not tried again. An answer that is not of the shape is asked for once more, with what is wrong with it.
    """

    def __init__(self, model: BaseChatModel, structured: Mapping[str, Any], *, json_mode: bool) -> None:
        """``structured`` are options of the model's ``with_structured_output``."""
        self._model = model
        self._structured = structured
        ways = [self._by_structured_output, *([self._by_json_mode] if json_mode else []), self._by_words]
        self._ways: list[Callable[..., object]] = ways

    def ask(
        self,
        messages: Sequence[tuple[str, str]],
        shape: type[Shape],
        options: Mapping[str, Any],
        config: RunnableConfig,
    ) -> Iterator[str]:
        """The text form of the answer, after an empty string for every answer that was not of the shape.

        The caller may stop at each. ``options``, ``max_tokens`` among them, go with every request. Raises what the
        model raises.
        """
        chat = list(messages)
        longer = {**options, "max_tokens": options["max_tokens"] + JSON_TOKENS}
        for _ in range(TRIES):
            answer = self._answer(chat, shape, longer, config)
            try:
                text = checked(answer, shape).to_text()
            except ValueError as error:
                chat = [*chat, ("assistant", shown(answer)), ("user", f"{reason(error)}\n{request(shape)}")]
                yield ""
            else:
                yield text
                return
        yield shape.from_plain(str(self._model.invoke(list(messages), config, **options).text))

    def _answer(self, messages: Chat, shape: type[Shape], options: Mapping[str, Any], config: RunnableConfig) -> object:
        """What the first way answers that is not refused."""
        while True:
            way = self._ways[0]
            try:
                return way(messages, shape, options, config)
            except Exception as error:
                if way == self._by_words or not refuses_request(error):
                    raise
                self._ways = [each for each in self._ways if each != way]

    def _by_structured_output(
        self, messages: Chat, shape: type[Shape], options: Mapping[str, Any], config: RunnableConfig
    ) -> object:
        structured = self._model.with_structured_output(shape.model_json_schema(), **self._structured)
        try:
            return structured.invoke(messages, config, **options)
        except OutputParserException as error:
            return error.llm_output or ""
        except Exception as error:
            if type(error).__name__ == "LengthFinishReasonError":  # openai's, which need not be installed
                return ""
            raise

    def _by_json_mode(
        self, messages: Chat, shape: type[Shape], options: Mapping[str, Any], config: RunnableConfig
    ) -> object:
        form = {"type": "json_object", "schema": shape.model_json_schema()}
        return self._model.invoke(with_request(messages, shape), config, response_format=form, **options).text

    def _by_words(
        self, messages: Chat, shape: type[Shape], options: Mapping[str, Any], config: RunnableConfig
    ) -> object:
        return self._model.invoke(with_request(messages, shape), config, **options).text


def checked(answer: object, shape: type[Shape]) -> Shape:
    """An answer as its shape: a model or a dictionary, or text with JSON or the text form in it.

    Raises ValueError where it is not of the shape.
    """
    if isinstance(answer, BaseModel):
        return shape.model_validate(answer.model_dump())
    if isinstance(answer, Mapping):
        return shape.model_validate(dict(answer))
    text = without_thinking(str(answer or ""))
    start = text.find("{")
    if start < 0:
        return shape.parse(text)
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except json.JSONDecodeError:
        return shape.parse(text)
    return shape.model_validate(value)


def without_thinking(text: str) -> str:
    """A model's text without the thoughts that some servers leave in it."""
    return _THINKING.sub("", text).strip()


def request(shape: type[Shape]) -> str:
    """The request for JSON of the shape, in words."""
    schema = json.dumps(shape.model_json_schema(), ensure_ascii=False)
    return f"Write one JSON object and nothing else. Its JSON schema: {schema}"


def with_request(messages: Chat, shape: type[Shape]) -> Chat:
    """The messages with the request below the last one."""
    role, content = messages[-1]
    asks = request(shape)
    return messages if asks in content else [*messages[:-1], (role, f"{content}\n\n{asks}")]


def shown(answer: object) -> str:
    """An answer as the model reads it again."""
    value = answer.model_dump() if isinstance(answer, BaseModel) else answer
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value or "-")


def reason(error: ValueError) -> str:
    """What is wrong with an answer, for the model."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"This is not right: {'.'.join(map(str, first['loc']))}: {first['msg']}."
    return f"This is not right: it {error}."
