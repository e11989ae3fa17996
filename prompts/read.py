"""Reads a prompt from its YAML file, adds the shape that its answers have, and validates it."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from core.errors import UsageError
from prompts.shapes import SHAPES

Prompt = TypeVar("Prompt", bound=BaseModel)

PARTS = ("context", "instructions", "task", "examples", "output_format")
"""The five texts that every prompt file has."""


def read_prompt(path: Path, kind: type[Prompt], **fields: object) -> Prompt:
    """The prompt in the YAML file ``path``, validated as ``kind``.

    ``fields`` are added to those of the file; ``shape`` is the one of `prompts.shapes` for the file's name, or None.
    Raises UsageError naming the file and the field that is missing or wrong.
    """
    try:
        parts = yaml.safe_load(path.read_text("utf-8"))
        if not isinstance(parts, dict):
            raise UsageError(f"{path} cannot be read: it holds no prompt.", f"It needs the parts {', '.join(PARTS)}.")
        return kind.model_validate({**parts, **fields, "shape": SHAPES.get(path.stem)})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"the prompt {path} cannot be read: {error}.", "Mend it as YAML in UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise UsageError(
            f"the prompt {path}: '{field}': {first['msg']}.", f"It needs the parts {', '.join(PARTS)}."
        ) from error
