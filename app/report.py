"""An answer as plain data: the object that ``lectern ask --json`` prints."""

from core.types import Answer


def to_json(answer: Answer) -> dict[str, object]:
    """The answer as JSON-ready data; its keys are described in docs/json.md."""
    raise NotImplementedError
