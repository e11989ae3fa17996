"""A prompt template from YAML, and the texts made from it: the system text and the user's message."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.shapes import Shape
from core.types import Citation, Mode
from prompts.read import read_prompt

HERE = Path(__file__).parent

HEADING_SIGN = " › "
"""Stands between a document's title and the headings that a quote stands under."""

_PLACEHOLDER = re.compile(r"\{(sources|question)\}")
_WRAPPED = re.compile(r"(?<=[\w,;’'-])[ \t]*\n[ \t]*(?=[^\W\d_])")
_FENCE = re.compile(r"<(?=\s*/?\s*source)", re.IGNORECASE)
_MESSAGE_MARKS = re.compile(r"\[(?=/?INST\])|<(?=</?SYS>>)|<(?=\|)|<(?=(?:start|end)_of_turn>)", re.IGNORECASE)
_HEADS = re.compile(r"^#(?=#+ *(?:instruction|response|input|system)s? *:)", re.IGNORECASE | re.MULTILINE)


class Example(BaseModel):
    """A worked example for the model: a source, a question about it, and the right answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class PromptTemplate(BaseModel):
    """The texts of a prompt. ``task`` is the user's message with ``{sources}`` and ``{question}`` to be filled in.

    ``shape`` is the form that the mode's output is held to, None for none. ``hint`` holds ``{words}``; it is added
    below the question when words of the sources are known that may answer it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    mode: Mode
    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    examples: tuple[Example, ...]
    output_format: str = ""
    shape: type[Shape] | None = None
    hint: str = ""

    @field_validator("task")
    @classmethod
    def _holds_its_places(cls, task: str) -> str:
        if sorted(_PLACEHOLDER.findall(task)) != ["question", "sources"]:
            raise ValueError("must hold {sources} and {question}, each once")
        return task

    @property
    def system(self) -> str:
        """The system text: context, instructions, examples and output format."""
        shown = [f"Example:\n{self.example_message(e.question, e.source)}\n{e.answer}" for e in self.examples]
        return "\n\n".join(filter(None, [f"{self.context} {self.instructions}", *shown, self.output_format]))

    def with_notes(self, notes: str) -> Self:
        """The template with the notes that a person gave for all questions, in the system text."""
        told = " ".join(notes.split())
        if not told:
            return self
        return self.model_copy(update={"instructions": f"{self.instructions} Notes of the user: {_defuse(told)}"})

    def user_message(self, question: str, sources: Sequence[Citation]) -> str:
        """The user's message: numbered, fenced sources, and the question. Without sources, the question alone."""
        return self._message(question, [fence(n, label(s), shown(s)) for n, s in enumerate(sources, 1)])

    def example_message(self, question: str, source: str) -> str:
        """The user's message of an example, over one source without a place."""
        return self._message(question, [fence(1, "", source)])

    def with_hint(self, question: str, words: str) -> str:
        """The question with the hint below it. ``words`` come from a document, so they are put on one line and their
        marks are made harmless as in ``fence``."""
        if not words or not self.hint:
            return question
        return f"{question}\n{self.hint.replace('{words}', _defuse(' '.join(words.split())))}"

    def without_hint(self, text: str) -> str:
        """A model's ``text`` without the hint's opening words ("The answer is: 40 euros" -> "40 euros"), which small
        models repeat, with or without the colon. "The answer is not ..." is kept: it says something else."""
        own = self.hint.partition("{words}")[0].strip().rstrip(":")
        repeated = re.match(rf"(?i){re.escape(own)}\b(?! (?:not|that|in|unknown)\b):?\s*(?=\S)", text) if own else None
        if repeated is None:
            return text
        said = text[repeated.end() :]
        first = said.partition(" ")[0]
        return said[:1].upper() + said[1:] if first == first.lower() else said

    def _message(self, question: str, blocks: Sequence[str]) -> str:
        texts = {"sources": "\n".join(blocks), "question": question}
        return _PLACEHOLDER.sub(lambda place: texts[place[1]], self.task).strip()


def fence(number: int, label: str, text: str) -> str:
    """A source between numbered fences, as data.

    Nothing in ``text`` or ``label`` can open or close a fence, nor a message of those chat templates whose marks are
    plain text to their tokenizers (Llama 2, Alpaca). Wrapped lines are joined, because a small model takes the end of a
    line for the end of a sentence."""
    joined = _WRAPPED.sub(" ", text) if "|" not in text else text
    head = f"<source {number}: {_defuse(label)}>" if label else f"<source {number}>"
    return f"{head}\n{_defuse(joined).strip()}\n</source>"


def shown(source: Citation) -> str:
    """A quote as a model reads it: below what it stands under, a table's row below the names of its columns."""
    heading = f"{source.heading}:" if source.heading else ""
    return "\n".join(filter(None, (heading, source.columns, source.quote)))


def _defuse(text: str) -> str:
    """``text`` with one character of each mark of a fence or chat message replaced by one that looks like it."""
    return _HEADS.sub("＃", _MESSAGE_MARKS.sub("‹", _FENCE.sub("‹", text)))


def label(source: Citation) -> str:
    """File name and place of a source on one line, as the model reads it; "<" and ">" become "‹" and "›".

    A place that its heading names stands there alone: tokens are seconds.
    """
    place = "" if source.heading.endswith(source.locator.label) else source.locator.label
    named = " ".join(f"{source.file}, {place}".split()).rstrip(", ")
    return named.replace("<", "‹").replace(">", "›")


def read_template(path: Path, mode: Mode) -> PromptTemplate:
    """The prompt template in a YAML file, with the shape of the same name if there is one.

    Raises UsageError naming the file and the field that is missing or wrong.
    """
    return read_prompt(path, PromptTemplate, mode=mode)


@cache
def load_prompt(mode: Mode) -> PromptTemplate:
    """The prompt template of a mode; read once. Raises UsageError if its file is not valid."""
    return read_template(HERE / f"{mode}.yaml", mode)
