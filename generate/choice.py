"""Which model answers where the person chose none: the catalogue's `standard`, or `tiny` and why."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generate.download import in_words
from generate.model_card import ModelCard

AUTO = "auto"
"""Means in the settings: `STANDARD` where it can be used, else `TINY`."""

STANDARD, TINY = "standard", "tiny"

MEMORY = 4_000_000_000
"""Bytes that are to be free before `STANDARD` is fetched or loaded without the person's asking: it takes about half of
them while it answers, and other programs want theirs."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that answers. ``notice`` is one line that says why it is not `STANDARD` and what to do about it, ""
    where it is, or where the person chose."""

    card: ModelCard
    notice: str = ""


def why_not(standard: ModelCard) -> str:
    """Why `STANDARD` does not answer by itself, in one line with what to do; "" where it does."""
    if standard.path is None:
        size = in_words(standard.bytes)
        return (
            f"tiny answers; {standard.called} reads better and is not on this machine. "
            f"Fetch it ({size}): lectern models pull {standard.called}"
        )
    if lacks_memory(standard):
        return f"tiny answers; {lacks_memory(standard)} To use it all the same: lectern models use {standard.called}"
    return ""


def lacks_memory(standard: ModelCard) -> str:
    """A sentence where the machine has too little free memory for `STANDARD`, else "".

    Where a process has mapped its file, it runs already, and what it takes is no longer free.
    """
    free = free_memory()
    if free is None or free >= MEMORY or (standard.path and _is_mapped(standard.path)):
        return ""
    return f"{standard.called} needs {in_words(MEMORY)} of free memory, and {in_words(free)} are free."


def free_memory(machine: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that programs can still take, in a container those of its limit; None where the system does not say."""
    free: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        line = next(line for line in machine.read_text().splitlines() if line.startswith("MemAvailable:"))
        free.append(int(line.split()[1]) * 1024)
    with suppress(OSError, ValueError):  # no container, or "max": no limit
        limit, taken = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        cached = int(stat.get("inactive_file", 0)) + int(stat.get("active_file", 0))  # given back when it is needed
        free.append(max(0, limit - taken + cached))
    return min(free, default=None)


def _is_mapped(file: Path) -> bool:
    """Whether a process of this user has the file in its memory; False where there is no /proc."""
    name = str(file.resolve())
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if process.stat().st_uid == os.getuid() and name in (process / "maps").read_text():
                return True
    return False
