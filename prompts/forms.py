"""The prompts of a model that reads: one system text, and a line for each form of an answer."""

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from core.shapes import Shape
from core.types import AnswerForm
from prompts.read import read_prompt
from prompts.render import HERE, PromptTemplate

ENGLISH = "English"


class Forms(BaseModel):
    """The texts of forms.yaml; ``forms`` are lines with a place for ``{language}``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    context: str = Field(min_length=1)
    instructions: str = Field(min_length=1)
    task: str
    forms: dict[str, str]
    shape: type[Shape] | None = None


@cache
def load_forms() -> Forms:
    """Read once. Raises UsageError if the file is not valid."""
    return read_prompt(HERE / "forms.yaml", Forms)


def form_template(form: AnswerForm, language: str = ENGLISH) -> PromptTemplate:
    """The prompt that asks for an answer of that form in that language, named in English ("German")."""
    texts = load_forms()
    other = f"{form}_other"
    line = texts.forms[other if language != ENGLISH and other in texts.forms else form]
    return PromptTemplate(
        mode="direct",
        context=texts.context,
        instructions=texts.instructions,
        task=f"{texts.task}\n{line.replace('{language}', language)}",
        examples=(),
    )
