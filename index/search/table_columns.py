"""The names of the columns that a row of a table stands under, where the text or its headings hold them."""

import re

from core.types import Passage

_RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")
_CELLS = (" | ", "\t")


def column_names(passage: Passage, at: int) -> str:
    """Of the row that character ``at`` of ``passage.text`` stands in; "" where it is no row or names are not known.

    The names are the first row of the same table in the passage, where a rule of dashes follows it or no figure is in
    it; else the innermost heading that holds cells, as sheets have it.
    """
    lines = passage.text.split("\n")
    row = passage.text.count("\n", 0, at)
    if not _is_row(lines[row]):
        return ""
    first = row
    while first > 0 and _is_row(lines[first - 1]):
        first -= 1
    if first < row and _names(lines[first], lines[first + 1]):
        return " ".join(lines[first].split())
    if first == row and row + 1 < len(lines) and _RULE.match(lines[row + 1]):
        return ""
    heading = next((text for text in reversed(passage.headings) if any(sign in text for sign in _CELLS)), "")
    return "" if heading == lines[row] else heading


def whole_cell(text: str, start: int, end: int) -> tuple[int, int]:
    """The cell of a row that characters ``start`` to ``end`` stand in, without its margins; they themselves elsewhere,
    and where they go over a cell's end."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last
    if "\n" in text[start:end] or not _is_row(text[first:last]) or re.search(r"[|\t]", text[start:end]):
        return start, end
    left = max(text.rfind("|", first, start), text.rfind("\t", first, start), first - 1) + 1
    right = min(at for at in (text.find("|", end, last), text.find("\t", end, last), last) if at >= 0)
    cell = text[left:right]
    return left + len(cell) - len(cell.lstrip()), right - len(cell) + len(cell.rstrip())


def _is_row(line: str) -> bool:
    return any(sign in line for sign in _CELLS) or (line.lstrip().startswith("|") and line.count("|") > 1)


def _names(line: str, after: str) -> bool:
    return bool(_RULE.match(after)) or not any(sign.isdigit() for sign in line)
