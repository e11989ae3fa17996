"""Which machines this program is connected to at this moment, as Linux itself says (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

LISTENS, GOES = "0A", "01"
"""The states of a socket: it waits for others, or is connected (include/net/tcp_states.h)."""

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Connections:
    """``listening``: addresses with ports at which this program and its children can be reached. ``elsewhere``: those
    of other machines that they are connected to."""

    listening: tuple[str, ...]
    elsewhere: tuple[str, ...]


def connections() -> Connections | None:
    """Those of this process and all that it has started; None where the system does not tell (it is no Linux)."""
    if not (PROC / "self" / "net").is_dir():
        return None
    try:
        own = {inode for pid in _family() for inode in _sockets(pid)}
        rows = [row for name in ("tcp", "tcp6") for row in _rows(PROC / "self" / "net" / name) if row[3] in own]
    except OSError:
        return None
    listening = {_shown(local) for local, _far, state, _inode in rows if state == LISTENS}
    far = {_shown(far) for _local, far, state, _inode in rows if state == GOES and not _address(far).is_loopback}
    return Connections(tuple(sorted(listening)), tuple(sorted(far)))


def _family() -> list[int]:
    """This process and all below it."""
    parents: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents[int(folder.name)] = int(after_name[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return sorted(found)


def _sockets(pid: int) -> list[str]:
    """The inodes of the sockets that a process holds open."""
    found = []
    try:
        files = list((PROC / str(pid) / "fd").iterdir())
    except OSError:
        return []
    for file in files:
        try:
            target = str(file.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.append(target[8:-1])
    return found


def _rows(path: Path) -> list[tuple[str, str, str, str]]:
    """(own address, other address, state, inode) of each socket."""
    try:
        lines = path.read_text().splitlines()[1:]
    except FileNotFoundError:  # a system without IPv6
        return []
    fields = [line.split() for line in lines]
    return [(one[1], one[2], one[3], one[9]) for one in fields if len(one) > 9]


def _address(packed: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Of "0100007F:1F90"; the words of an address are in the machine's own order of bytes."""
    raw = bytes.fromhex(packed.partition(":")[0])
    words = [raw[at : at + 4][::-1] for at in range(0, len(raw), 4)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _shown(packed: str) -> str:
    return f"{_address(packed)}:{int(packed.partition(':')[2], 16)}"
