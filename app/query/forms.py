"""The form that a question asks its answer in: yes or no, a reason, steps, a list, or plainly a sentence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.types import AnswerForm
from index.language import language_of

_CLAUSE = re.compile(r"[.!?;:,]\s+|\s[-–—]\s")
"""What stands before the question itself: "I work in the lab. Can I ...?"."""

WORDS = Path(__file__).with_name("forms.yaml")


class _Words(BaseModel):
    """The expressions of one language; see forms.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asks: str
    yes_no: str
    why: str
    steps: str
    list: str


def form_of(question: str) -> AnswerForm:
    """The form of the answer to ``question``; "plain" where its words say nothing, or its language is not known."""
    words = _words().get(language_of(question))
    text = " ".join(question.casefold().replace("’", "'").split())
    clauses = [clause.lstrip("¿¡\"'([") for clause in _CLAUSE.split(text)]
    if words is None or not text:
        return "plain"
    for form in ("why", "steps", "yes_no", "list"):
        if any(re.match(rf"(?:{getattr(words, form)})(?!\w)", clause) for clause in clauses):
            return form
    asks = re.search(rf"(?<!\w)(?:{words.asks})(?!\w)", text)
    return "yes_no" if text.endswith("?") and not asks else "plain"


@cache
def _words() -> dict[str, _Words]:
    return TypeAdapter(dict[str, _Words]).validate_python(yaml.safe_load(WORDS.read_text("utf-8")))
