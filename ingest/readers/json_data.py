"""JSON and JSON lines: one section a record, a line a value with its name; words as they are shown, not as escapes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.clean import clean, one_line
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers import text as plain_text

MOST_RECORDS = 2000
"""Records that get a section of their own; of more, several share one."""

_ENCODED = 200
"""Characters without a space from which a text is encoded data (a picture, a key) and not words."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Records are the members of the outermost list, or of an object's; what is not JSON after all is read as text."""
    source = decode(path.read_bytes(), builder.name)
    builder.media_type = "application/json"
    try:
        records = list(_records(source))
    except (ValueError, RecursionError):
        builder.media_type = "text/plain"
        plain_text.read(path, builder)
        return
    builder.hide(hidden_signs(source), everywhere=True)
    several = len(records) // MOST_RECORDS + 1
    for first in range(0, len(records), several):
        group = records[first : first + several]
        label = group[0][0] if len(group) == 1 else f"{group[0][0]} to {group[-1][0]}"
        if text := "\n\n".join(filter(None, ("\n".join(_lines("", value)) for _, value in group))):
            builder.page("section", text, label=label)


def _records(source: str) -> Iterator[tuple[str, Any]]:
    """(place, value) of each record. Raises ValueError where this is no JSON."""
    try:
        whole = _loads(source)
    except ValueError:
        lines = [(number, line) for number, line in enumerate(source.splitlines(), 1) if line.strip()]
        if len(lines) < 2:
            raise
        yield from ((f"line {number}", _loads(line)) for number, line in lines)
        return
    if isinstance(whole, dict):
        plain = {key: value for key, value in whole.items() if not _is_records(value)}
        if plain:
            yield "", plain
        for key, value in whole.items():
            if _is_records(value):
                yield from ((f"{one_line(key)}, item {number}", one) for number, one in enumerate(value, 1))
    elif isinstance(whole, list):
        yield from ((f"item {number}", one) for number, one in enumerate(whole, 1))
    else:
        yield "", whole


def _loads(source: str) -> Any:
    """Numbers stay as they are written."""
    return json.loads(source, parse_float=str, parse_int=str, strict=False)


def _is_records(value: object) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(one, dict) for one in value)


def _lines(name: str, value: Any) -> Iterator[str]:
    """A value as lines, each with the names that lead to it: "address › city: Bern"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(f"{name} › {one_line(key)}" if name else one_line(key), inner)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, one in enumerate(value, 1):
            yield from _lines(f"{name} {number}".strip(), one)
    elif isinstance(value, list):
        if shown := ", ".join(filter(None, map(_shown, value))):
            yield f"{name}: {shown}" if name else shown
    elif shown := _shown(value):
        yield f"{name}: {shown}" if name else shown


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = clean(str(value)).strip()
    encoded = len(text) > _ENCODED and not any(map(str.isspace, text)) and text.isascii()
    return f"({len(text):,} characters of encoded data)" if encoded else text
