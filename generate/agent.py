"""A server's model that calls tools: LangChain's agent, step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from core.server_errors import refuses_request
from core.types import Message, Usage
from generate.received import received
from generate.structured import without_thinking

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.tools import BaseTool

TRY = 'Call the tool search with the words "opening hours".'
"""What a model is asked that is tried for calling tools."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of one text: ``run`` returns what the model reads of its result, and the result itself."""

    name: str
    description: str
    run: Callable[[str], tuple[str, object]]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The call of a tool with ``words``, "" where the model left them out."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class AgentStep:
    """What the model wrote, and the tools that it calls; without calls the text is its answer."""

    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool returned; None for a call that could not be carried out."""

    result: object


def calls_tools(model: BaseChatModel, options: Mapping[str, Any]) -> bool:
    """Whether ``model`` calls a tool when it is asked to. Raises what it raises, but for a refusal of tools."""
    try:
        bound = model.bind_tools([_as_langchain(Tool("search", "Search in the documents.", lambda _: ("", None)))])
        return bool(getattr(bound.invoke([("user", TRY)], **options), "tool_calls", ()))
    except Exception as error:
        if refuses_request(error):
            return False
        raise


def run_agent(
    model: BaseChatModel,
    messages: Sequence[Message],
    tools: Sequence[Tool],
    options: Mapping[str, Any],
    is_over: Callable[[], bool],
    cancel: threading.Event,
) -> Iterator[AgentStep | ToolResult]:
    """The steps of ``model``, and after each that calls tools their results.

    Ends with the answer; without one where ``is_over``, which is asked before each step, says so, and where ``cancel``
    is set. ``options`` go with every request. Raises what the model and the tools raise.
    """
    from langchain.agents import create_agent

    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns: Any = [(message.role, message.content) for message in messages if message.role != "system"]
    agent = create_agent(
        model, list(map(_as_langchain, tools)), system_prompt=system, middleware=[_limits(options, is_over)]
    )
    updates = agent.stream({"messages": turns}, stream_mode="updates")
    for update in received(updates, cancel):
        for change in update.values():
            for message in (change or {}).get("messages", ()):
                yield _read(message)


def _read(message: Any) -> AgentStep | ToolResult:
    """A message that the agent adds as a step or a result."""
    from langchain_core.messages import ToolMessage

    if isinstance(message, ToolMessage):
        return ToolResult(message.artifact)
    text = without_thinking(str(message.text))
    calls = tuple(ToolCall(call["name"], str(call["args"].get("words", ""))) for call in message.tool_calls)
    counted = message.usage_metadata or {}
    usage = Usage(counted.get("input_tokens", 0), answer=counted.get("output_tokens", 0), stopped="end")
    return AgentStep(text, calls, usage)


def _as_langchain(tool: Tool) -> BaseTool:
    from langchain_core.tools import StructuredTool

    def run(words: Annotated[str, "a few words"]) -> tuple[str, object]:
        return tool.run(words)

    return StructuredTool.from_function(
        run, name=tool.name, description=tool.description, response_format="content_and_artifact"
    )


def _limits(options: Mapping[str, Any], is_over: Callable[[], bool]) -> AgentMiddleware[Any, Any, Any]:
    """What limits each step by ``options`` and ends the agent where ``is_over``."""
    from langchain.agents.middleware import AgentMiddleware, hook_config

    class Limits(AgentMiddleware[Any, Any, Any]):
        @hook_config(can_jump_to=["end"])
        def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:  # noqa: ARG002 - LangChain's
            return {"jump_to": "end"} if is_over() else None

        def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
            return handler(request.override(model_settings={**request.model_settings, **options}))

    return Limits()
