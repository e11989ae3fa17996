"""Reads a prompt from its YAML file and the grammar beside it, and validates it."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from core.errors import UsageError

Prompt = TypeVar("Prompt", bound=BaseModel)

PARTS = ("context", "instructions", "task", "examples", "output_format")
"""The five texts that every prompt file has."""


def read_prompt(path: Path, kind: type[Prompt], **fields: object) -> Prompt:
    """The prompt in the YAML file ``path``, validated as ``kind``.

    ``fields`` are added to those of the file; ``grammar`` is the text of the .gbnf file of the same name, or "".
    Raises UsageError naming the file and the field that is missing or wrong.
    """
    grammar = path.with_suffix(".gbnf")
    try:
        parts = yaml.safe_load(path.read_text("utf-8"))
        if not isinstance(parts, dict):
            raise UsageError(f"{path} cannot be read: it holds no prompt.", f"It needs the parts {', '.join(PARTS)}.")
        held = grammar.read_text("utf-8") if grammar.exists() else ""
        return kind.model_validate({**parts, **fields, "grammar": held})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"the prompt {path} cannot be read: {error}.", "Mend it as YAML in UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise UsageError(
            f"the prompt {path}: '{field}': {first['msg']}.", f"It needs the parts {', '.join(PARTS)}."
        ) from error
