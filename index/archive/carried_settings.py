"""The settings that an archive carries: those of taste are taken over where there are none, the others are named."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

from core.errors import UsageError
from core.settings import load_settings
from core.settings_file import change_settings

OF_TASTE = frozenset(
    [
        "mode",
        "answer",
        "strictness",
        "reads",
        "patience",
        "context_tokens",
        "answer_tokens",
        "temperature",
        "seed",
        "chunk_tokens",
        "passages",
        "expand",
        "recognition",
    ]
)
"""Settings that are taken from an archive. Others name a model, a server or folders, or let something leave."""


def take_settings(stored: bytes, home: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take over from a settings.toml those of taste that ``home`` does not set; returns their names, and the others'.

    Nothing is taken from one that cannot be read, or where the own one cannot.
    """
    try:
        there = tomllib.loads(stored.decode())
        here = home / "settings.toml"
        own = tomllib.loads(here.read_text("utf-8")) if here.is_file() else {}
    except (ValueError, RecursionError):
        return (), ()
    taken = {}
    for name in sorted(set(there) - set(own)):
        if name in OF_TASTE:
            with suppress(UsageError):
                load_settings(**{name: there[name]})
                taken[name] = there[name]
    if taken:
        change_settings(home, **taken)
    return tuple(taken), tuple(sorted(set(there) - set(own) - set(taken)))
