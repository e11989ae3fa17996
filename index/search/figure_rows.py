"""Rows of figures: their label, their cells with words, and the lines above that name their columns."""

import re

from index.analyzer import FUNCTION_WORDS, MONTHS

_CELLS = re.compile(r" \| |\t|^\s*\||\|\s*$")
_FIGURE = re.compile(r"[$€£¥(]{0,3}[-–—]?(?!0\d)\d(?:[.,'’\u202f]?\d)*[)%]{0,2}|[—–-]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_RANGE = re.compile(r"\d\s*[-–]\s*\d[^\s]*\s*$")
_SIGN = re.compile(r"[$€£¥%()]+")
_COLUMN_WORD = re.compile(
    rf"(?:{'|'.join(MONTHS)})[a-z]*|[0-3]?\d|(?:19|20)\d\d|q[1-4]|fy\d*|fiscal|change"
    r"|one|two|three|six|nine|twelve|first|second|third|fourth|months?|weeks?|quarters?|years?|days?|ended|ending|as|of|at"
    r"|in|millions|thousands|billions|unaudited|audited|except|per|share|amounts|and|[-–—/&]?"
)
_TELLS = re.compile(r"(?i)\b(?:19|20)\d\d\b|\bended\b|\bmonths\b|\bq[1-4]\b")
_UNIT = re.compile(r"(?i)\b(?:in|of) (?:thousands|millions|billions)\b(?: of (?:\w+ )?\w+)?")

FEWEST_FIGURES = 2
"""Figures at the end of a row without cells: prose may end in one ("in 2021")."""

FARTHEST = 60
"""Lines above a row in which its columns' names are looked for: a page of a report holds about as many."""


def row_label(quote: str) -> str | None:
    """The label of a row of figures, without the figures: "Net income $ 16,425 $ 18,765" -> "Net income".

    A row has at least two figures at its end, or cells ("Boats | 38500 | Lind") of which at least one is a figure.
    None if ``quote`` is no such row, for example prose that ends in years, in a range of hours or in a full stop.
    """
    if _CELLS.search(quote):
        cells = _cells(quote)
        words = row_cells(quote)
        return " ".join(words) if len(words) < len(cells) else None
    tokens = quote.split()
    figures: list[str] = []
    while tokens and (_FIGURE.fullmatch(tokens[-1]) or _SIGN.fullmatch(tokens[-1])):
        figures += [tokens.pop()]
    figures = [figure for figure in figures if _FIGURE.fullmatch(figure)]
    label = " ".join(tokens)
    if len(figures) < FEWEST_FIGURES or not any(map(str.isalpha, label)) or tokens[-1].lower() in FUNCTION_WORDS:
        return None
    return None if all(map(_YEAR.fullmatch, figures)) or _RANGE.search(quote) else label


def row_cells(quote: str) -> tuple[str, ...]:
    """The cells of a row that are no figures: "Boats | 38500 | Lind" -> ("Boats", "Lind"); () without cells."""
    return tuple(cell for cell in _cells(quote) if not _FIGURE.fullmatch(cell.replace(" ", "")))


def _cells(quote: str) -> list[str]:
    if "\n" in quote.strip() or not _CELLS.search(quote):
        return []
    return [cell.strip() for cell in re.split(r"\||\t", quote) if cell.strip()]


def figure_columns(text: str, start: int, first: int = 0) -> str:
    """The column names and the unit of the row that begins at ``start``, from the lines above it, on one line.

    For example "Three Months Ended June 25, 2022 June 26, 2021 (in millions)"; "" where no line names columns.
    ``first`` is where the row's page begins. A row of percentages has no unit.
    """
    above = [line.strip() for line in text[first:start].split("\n")][-FARTHEST:]
    names: list[str] = []
    for line in reversed(above):
        if _names_columns(line):
            names.append(line)
        elif names and any(_TELLS.search(name) for name in names):
            break
        else:
            names = []
    if not any(_TELLS.search(name) for name in names):
        names = []
    title = " ".join(name for name in reversed(names) if not _UNIT.search(name) and re.search(r"\d|(?i:ended)", name))
    if not names:
        return ""
    row = text[start : text.find("\n", start) + 1 or len(text)]
    unit = "" if "%" in row else next(filter(None, map(_unit, reversed(above))), "")
    return f"{title} ({unit.lower()})".strip() if unit else title


def _unit(line: str) -> str:
    """The unit in a line that is in brackets or holds only column names; "" for prose, which may hold units too."""
    found = _UNIT.search(line) if line.startswith("(") or _names_columns(line) else None
    return found[0] if found else ""


def _names_columns(line: str) -> bool:
    """Whether a line holds only periods, dates and units."""
    words = [word.strip(".,()$%:").lower() for word in line.split()]
    return bool(words) and all(map(_COLUMN_WORD.fullmatch, words))
