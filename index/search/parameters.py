"""How the search weighs what it finds: chosen by measurements (docs/retrieval.md), varied by measurements alone."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from core.errors import UsageError

Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class SearchParameters:
    """Weights of the search, each in 0..1.

    ``dense_weight`` is the dense side's in the fused score (None: as fitted for the embedder), ``proximity`` what words
    that stand together count beside single ones, ``about_weight`` what a whole document is about counts beside the
    chunk's own words, ``diversity`` how much passages must differ from each other (MMR; 0: they need not),
    ``other_documents`` what chunks count of documents that a question does not seem to ask about (1: as others).
    """

    dense_weight: Share | None = None
    proximity: Share = 0.6
    about_weight: Share = 0.7
    other_documents: Share = 0.9
    diversity: Share = 0.0


DEFAULTS = SearchParameters()
"""What every search of the program uses."""

NAMES = frozenset(field.name for field in fields(SearchParameters))


def parameters_with(base: SearchParameters, changes: Mapping[str, str]) -> SearchParameters:
    """``base`` with the values of ``changes``, by name. Raises UsageError for one that is not a number in 0..1."""
    values = {name: getattr(base, name) for name in NAMES} | dict(changes)
    try:
        return TypeAdapter(SearchParameters).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"setting '{name}': {first['msg']}.", "docs/retrieval.md names the search's weights."
        ) from error
