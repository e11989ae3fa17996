"""The values that a filter can have in a library, named where a filter matches nothing."""

import difflib
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

DAY = "coalesce((SELECT day FROM dates WHERE document_id = d.id), substr(d.added_at, 1, 10))"
"""SQL: the day of document ``d``, or that on which it was added."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "html": "text/html",
    "markdown": "text/markdown",
    "md": "text/markdown",
    "text": "text/plain",
    "epub": "application/epub+zip",
    "mail": "message/rfc822",
    "eml": "message/rfc822",
    "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "mbox": "application/mbox",
    "msg": "application/vnd.ms-outlook",
    "json": "application/json",
    "xml": "application/xml",
    "notebook": "application/x-ipynb+json",
    "subtitles": "text/vtt",
    "calendar": "text/calendar",
    "card": "text/vcard",
    "zip": "application/zip",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
}
"""Short names of what the readers read; the ending of a file's name counts as well."""

_SHOWN = 8
"""Values named in a hint; more are counted."""


def available_values(db: sqlite3.Connection, field: str, value: str) -> str:
    """One sentence that names the library's values of ``field``: "document", "folder", "tag", "type" or "date".

    For documents these are the names most like ``value``, if any is like it.
    """
    match field:
        case "document":
            names = [str(row[0]) for row in db.execute("SELECT name FROM documents ORDER BY name")]
            near = difflib.get_close_matches(value, names, n=3, cutoff=0.4)
            return f"Did you mean: {', '.join(near)}?" if near else f"There are: {_named(names)}."
        case "folder":
            sources = [str(row[0]) for row in db.execute("SELECT source FROM sources WHERE source GLOB '*[/\\]*'")]
            folders = _counted(str(PurePath(source).parent) for source in sources)
            return f"There are: {_named(folders)}." if folders else "Nothing in the library came from a folder."
        case "tag":
            tags = _counted(str(row[0]) for row in db.execute("SELECT tag FROM tags"))
            return f"There are: {_named(tags)}." if tags else "Give one with: lectern docs tag NAME --add TAG"
        case "type":
            short = {media_type: name for name, media_type in reversed(MEDIA_TYPES.items())}
            types = [str(row[0]) for row in db.execute("SELECT media_type FROM documents")]
            return f"There are: {_named(_counted(short.get(name, name) for name in types))}."
        case _:
            query = f"SELECT min({DAY}), max({DAY}) FROM documents d"  # noqa: S608
            first, last = db.execute(query).fetchone()
            return f"They are dated {first} to {last}."


def _counted(values: Iterable[str]) -> list[str]:
    """ "pdf (12)", the most frequent first."""
    return [f"{value} ({number:,})" for value, number in Counter(values).most_common()]


def _named(values: list[str]) -> str:
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
