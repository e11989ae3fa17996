"""What an answer from a whole table was computed of: the query, and its result as a table of texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableResult:
    """The result of a query over a table.

    ``told`` says what was computed in words, ``sql`` is the query as it ran. ``used`` of the ``count`` rows of the
    table went into it. ``columns`` and ``rows`` are what a person may save: the rows that answer, or those that were
    counted or summed, as they stand in the document; ``is_cut`` where there are more. ``file`` is the document's name.
    """

    told: str
    sql: str
    used: int
    count: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    file: str
    title: str = ""
    is_cut: bool = False
