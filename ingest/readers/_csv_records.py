"""Records of a CSV file, also where a quotation mark is never closed: it costs its own row and swallows no other."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from ingest.readers._rows import Row

WHOLE_SHARE = 0.7
"""Of the lines within one record that are whole records by themselves: a quoted text of several lines has no such."""

MOST_MENDED = 1000
"""Rows with a mark that is never closed; in a file of more, the mark means something else."""

_QUOTE = '"'


class Records:
    """The records of a text; ``mended`` are the numbers of those, from 1, whose mark was taken as it stands."""

    def __init__(self, text: str, delimiter: str, width: int) -> None:
        """``width`` is the usual number of fields."""
        self.mended: list[int] = []
        self._lines = list(io.StringIO(text, newline=""))
        self._delimiter = delimiter
        self._width = width

    def __iter__(self) -> Iterator[Row]:
        at = number = 0
        while at < len(self._lines):
            reader = csv.reader(islice(self._lines, at, None), delimiter=self._delimiter)
            first = at
            for row in reader:
                number += 1
                end = first + reader.line_num
                if end - at > 1 and len(self.mended) < MOST_MENDED and self._is_open(at, end):
                    self.mended.append(number)
                    yield self._without_mark(self._lines[at])
                    at += 1
                    break
                yield row
                at = end

    def _is_open(self, at: int, end: int) -> bool:
        """Whether a record of several lines is one only for a mark that is never closed."""
        marks = sum(line.count(_QUOTE) for line in self._lines[at:end])
        if end == len(self._lines) and marks % 2:
            return True
        inner = self._lines[at + 1 : end - 1]
        whole = sum(self._fields(line) == self._width for line in inner)
        return self._width > 1 and bool(inner) and whole >= WHOLE_SHARE * len(inner)

    def _fields(self, line: str) -> int:
        """The number of fields of a line by itself; 0 where a mark in it is not closed."""
        return 0 if line.count(_QUOTE) % 2 else len(self._parsed(line))

    def _without_mark(self, line: str) -> Row:
        """The fields of a line without the one mark that makes it a record of the usual width; with it as it stands."""
        for at in reversed([at for at, sign in enumerate(line) if sign == _QUOTE][:20]):
            fields = self._parsed(line[:at] + line[at + 1 :])
            if len(fields) == self._width:
                return fields
        return next(csv.reader([line], delimiter=self._delimiter, quoting=csv.QUOTE_NONE), [])

    def _parsed(self, line: str) -> Sequence[str]:
        return next(csv.reader([line], delimiter=self._delimiter), [])
