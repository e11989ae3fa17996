"""What a table stands under: the nearest heading above it, and the sentence that leads to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.tables.layout.lines import Line
from ingest.tables.units import scale_in

MOST_LINES = 14
"""Lines above a table among which its heading is looked for: a paragraph or two may stand between."""

LONGEST = 110
"""Characters of a heading."""

FULL = 0.85
"""Of the page's width: a line that ends further right goes on in the next, and is prose."""


@dataclass(frozen=True, slots=True)
class Title:
    """``text`` is "heading › sentence", or one of them; ``notes`` are lines that tell the unit."""

    text: str
    notes: tuple[str, ...]


def title_of(above: Sequence[Line], right: float) -> Title:
    """The title of a table below these lines of a page whose text goes to ``right``."""
    notes: list[str] = []
    heading, leading = "", ""
    lines = list(above[-MOST_LINES:])
    near = True
    while lines and not heading:
        line = lines.pop()
        text = line.text
        if text.startswith(("(", "[")) and text.endswith((")", "]")):
            notes.append(text)
        elif near and text.endswith(":"):
            leading, lines = _sentence(line, lines, right)
        elif _is_heading(line, right):
            heading = _whole(line, lines)
            continue
        elif near and scale_in(text) is not None:
            notes.append(text)
        near = False if not (text.startswith("(") or text.endswith(":")) else near
    return Title(" › ".join(filter(None, (heading, leading))), tuple(notes))


def _is_heading(line: Line, right: float) -> bool:
    text = line.text
    prose = text.endswith((".", ",", ";")) or (line.right > FULL * right and line.left < 0.15 * right)
    return not prose and len(text) <= LONGEST and sum(map(str.isalpha, text)) > 2 and not text[:1].islower()


def _whole(line: Line, above: Sequence[Line]) -> str:
    """A heading with the line above it, where that is its beginning: letters as large, close, without an end."""
    before = above[-1] if above else None
    close = before and before.base - line.base < 1.4 * line.height and abs(before.height - line.height) < 0.1
    if before and close and before.text.endswith((",", "-", "–", "and", "&", "of", "the")):
        return f"{before.text} {line.text}"
    return line.text


def _sentence(line: Line, above: list[Line], right: float) -> tuple[str, list[Line]]:
    """The sentence that ends with a line, and the lines before it."""
    lines = list(above)
    text = line.text
    below = line
    while lines and ". " not in text:
        before = lines[-1]
        if (
            before.base - below.base > 1.5 * below.height
            or before.right < 0.6 * right
            or before.text.endswith((".", ":"))
        ):
            break
        text, below = f"{before.text} {text}", lines.pop()
    return text.rpartition(". ")[2].rstrip(" :"), lines
