"""Whether a library could be searched by a better embedder than the one that it was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.messages import _
from core.settings import DEFAULT_LIBRARY, Settings

if TYPE_CHECKING:
    from index.store.library import Library


def better_embedder(library: Library, settings: Settings) -> str:
    """The name of the embedder that new libraries get, where this one has the bundled one instead; else ""."""
    from index.bundled import BUNDLED_NAME
    from index.embed import AUTO, settings_for_library

    if settings.embedder != AUTO or library.embedder_name != BUNDLED_NAME:
        return ""
    best = settings_for_library(settings).embedder
    return "" if best == "bundled" else best


def offer_once(library: Library, settings: Settings) -> str:
    """A line that offers the better embedder, the first time that it is asked for; else ""."""
    from index.store.reembedding import note_offer

    name = better_embedder(library, settings)
    if not name:
        return ""
    with library.database.writing() as db:
        if not note_offer(db, name):
            return ""
    of = "" if library.name == DEFAULT_LIBRARY else f" --library '{library.name}'"
    command = f"lectern docs reembed {name}{of}"
    return _("This library is searched by meaning in English only; for about 100 languages: {command}", command=command)
