"""Questions to start with, made from the titles and headings of what is in a library."""

import re
from pathlib import PurePath

from core.messages import _
from core.types import Document
from index.store.library import Library

EXAMPLES = 3
"""Questions offered: enough to see what can be asked, few enough to be read."""

LONGEST = 48
"""Characters of a heading or title that fit into a question."""

_NUMBERING = re.compile(r"^(?:[§\d.()\s]+|[A-Za-z][.)]\s+)+")


def example_questions(library: Library) -> tuple[str, ...]:
    """Up to ``EXAMPLES`` questions, each about another document, the documents added last first."""
    latest = sorted(library.documents(), key=lambda record: record.added_at, reverse=True)[:EXAMPLES]
    return tuple(example(library.document(record.id)) for record in latest)


def example(document: Document) -> str:
    """A question about one heading of the document, or about the whole of it where it has none."""
    title = _short(document.title) or PurePath(document.name).stem
    headings = [_short(_NUMBERING.sub("", heading.text)) for heading in document.headings]
    usable = [heading for heading in dict.fromkeys(headings) if heading and heading.casefold() != title.casefold()]
    if usable:
        return _("What does “{title}” say about “{heading}”?", title=title, heading=usable[len(usable) // 2])
    return _("What is “{title}” about?", title=title)


def _short(text: str) -> str:
    """The text on one line, or "" where it is too long or has no letters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST and any(character.isalpha() for character in line) else ""
