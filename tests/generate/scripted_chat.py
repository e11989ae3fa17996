"""LangChain chat models that answer what they are told to, with and without structured output."""

from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda
from pydantic import Field


class Scripted(BaseChatModel):
    """Answers what it is told to, in order; keeps what it was asked. An exception among the answers is raised."""

    answers: list[Any]
    asked: list[Any] = Field(default_factory=list)
    options: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self):
        return "scripted"

    def next_answer(self, messages):
        self.asked.append(messages)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        self.options.append(kwargs)
        message = AIMessage(self.next_answer(messages))
        return ChatResult(generations=[ChatGeneration(message=message)])


class Structured(Scripted):
    """Knows structured output: its answers there are dictionaries, None, or exceptions."""

    schemas: list[Any] = Field(default_factory=list)

    def with_structured_output(self, schema, **kwargs):
        self.schemas.append((schema, kwargs))
        return RunnableLambda(lambda messages, **_: self.next_answer(messages))


def scripted(kind, *answers):
    return kind(answers=list(answers))
