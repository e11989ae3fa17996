"""What a chat model is asked to write before a search: other questions, or a passage that could answer.

prompts/queries.yaml, prompts/hyde.yaml: the five parts, ``{question}`` in the task
"""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.types import Expand, Message
from prompts.read import read_prompt

HERE = Path(__file__).parent


class Worded(BaseModel):
    """A question, and what is written for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(min_length=1)
    written: str = Field(min_length=1)


class SearchPrompt(BaseModel):
    """The five parts of a prompt without sources. ``grammar`` is the GBNF that its lines obey, "" for none."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    examples: tuple[Worded, ...]
    output_format: str = Field(min_length=1)
    grammar: str = ""

    @field_validator("task")
    @classmethod
    def _holds_its_place(cls, task: str) -> str:
        if task.count("{question}") != 1:
            raise ValueError("must hold {question} once")
        return task

    def messages(self, question: str) -> list[Message]:
        """The whole prompt for one question; the question is text, whatever stands in it."""
        shown = [f"Example:\n{self._turn(each.question)}\n{each.written}" for each in self.examples]
        system = "\n\n".join([f"{self.context} {self.instructions}", *shown, self.output_format])
        return [Message("system", system), Message("user", self._turn(question))]

    def _turn(self, question: str) -> str:
        return self.task.replace("{question}", question.strip())


@cache
def load_search_prompt(kind: Expand) -> SearchPrompt:
    """The prompt of a way to search for more ("queries" or "hyde"). Raises UsageError where its file is not valid."""
    return read_prompt(HERE / f"{kind}.yaml", SearchPrompt)
