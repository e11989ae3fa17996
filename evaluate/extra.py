"""The libraries of the extra ``eval``, imported where they are used."""

from importlib import import_module
from types import ModuleType

from core.errors import UsageError

HINT = "Install the extra: pip install 'lectern[eval]'."


def need(module: str) -> ModuleType:
    """The module of that name. Raises UsageError naming the extra where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(f"`lectern eval` needs {error.name}, which is not installed.", HINT) from error
