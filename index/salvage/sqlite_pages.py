"""Rows of a damaged SQLite file, read page by page without SQLite, which stops at the first damaged page.

The format is https://www.sqlite.org/fileformat2.html: all pages have one size; a table is a B-tree of pages, whose
leaves hold the rows; a row that is longer than a page continues in a chain of overflow pages; a write-ahead log holds
newer versions of pages. Nothing here raises for the content of the file: what cannot be read is skipped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC = b"SQLite format 3\0"
_LOG_MAGIC = (0x377F0682, 0x377F0683)
"""The first bytes of a write-ahead log; the second value: its checksums are over big-endian numbers."""

_LEAF, _INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 13, 5, 10, 2

_PAGE = 4096
"""Bytes of a page where the file's header is damaged: SQLite's default."""

_KEPT = 64
"""Pages kept in memory."""

MISSING: Final = object()
"""Stands for a value that could not be read."""

_FIXED = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Bytes of a value by its serial type, up to 11; 10 and 11 are not used."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is stored. ``values`` are None, int, float, str, bytes or MISSING; ``rowid`` is 0 in an index."""

    rowid: int
    values: tuple[object, ...]

    @property
    def is_whole(self) -> bool:
        return MISSING not in self.values


@dataclass(frozen=True, slots=True)
class Tree:
    """The pages that hold a table's or an index's rows, and whether every page of the tree could be read."""

    pages: tuple[int, ...]
    is_whole: bool


class Pages:
    """The pages of an SQLite file and of its write-ahead log, numbered from 1."""

    def __init__(self, file: BinaryIO, log: Path) -> None:
        self._file = file
        self._kept: dict[int, bytes] = {}
        header = self._read(0, 100)
        frames = _Log(log)
        self.size = _page_size(header) or frames.page_size or _PAGE
        self._usable = self.size - (header[20] if header[:16] == _MAGIC and header[20] < 64 else 0)
        self._log = frames
        self._newer = frames.pages(self.size)
        file.seek(0, 2)
        self.count = max(-(-file.tell() // self.size), *self._newer, 0)

    def page(self, number: int) -> bytes:
        """The newest version of a page; b"" where it does not exist or is damaged in the log."""
        found = self._kept.get(number)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[number] = self._page(number)
        return found

    def _page(self, number: int) -> bytes:
        if number in self._newer:
            return self._log.read(self._newer[number], self.size)
        found = self._read((number - 1) * self.size, self.size) if number > 0 else b""
        return found if len(found) == self.size else b""

    def _read(self, offset: int, length: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(length)

    def tree(self, root: int) -> Tree:
        """The pages with rows in the B-tree below the page ``root``, in order."""
        found: list[int] = []
        seen: set[int] = set()
        whole = True
        waiting = [root]
        while waiting:
            number = waiting.pop()
            kind = self.kind(number)
            if kind is None or number in seen:
                whole = False
                continue
            seen.add(number)
            if kind != _INTERIOR:
                found.append(number)
            if kind in (_INTERIOR, _INDEX_INTERIOR):
                children = self._children(number)
                whole = whole and None not in children
                waiting += [child for child in reversed(children) if child is not None]
        return Tree(tuple(found), whole)

    def kind(self, number: int) -> int | None:
        """The type of a B-tree page (its first byte); None for other pages."""
        page = self.page(number)
        start = 100 if number == 1 else 0
        if not page or page[start] not in (_LEAF, _INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR):
            return None
        return page[start]

    def has_rows(self, number: int) -> bool:
        """Whether a page holds rows of a table or entries of an index."""
        return self.kind(number) in (_LEAF, _INDEX_LEAF, _INDEX_INTERIOR)

    def is_of_rowids(self, number: int) -> bool:
        """Whether the rows of a page have a rowid; those of an index or of a WITHOUT ROWID table have none."""
        return self.kind(number) == _LEAF

    def _children(self, number: int) -> list[int | None]:
        page, start = self.page(number), 100 if number == 1 else 0
        found: list[int | None] = []
        for cell in self._cells(number):
            child = int.from_bytes(page[cell : cell + 4], "big") if cell is not None else 0
            found.append(child if 1 <= child <= self.count else None)
        last = int.from_bytes(page[start + 8 : start + 12], "big")
        return [*found, last if 1 <= last <= self.count else None]

    def _cells(self, number: int) -> list[int | None]:
        """The offsets of the cells of a page; None for an offset outside of the page."""
        page, start = self.page(number), 100 if number == 1 else 0
        head = start + (12 if page[start] in (_INTERIOR, _INDEX_INTERIOR) else 8)
        most = (self.size - head) // 2
        count = min(int.from_bytes(page[start + 3 : start + 5], "big"), most)
        offsets = struct.unpack_from(f">{count}H", page, head)
        return [offset if head + 2 * count <= offset < self.size - 3 else None for offset in offsets]

    def row_count(self, number: int) -> int:
        """The number of rows by the header of a page; 0 for a page without rows."""
        return len(self._cells(number)) if self.has_rows(number) else 0

    def row(self, number: int, place: int) -> Row | None:
        """The row at a position of a page, from 0; None where it cannot be read at all."""
        at = self._cells(number)[place]
        if at is None:
            return None
        page, kind = self.page(number), self.kind(number)
        length, at = _varint(page, at + 4 if kind == _INDEX_INTERIOR else at)
        rowid = 0
        if kind == _LEAF:
            rowid, at = _varint(page, at)
        if not 0 < length <= self.count * self.size:
            return None
        return Row(_signed(rowid, 8), _values(self._payload(page, at, length, kind == _LEAF), length))

    def _payload(self, page: bytes, at: int, length: int, is_table: bool) -> bytes:
        """The bytes of a row; only the first ones where its chain of overflow pages is broken."""
        usable = self._usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
        blocks, left = [page[at : at + local]], length - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        for _ in range(-(-left // (usable - 4))):
            further = self.page(following)
            if not further:
                break
            blocks.append(further[4 : 4 + min(left, usable - 4)])
            left -= usable - 4
            following = int.from_bytes(further[:4], "big")
        return b"".join(blocks)


def _page_size(header: bytes) -> int:
    """The page size by the file's header; 0 where the header is damaged."""
    size = int.from_bytes(header[16:18], "big")
    size = 65536 if size == 1 else size
    return size if header[:16] == _MAGIC and size >= 512 and not size & (size - 1) else 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer of 1 to 9 bytes at ``at``, and the offset after it."""
    value = 0
    for byte in data[at : at + 8]:
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at
    return (value << 8 | data[at] if at < len(data) else 0), at + 1


def _signed(value: int, size: int) -> int:
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def _values(payload: bytes, length: int) -> tuple[object, ...]:
    """The values of a row of ``length`` bytes, of which the first ``len(payload)`` could be read."""
    head, at = _varint(payload, 0)
    if not at <= head <= len(payload):
        return ()
    types = []
    while at < head:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[object] = []
    for kind in types:
        size = _FIXED.get(kind, (kind - 12) // 2)
        data = payload[at : at + size]
        values.append(_value(kind, data) if size >= 0 and at + size <= min(length, len(payload)) else MISSING)
        at += max(size, 0)
    return tuple(values)


def _value(kind: int, data: bytes) -> object:
    if kind == 0:
        return None
    if kind <= 6:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        return struct.unpack(">d", data)[0]
    if kind in (8, 9):
        return kind - 8
    if kind % 2 == 0:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return MISSING


class _Log:
    """A write-ahead log.

    A frame's checksum continues from the one stored in the frame before: the frames after a damaged one can still be
    checked.
    """

    _HEADER, _FRAME = 32, 24

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes() if path.is_file() else b""
        header = self._data[: self._HEADER]
        self._order = ">" if header[:4] == _LOG_MAGIC[1].to_bytes(4, "big") else "<"
        known = header[:4] in {magic.to_bytes(4, "big") for magic in _LOG_MAGIC}
        size = int.from_bytes(header[8:12], "big")
        self.page_size = size if known and 512 <= size <= 65536 and not size & (size - 1) else 0

    def read(self, offset: int, size: int) -> bytes:
        return self._data[offset : offset + size] if offset else b""

    def pages(self, size: int) -> dict[int, int]:
        """The offset of the newest committed version of each page; damaged ones are left out."""
        found: dict[int, int] = {}
        waiting: dict[int, int] = {}
        step = self._FRAME + size
        header, before = self._data[:24], self._data[24:32]
        salts = self._data[16:24]
        if len(before) < 8 or self._checksum(header, bytes(8)) != before:  # damaged itself
            salts = self._data[self._HEADER + 8 : self._HEADER + 16]
        for at in range(self._HEADER, len(self._data) - step + 1, step):
            number, commit = struct.unpack_from(">II", self._data, at)
            after = self._data[at + 16 : at + 24]
            head, page = self._data[at : at + 8], self._data[at + self._FRAME : at + step]
            if self._data[at + 8 : at + 16] != salts:  # of an earlier round: the log keeps it until it is overwritten
                before = after
                continue
            whole = self._checksum(head + page, before) == after
            before = after
            waiting[number] = at + self._FRAME if whole else 0
            if commit and whole:
                found |= waiting
                waiting = {}
        return {number: at for number, at in found.items() if number}

    def _checksum(self, data: bytes, before: bytes) -> bytes:
        first, second = struct.unpack(">II", before)
        numbers = struct.unpack(f"{self._order}{len(data) // 4}I", data)
        for even, odd in zip(numbers[::2], numbers[1::2], strict=True):
            first = (first + even + second) & 0xFFFFFFFF
            second = (second + odd + first) & 0xFFFFFFFF
        return struct.pack(">II", first, second)
