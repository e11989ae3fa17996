"""Which rows of a grid of cells name its columns, and where on a sheet one table ends and the next begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.tables.grid import Span, is_figure
from ingest.tables.numbers import is_none
from ingest.tables.units import scale_in
from ingest.tables.vocabulary import time_spans

MOST_HEADS = 4
"""Rows that name columns: a title over groups of groups is rare, data that looks like names is not."""

LOOKED_AT = 31
"""Rows that are looked at, from the first that may name columns."""

FILLED_SHARE = 0.6
"""Of the usual number of filled cells: the row of names names most columns, lines above it have two or three."""

_PERIOD = re.compile(
    r"^(?:FY|CY)?\s?(?:19|20)\d\d(?:\s?[-/–]\s?\d{2,4})?$|^[QHT][1-4](?:\s?['’]?\d{2,4})?$", re.IGNORECASE
)

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Region:
    """Rows ``first`` to ``last`` (exclusive) of a sheet: a table, of which ``heads`` name columns; or lines."""

    first: int
    last: int
    heads: int


def regions(rows: Sequence[Row]) -> list[Region]:
    """The tables on a sheet and the lines around them, in order, all rows within one of them.

    A table begins with a row of names: below a blank row, or where names stand in columns that held figures.
    """
    starts = [at for at in range(len(rows)) if _begins_table(rows, at)]
    found: list[Region] = []
    if not starts or starts[0] > 0:
        found.append(Region(0, starts[0] if starts else len(rows), 0))
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(rows)
        found.append(Region(start, end, head_rows(rows[start:end])))
    return [region for region in found if any(map(_filled, rows[region.first : region.last]))]


def _begins_table(rows: Sequence[Row], at: int) -> bool:
    """Whether the names of a table's columns begin at row ``at``."""
    if not _heads_at(rows, at):
        return False
    above = next((number for number in range(at - 1, -1, -1) if _filled(rows[number])), None)
    if above is None:
        return True
    if above == at - 1 and _heads_at(rows, above) > 1:
        return False  # the second of two rows of names
    fewer = len(_filled(rows[above])) < FILLED_SHARE * len(_filled(rows[at]))
    if above == at - 1:
        return fewer or _figures_end(rows[above], rows[at])
    return fewer or _names_figures(rows, at) or _places(rows[above]) != _places(rows[at])


def _figures_end(above: Row, names: Row) -> bool:
    """Whether words stand in each of several columns in which the row above has figures."""
    figures = {at for at in _places(above) if is_figure(above[at].strip())}
    return len(figures) > 1 and figures <= _places(names) and not any(is_figure(names[at].strip()) for at in figures)


def _names_figures(rows: Sequence[Row], at: int) -> bool:
    """Whether a column that row ``at`` names holds figures in the row below its names."""
    first = at + _heads_at(rows, at)
    below = next((row for row in rows[first : first + LOOKED_AT] if _filled(row)), ())
    return any(is_figure(cell.strip()) for place, cell in enumerate(below) if place in _places(rows[at]))


def _heads_at(rows: Sequence[Row], at: int) -> int:
    return head_rows(rows[at : at + LOOKED_AT])


def head_rows(rows: Sequence[Row]) -> int:
    """How many of the first rows name the columns; 0 where the first one does not. LOOKED_AT rows are enough."""
    if not rows or not _is_names(rows[0]):
        return 0
    below = [row for row in rows[1:LOOKED_AT] if _filled(row)]
    if not below:
        return 0
    counts = sorted(len(_filled(row)) for row in below)
    usual = counts[len(counts) // 2]
    heads = 1
    # A row of groups has fewer cells than the names below it.
    while heads < min(MOST_HEADS, len(rows) - 1) and _is_group(rows[heads - 1], rows[heads]) and _is_names(rows[heads]):
        heads += 1
    names = {at for row in rows[:heads] for at, cell in enumerate(row) if cell.strip()}
    if len(names) < max(2, FILLED_SHARE * usual):
        return 0
    return heads if heads < len(rows) and any(_filled(row) for row in rows[heads:]) else 0


def guessed_heads(rows: Sequence[Row]) -> int:
    """As `head_rows`, for tables of a text, which also lay out pairs: two columns without a figure name nothing."""
    heads = head_rows(rows)
    if heads and max(map(len, rows)) < 3:
        seconds = [row[1].strip() for row in rows[heads:] if len(row) > 1 and row[1].strip()]
        return heads if sum(map(is_figure, seconds)) > len(seconds) / 2 else 0
    return heads


def plain_heads(rows: Sequence[Row]) -> int:
    """As `head_rows`, for tables that name columns in plain cells, a banner over several in one of them: the rows above
    the first figure that is no period. 0 where there is none within the first rows, or where no column is named."""
    heads, named = 0, False
    for at, row in enumerate(rows):
        others = [cell.strip() for cell in row[1:] if cell.strip()]
        if any(map(_is_datum, others)):
            return heads if named else 0
        if at == MOST_HEADS or (named and not others):
            break
        heads, named = at + 1, named or bool(others)
    below = [cell.strip() for row in rows[heads : heads + 3] for cell in row[1:] if cell.strip()]
    return heads if named and any(map(_is_datum, below)) else 0


def banners(rows: Sequence[list[str]], heads: int) -> list[Span]:
    """What the cells of the ``heads`` first rows cover, where the file does not say: all up to the next one; of a row
    with a single cell that tells a period or a unit, all columns. Such a cell is moved to the first of them."""
    width = max(map(len, rows))
    found: list[Span] = []
    for at, row in enumerate(rows[:heads]):
        row += [""] * (width - len(row))
        places = [place for place in sorted(_places(row)) if place]
        if len(places) == 1 and heads > 1 and _holds_for_all(row[places[0]]):
            row[1:], places = [row[places[0]], *[""] * (len(row) - 2)], [1]
            found.append(Span(at, 1, 1, width - 1))
        elif places and at < heads - 1:
            ends = [*places[1:], width]
            found += [Span(at, place, 1, end - place) for place, end in zip(places, ends, strict=True)]
    return [span for span in found if span.columns > 1]


def _holds_for_all(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return scale_in(text) is not None or any(map(str.isdigit, text)) or any(word in time_spans() for word in words)


def _is_datum(text: str) -> bool:
    return is_none(text) or (is_figure(text) and not _PERIOD.match(text))


def _is_names(row: Row) -> bool:
    """Whether a row may name columns: words, or years and quarters, in more than one cell."""
    cells = _filled(row)
    return len(cells) > 1 and not any(is_figure(cell) and not _PERIOD.match(cell) for cell in cells)


def _is_group(above: Row, names: Row) -> bool:
    """Whether ``above`` holds groups of the columns that ``names`` names: it leaves out what they repeat."""
    filled_above, filled = _places(above), _places(names)
    figures_below = any(_PERIOD.match(names[at].strip()) for at in filled)
    return (
        len(filled_above) < len(filled)
        and (len(filled - filled_above) > 0 or figures_below)
        and _is_wider(above, names)
    )


def _is_wider(above: Row, names: Row) -> bool:
    """Whether each gap of ``above`` follows one of its cells, as the rest of a merged one does; where each of several
    cells is followed by one, the names of labels may stand before the first."""
    places = sorted(_places(above))
    gaps = _places(names) - set(places)
    if len(places) > 1 and all(place + 1 in gaps for place in places[:-1]):
        return True
    return bool(places) and all(gap > places[0] for gap in gaps)


def _filled(row: Row) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _places(row: Row) -> set[int]:
    return {at for at, cell in enumerate(row) if cell.strip()}
