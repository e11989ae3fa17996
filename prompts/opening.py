"""The opening of prompts over whole documents: what they all begin with, so that a model reads it once.

system text | whole documents | "I have read them." | earlier turns | question and the line of its form
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.types import Citation, Message
from prompts.forms import form_template, load_forms
from prompts.render import fence, label, shown


@dataclass(frozen=True)
class Opening:
    """Whole documents as a model reads them. ``sources`` are their parts, in order, which together are all of them."""

    sources: tuple[Citation, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents' ids, in order."""
        return tuple(dict.fromkeys(source.document_id for source in self.sources))

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The turn in which they are read, after the system text: the same whatever is asked later."""
        return Message("user", "\n".join(fences(self.sources))), Message("assistant", load_forms().opened)

    @cached_property
    def prompt(self) -> tuple[Message, ...]:
        """All that prompts begin with, system text first."""
        return Message("system", form_template("plain").system), *self.messages


def fences(sources: Sequence[Citation]) -> list[str]:
    """The sources as they stand in an opening, numbered from 1."""
    return [fence(number, label(source), shown(source)) for number, source in enumerate(sources, 1)]
