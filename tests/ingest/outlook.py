"""Outlook's mail files (MSG), made from their properties: MS-OXMSG within a compound file (MS-CFB)."""

import struct
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

SUBJECT, BODY, SENDER_NAME, SENDER_EMAIL, SENT = 0x0037, 0x1000, 0x0C1A, 0x0C1F, 0x0039
HEADERS = 0x007D
NAME, EMAIL, FILE_NAME, FILE_DATA, HTML = 0x3001, 0x39FE, 0x3707, 0x3701, 0x1013

_SECTOR, _SMALL = 512, 64
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

Properties = Mapping[int, "str | bytes | int | Properties"]  # type: ignore[misc]
"""Property id -> text, bytes, a time in 100 ns since 1601, or the properties of a mail inside."""
Entry = tuple[str, bytes | list["Entry"]]  # type: ignore[misc]
"""A stream, or a storage of entries."""


def write_msg(
    path: Path, mail: Properties, recipients: list[Properties] | None = None, attached: list[Properties] | None = None
) -> Path:
    """A mail file with these properties, of no more than some kilobytes."""
    storages = [(f"__recip_version1.0_#{n:08X}", _storage(one, 8)) for n, one in enumerate(recipients or [])]
    storages += [(f"__attach_version1.0_#{n:08X}", _storage(one, 8)) for n, one in enumerate(attached or [])]
    path.write_bytes(compound([*_storage(mail, 32), *storages]))
    return path


def _storage(properties: Properties, head: int) -> list[Entry]:
    """The streams of a storage, first the list of its properties behind ``head`` bytes."""
    listed, streams = b"\0" * head, list[Entry]()
    for key, value in properties.items():
        if isinstance(value, Mapping):
            streams.append((f"__substg1.0_{key:04X}000D", _storage(value, 24)))
            listed += struct.pack("<HHIII", 0x000D, key, 6, 0xFFFFFFFF, 1)
            continue
        kind = 0x001F if isinstance(value, str) else 0x0102 if isinstance(value, bytes) else 0x0040
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        if isinstance(data, bytes):
            streams.append((f"__substg1.0_{key:04X}{kind:04X}", data))
            listed += struct.pack("<HHIII", kind, key, 6, len(data), 0)
        else:
            listed += struct.pack("<HHIQ", kind, key, 6, data)
    return [("__properties_version1.0", listed), *streams]


def compound(entries: list[Entry]) -> bytes:
    """A compound file in which all streams lie in the stream of small ones."""
    small, chains = b"", list[int]()
    rows: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, 0, 0]]  # name, kind, next, child, start, size

    def add(inside: list[Entry]) -> int:
        nonlocal small
        first = len(rows)
        places = []
        for name, what in inside:
            places.append(len(rows))
            if isinstance(what, bytes):
                start = len(small) // _SMALL if what else _END
                size = -(-len(what) // _SMALL)
                chains.extend([*range(len(chains) + 1, len(chains) + size), _END][:size])
                small += what.ljust(size * _SMALL, b"\0")
                rows.append([name, 2, _FREE, _FREE, start, len(what)])
            else:
                rows.append([name, 1, _FREE, _FREE, 0, 0])
                rows[places[-1]][3] = add(what)
        for one, other in pairwise(places):
            rows[one][2] = other
        return first

    rows[0][3] = add(entries)
    blocks = [
        b"",  # the directory, once all of it is known
        b"".join(struct.pack("<I", one) for one in chains),
        small,
    ]
    sizes = [-(-128 * len(rows) // _SECTOR), -(-len(blocks[1]) // _SECTOR), -(-len(small) // _SECTOR)]
    starts = [1, 1 + sizes[0], 1 + sizes[0] + sizes[1]]
    rows[0][4:] = [starts[2], len(small)]
    blocks[0] = b"".join(_directory_entry(*row) for row in rows)  # type: ignore[arg-type]
    table = [_TABLE]
    for start, size in zip(starts, sizes, strict=True):
        table += [*range(start + 1, start + size), _END]
    assert len(table) <= _SECTOR // 4, "one sector of the table holds them"
    table += [_FREE] * (_SECTOR // 4 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, starts[0], 0, 4096, starts[1], sizes[1], _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    padded = [block.ljust(size * _SECTOR, b"\0") for block, size in zip(blocks, sizes, strict=True)]
    return head + struct.pack(f"<{len(table)}I", *table) + b"".join(padded)


def _directory_entry(name: str, kind: int, following: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\0") + struct.pack("<HBBIII", len(written) + 2, kind, 1, _FREE, following, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)
