"""The column names of a row of a table, and the cell around a span."""

import re

from core.types import Passage

_RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*$")
_CELLS = (" | ", "\t")


def column_names(passage: Passage, at: int) -> str:
    """The column names of the row at character ``at`` of ``passage.text``; "" if it is no row or has no known names.

    The names are the table's first row in the passage, if a rule of dashes follows it or it holds no figure; otherwise
    the innermost heading that holds cells, as in sheets.
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
    """The start and end of the cell around ``text[start:end]``, without white space at its ends.

    ``(start, end)`` itself outside of tables, and where the span is in more than one cell.
    """
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
