"""What a person reads of which documents a question was taken to ask about."""

from __future__ import annotations

from core.facets import DocumentChoice
from core.messages import _, ngettext
from index.store.library import Library

SHOWN = 4
"""Files that are named; more are counted."""


def choice_notes(choice: DocumentChoice | None, library: Library) -> tuple[str, ...]:
    """The documents that alone were searched, and how the question's periods were read."""
    if choice is None:
        return ()
    if not choice.is_sure:
        return choice.said
    return (_("Searched in {files} alone.", files=files_of(choice, library)), *choice.said)


def files_of(choice: DocumentChoice, library: Library) -> str:
    """The names of the chosen documents."""
    names = library.names_of(choice.document_ids)
    shown = [names[key] for key in choice.document_ids[:SHOWN] if key in names]
    more = len(choice.document_ids) - SHOWN
    if more <= 0:
        return ", ".join(shown)
    further = ngettext("{count} further document", "{count} further documents", more)
    return ", ".join((*shown, further))
