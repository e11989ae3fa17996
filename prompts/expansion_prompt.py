"""The prompts of query expansion: for other questions (queries.yaml), or for a hypothetical passage (hyde.yaml).

Each file has a prompt's five texts, without sources; ``{question}`` stands in the task.
"""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.shapes import Shape
from core.types import ExpansionKind, Message
from prompts.read import read_prompt

HERE = Path(__file__).parent


class ExpansionExample(BaseModel):
    """A worked example: a question, and what the model should write for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(min_length=1)
    written: str = Field(min_length=1)


class ExpansionPrompt(BaseModel):
    """The texts of a prompt without sources. ``shape`` is the form that the output is held to, None for none."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    examples: tuple[ExpansionExample, ...]
    output_format: str = Field(min_length=1)
    shape: type[Shape] | None = None

    @field_validator("task")
    @classmethod
    def _holds_its_place(cls, task: str) -> str:
        if task.count("{question}") != 1:
            raise ValueError("must hold {question} once")
        return task

    def messages(self, question: str) -> list[Message]:
        """The prompt's messages for one question; braces in the question are plain text."""
        shown = [f"Example:\n{self._task_for(each.question)}\n{each.written}" for each in self.examples]
        system = "\n\n".join([f"{self.context} {self.instructions}", *shown, self.output_format])
        return [Message("system", system), Message("user", self._task_for(question))]

    def _task_for(self, question: str) -> str:
        return self.task.replace("{question}", question.strip())


@cache
def load_expansion_prompt(kind: ExpansionKind) -> ExpansionPrompt:
    """The prompt of an expansion kind ("queries" or "hyde"); read once. Raises UsageError if its file is not valid."""
    return read_prompt(HERE / f"{kind}.yaml", ExpansionPrompt)


@cache
def load_parts_prompt() -> ExpansionPrompt:
    """The prompt that tells the questions of a message apart; read once. Raises UsageError if its file is not valid."""
    return read_prompt(HERE / "parts.yaml", ExpansionPrompt)
