"""Whether an uploaded file is a newer version of a document in the library, or another file of the same name.

A browser sends a file's name without its folder. So the texts decide: their resemblance (Broder 1997, "On the
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
"""Resemblance from which a file of the same name is a newer version (measurements: docs/library.md)."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """The source and the name of a file in the library, and whether it is a newer version of a document there."""

    source: str
    name: str
    newer: bool = False


def place_upload(library: Library, name: str, text: str, apart: Collection[str] = ()) -> UploadPlace:
    """The place of an uploaded file: that of the document it is a newer version of, else under a free name.

    ``apart`` are the ids of documents that it never replaces: those uploaded together with it.
    """
    for candidate in numbered(name):
        source = UPLOAD + candidate
        present = library.source_document(source)
        if present is None:
            return UploadPlace(source, candidate)
        if present not in apart and resemblance(text, library.text(present)) >= NEWER:
            return UploadPlace(source, candidate, newer=True)
    raise AssertionError("names do not run out")


def resemblance(first: str, second: str) -> float:
    """Broder's resemblance of two texts, 0..1: the Jaccard coefficient of their shingles."""
    ours, theirs = _shingles(first), _shingles(second)
    return len(ours & theirs) / len(ours | theirs)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}
