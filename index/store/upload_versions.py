"""Whether an uploaded file is a newer version of one that is there, or another file of the same name.

A browser tells a file's name and nothing of where it lies. So the texts decide: their resemblance (Broder 1997, "On the
resemblance and containment of documents") over shingles of three words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.store.naming import numbered
from index.store.sources import UPLOAD

if TYPE_CHECKING:
    from index.store.library import Library

SHINGLE = 3
"""Words in a shingle."""

NEWER = 0.6
"""Resemblance from which a file of the same name is a newer version (docs/library.md has what was measured)."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Under which source an upload goes into the library, by which name, and whether it replaces what is there."""

    source: str
    name: str
    newer: bool = False


def place_upload(library: Library, name: str, text: str, apart: Collection[str] = ()) -> Place:
    """Where an uploaded file goes: over the document of that name that it is a newer version of, else beside it.

    ``apart`` are the ids of documents that it replaces in no case: those that were given together with it.
    """
    for candidate in numbered(name):
        source = UPLOAD + candidate
        present = library.source_document(source)
        if present is None:
            return Place(source, candidate)
        if present not in apart and resemblance(text, library.text(present)) >= NEWER:
            return Place(source, candidate, newer=True)
    raise AssertionError("names do not run out")


def resemblance(first: str, second: str) -> float:
    """The share of shingles that two texts have in common among all that they have, 0..1."""
    ours, theirs = _shingles(first), _shingles(second)
    return len(ours & theirs) / len(ours | theirs)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}
