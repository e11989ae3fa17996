"""Answers as a saved chat stores them: as JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from core.types import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@lru_cache
def answer_type() -> TypeAdapter[Answer]:
    """Reads and writes the JSON of an answer."""
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
