"""The prompts of a model that reads: one system text, and a line for each form of an answer."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from core.shapes import Shape
from core.types import AnswerForm, Message
from prompts.read import read_prompt
from prompts.render import HERE, Example, PromptTemplate

ENGLISH = "English"


class JudgedExample(Example):
    """A source, a question and an answer to it, and whether the source supports that answer."""

    supported: bool


class Forms(BaseModel):
    """The texts of forms.yaml: ``forms`` are lines with places for words, ``yes_no`` two words by language, ``opened``
    what the model is taken to have said after whole documents, ``newest`` a line for sources of several dates,
    ``decision`` and ``decided`` the lines that ask for the word alone and for an answer that begins with it,
    ``support`` the message that asks whether a source supports an answer, and ``judged`` what is shown before it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    opened: str = Field(min_length=1)
    forms: dict[AnswerForm, str]
    newest: str = Field(min_length=1)
    decision: str
    decided: str
    support: str
    judged: tuple[JudgedExample, ...]
    yes_no: dict[str, tuple[str, str]]
    shape: type[Shape] | None = None


@cache
def load_forms() -> Forms:
    """Read once. Raises UsageError if the file is not valid."""
    return read_prompt(HERE / "forms.yaml", Forms)


def form_template(
    form: AnswerForm, language: str = ENGLISH, *, is_yes: bool | None = None, dated: bool = False
) -> PromptTemplate:
    """The prompt that asks for an answer of that form in that language, named in English ("German").

    ``is_yes`` is what the form "yes_no" is to begin with, None where that is not known; ``dated`` says that the sources
    are of documents of different dates.
    """
    texts = load_forms()
    yes, no = texts.yes_no.get(language, (f"the {language} word for Yes", "for No"))
    if form != "yes_no" or is_yes is None:
        line = texts.forms[form].replace("{yes}", yes).replace("{no}", no)
    else:
        line = texts.decided.replace("{word}", yes if is_yes else no.replace("for No", f"the {language} word for No"))
    line = line.replace("{language}", language)
    return _asking(f"{texts.newest} {line}" if dated else line)


@cache
def decision_template() -> PromptTemplate:
    """The prompt that asks for Yes or No alone."""
    return _asking(load_forms().decision)


def _asking(line: str) -> PromptTemplate:
    texts = load_forms()
    return PromptTemplate(
        mode="direct",
        context=texts.context,
        instructions=texts.instructions,
        task=f"{texts.task}\n{line}",
        examples=(),
    )


@cache
def support_template() -> PromptTemplate:
    """The prompt that asks whether the sources support an answer; see ``asked_and_answered``."""
    texts = load_forms()
    return PromptTemplate(
        mode="direct", context=texts.context, instructions=texts.instructions, task=texts.support, examples=()
    )


@cache
def judged_examples() -> tuple[Message, ...]:
    """Turns in which the model has told rightly whether a source supports an answer; they follow the system text."""
    template, turns = support_template(), []
    for example in load_forms().judged:
        asked = template.example_message(asked_and_answered(example.question, example.answer), example.source)
        turns += [Message("user", asked), Message("assistant", "Yes" if example.supported else "No")]
    return tuple(turns)


def asked_and_answered(question: str, answer: str) -> str:
    """A question and an answer to it, as they stand in the question's place of a prompt about both."""
    return f"{question.strip()}\nAnswer: {answer.strip()}"
