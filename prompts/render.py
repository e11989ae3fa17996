"""A prompt's five parts from YAML, and the texts that are made of them: the system text and a user turn."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.types import Citation, Mode
from prompts.read import read_prompt

HERE = Path(__file__).parent

_PLACEHOLDER = re.compile(r"\{(sources|question)\}")
_WRAPPED = re.compile(r"(?<=[\w,;’'-])[ \t]*\n[ \t]*(?=[^\W\d_])")
_FENCE = re.compile(r"<(?=\s*/?\s*source)", re.IGNORECASE)
_TURNS = re.compile(r"\[(?=/?INST\])|<(?=</?SYS>>)|<(?=\|)|<(?=(?:start|end)_of_turn>)", re.IGNORECASE)
_HEADS = re.compile(r"^#(?=#+ *(?:instruction|response|input|system)s? *:)", re.IGNORECASE | re.MULTILINE)


class Example(BaseModel):
    """A source, a question to it, and the answer that is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class PromptTemplate(BaseModel):
    """The five parts of a prompt. ``task`` is a user turn with ``{sources}`` and ``{question}`` in it.

    ``grammar`` is the GBNF that the mode's output obeys, "" for none. ``hint`` goes below the question where words of
    the sources are known that may answer it; it holds ``{words}``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    mode: Mode
    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    examples: tuple[Example, ...]
    output_format: str = Field(min_length=1)
    grammar: str = ""
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
        shown = [f"Example:\n{self._turn(e.question, [fence(1, '', e.source)])}\n{e.answer}" for e in self.examples]
        return "\n\n".join([self.context + " " + self.instructions, *shown, self.output_format])

    def user_turn(self, question: str, sources: Sequence[Citation]) -> str:
        """The user's message: numbered, fenced sources, and the question. Without sources, the question alone."""
        return self._turn(question, [fence(n, label(s), shown(s)) for n, s in enumerate(sources, 1)])

    def with_hint(self, question: str, words: str) -> str:
        """The question with the hint at ``words`` below it. They are a document's: one line, and no fence or turn."""
        if not words or not self.hint:
            return question
        return f"{question}\n{self.hint.replace('{words}', _soft(' '.join(words.split())))}"

    def without_hint(self, text: str) -> str:
        """What a model wrote without the hint's own words ("The answer is: 40 euros"), which small ones repeat, with
        and without the colon; "The answer is not ..." says something else."""
        own = self.hint.partition("{words}")[0].strip().rstrip(":")
        repeated = re.match(rf"(?i){re.escape(own)}\b(?! (?:not|that|in|unknown)\b):?\s*(?=\S)", text) if own else None
        if repeated is None:
            return text
        said = text[repeated.end() :]
        first = said.partition(" ")[0]
        return said[:1].upper() + said[1:] if first == first.lower() else said

    def _turn(self, question: str, blocks: Sequence[str]) -> str:
        parts = {"sources": "\n".join(blocks), "question": question}
        return _PLACEHOLDER.sub(lambda place: parts[place[1]], self.task).strip()


def fence(number: int, label: str, text: str) -> str:
    """A source as data: nothing in ``text`` or ``label`` can open or close a fence, or a turn of those templates whose
    marks are plain text to their tokenizers (Llama 2, Alpaca). Lines that were only wrapped are
    joined, for a small model takes the end of a line for the end of a sentence."""
    joined = _WRAPPED.sub(" ", text) if "|" not in text else text
    head = f"<source {number}: {_soft(label)}>" if label else f"<source {number}>"
    return f"{head}\n{_soft(joined).strip()}\n</source>"


def shown(source: Citation) -> str:
    """A quote as a model reads it: a row below the names of its columns."""
    return f"{source.columns}\n{source.quote}" if source.columns else source.quote


def _soft(text: str) -> str:
    """``text`` with the marks of fences and turns made harmless: one sign of each is another one that looks like it."""
    return _HEADS.sub("＃", _TURNS.sub("‹", _FENCE.sub("‹", text)))


def label(source: Citation) -> str:
    """File and place of a source in one line, as the model reads it; angle brackets are softened."""
    named = " ".join(f"{source.file}, {source.locator.label}".split()).rstrip(", ")
    return named.replace("<", "‹").replace(">", "›")


def read_template(path: Path, mode: Mode) -> PromptTemplate:
    """The prompt in a YAML file; the grammar of the same name beside it, where there is one.

    Raises UsageError naming the file and the part that is missing or wrong.
    """
    return read_prompt(path, PromptTemplate, mode=mode)


@cache
def load_prompt(mode: Mode) -> PromptTemplate:
    """The prompt of a mode, with its five parts. Raises UsageError where its file is not valid."""
    return read_template(HERE / f"{mode}.yaml", mode)
