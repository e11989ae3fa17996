"""Lines as CSV and as a workbook, which a program of sheets takes as they stand: nothing in them is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Value = str | Decimal | None

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a program of sheets would take for the beginning of a formula."""

_NUMBER = re.compile(r"[+-]\d[\d.,]*")


def as_csv(lines: Iterable[Sequence[Value]]) -> bytes:
    """In UTF-8 with a mark that sheets know it by. Words that begin like a formula get an apostrophe before them,
    negative numbers none."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(fill: Callable[[Workbook], None]) -> bytes:
    """A workbook that ``fill`` writes into."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        fill(workbook)
    return target.getvalue()


def _harmless(value: Value) -> str:
    if value is None:
        return ""
    is_like_formula = isinstance(value, str) and value.startswith(_FORMULA_SIGNS) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_like_formula else str(value)
