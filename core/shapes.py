"""What a model is asked to write in a fixed form, as a pydantic model: under its grammar, or by its JSON schema.

One `Shape` has two ways to be written. A model of this machine writes its text form, held to it token by token by
`Shape.grammar`. A server's model writes JSON by `Shape.model_json_schema`, which becomes the same text by
`Shape.to_text`, so that whoever reads an answer needs no second way.
"""

import re
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Line:
    """Metadata of a `Shape`'s string: one line of ``least`` to ``most`` characters (0: any number).

    ``inside`` is the character class of its letters; ``first`` and ``last`` are those of its ends, "" where the ends
    are like the rest. The classes are written as GBNF and regular expressions both write them. ``cut`` shortens what
    is too long instead of refusing it. The JSON schema does not hold the limits, which some servers refuse: a field's
    description tells them, and `Shape` checks them.
    """

    inside: str
    least: int = 1
    most: int = 0
    first: str = ""
    last: str = ""
    cut: bool = False

    @property
    def gbnf(self) -> str:
        """The line in GBNF."""
        return " ".join(self._parts())

    def check(self, text: str) -> str:
        """``text`` on one line. Raises ValueError where it breaks a limit."""
        line = " ".join(text.split())
        if '"' in self.inside:  # a class of all characters but some: the text form puts the line between such marks
            line = line.replace('"', "”")
        if self.cut and self.most:
            line = line[: self.most].rstrip()
        if not re.fullmatch("".join(self._parts()), line):
            raise ValueError(f"must be one line of {self.least} to {self.most or 'any number of'} characters")
        return line

    def _parts(self) -> list[str]:
        ends = bool(self.first) + bool(self.last)
        least, most = self.least - ends, self.most - ends
        times = f"{{{least},{most}}}" if self.most else "+"
        return [part for part in (self.first, self.inside + times, self.last) if part]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))


class Shape(BaseModel):
    """Base of all shapes. The docstrings and descriptions of its subclasses are read by models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def grammar(cls) -> str:
        """The GBNF of the text form."""
        raise NotImplementedError

    def to_text(self) -> str:
        """The text form, as a model that is held to `grammar` writes it."""
        raise NotImplementedError

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form. Raises ValueError where ``text`` is not in it."""
        raise NotImplementedError

    @classmethod
    def from_plain(cls, text: str) -> str:
        """The text form that stands for a free answer, of a model that was asked for the shape in vain."""
        return text

    @classmethod
    def line(cls, field: str) -> Line:
        """The `Line` of a field."""
        return next(each for each in cls.model_fields[field].metadata if isinstance(each, Line))
