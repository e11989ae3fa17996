"""A prompt's YAML file, with the grammar that stands beside it -> the model of its parts."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from core.errors import UsageError

Prompt = TypeVar("Prompt", bound=BaseModel)

PARTS = ("context", "instructions", "task", "examples", "output_format")
"""The five parts of a prompt."""


def read_prompt(path: Path, kind: type[Prompt], **given: object) -> Prompt:
    """The prompt in a YAML file; ``given`` is what does not stand in it, ``grammar`` the text of PATH.gbnf, if any.

    Raises UsageError naming the file and the part that is missing or wrong.
    """
    grammar = path.with_suffix(".gbnf")
    try:
        parts = yaml.safe_load(path.read_text("utf-8"))
        if not isinstance(parts, dict):
            raise UsageError(f"{path} cannot be read: it holds no prompt.", f"It needs the parts {', '.join(PARTS)}.")
        held = grammar.read_text("utf-8") if grammar.exists() else ""
        return kind.model_validate({**parts, **given, "grammar": held})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"the prompt {path} cannot be read: {error}.", "Mend it as YAML in UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        part = ".".join(str(step) for step in first["loc"])
        raise UsageError(
            f"the prompt {path}: '{part}': {first['msg']}.", f"It needs the parts {', '.join(PARTS)}."
        ) from error
