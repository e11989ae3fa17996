"""Read every file of folders of strange files, as `lectern ingest` does, and print what became of them.

    python benchmarks/corpora.py FOLDER... [--show] [--recognize]

A line per folder: files, files in, explained by reason (encrypted, truncated, empty, not a document, format not
supported), crashed, hung, those whose reader took over 1 GB, seconds, and the readers' peak memory. Then each file that
crashed, hung or took too much, and the formats that are not supported, named and counted. --show prints every file's
reason; --recognize has the text of scanned pages and images recognized at once. The exit code is 1 where a file
crashed, hung or took over 1 GB.
"""

import argparse
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import DamagedFile, EmptyFile, EncryptedFile, ReaderKilled, ReadError, UnsupportedFile
from core.settings import load_settings
from ingest.child import ReaderPool
from ingest.folder import find_files

LIMIT = 10**9
"""Bytes that a reader may take."""

REASONS = ("encrypted", "truncated", "empty", "not a document", "format not supported")
_ENDS = {b"%PDF": b"%%EOF", b"PK\x03\x04": b"PK\x05\x06"}


@dataclass
class Tally:
    files: int = 0
    read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    crashed: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    large: list[str] = field(default_factory=list)
    peak: int = 0
    seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--recognize", action="store_true")
    given = parser.parse_args()
    tallies = {folder: _tally(folder, show=given.show, recognize=given.recognize) for folder in given.folders}
    print(f"| folder | files | in | {' | '.join(REASONS)} | crashed | hung | over 1 GB | s | peak MB |")
    print("|---" * (len(REASONS) + 8) + "|")
    for folder, tally in tallies.items():
        reasons = " | ".join(str(tally.reasons[reason]) for reason in REASONS)
        bad = f"{len(tally.crashed)} | {len(tally.hung)} | {len(tally.large)}"
        print(
            f"| {folder.name} | {tally.files} | {tally.read} | {reasons} | {bad} "
            f"| {tally.seconds:.0f} | {tally.peak / 10**6:.0f} |"
        )
    for tally in tallies.values():
        for what, names in (("crashed", tally.crashed), ("hung", tally.hung), ("over 1 GB", tally.large)):
            for name in names:
                print(f"{what}: {name}")
        for name, count in tally.formats.most_common():
            print(f"format not supported: {name}: {count}")
    sys.exit(any(tally.crashed or tally.hung or tally.large for tally in tallies.values()))


def _tally(folder: Path, *, show: bool, recognize: bool) -> Tally:
    """What became of the files below ``folder``."""
    tally = Tally()
    began = time.monotonic()
    with ReaderPool(load_settings(), recognizing=recognize) as pool:
        for found in find_files([folder]):
            tally.files += 1
            try:
                if found.problem is not None:
                    raise found.problem
                pool.read(found.path)
                tally.read += 1
            except ReaderKilled as error:
                (tally.hung if "took longer" in error.message else tally.crashed).append(error.message)
            except ReadError as error:
                reason = _reason(error, found.path)
                tally.reasons[reason] += 1
                if reason == REASONS[-1]:
                    tally.formats[re.sub(r"^.*? is (?=an? |[A-Z])|, which.*$", "", error.message)] += 1
                if show:
                    print(f"{reason}: {error.message}")
            peak = _peak(pool.pid)
            tally.peak = max(tally.peak, peak)
            if peak > LIMIT:
                tally.large.append(f"{found.path.name}: {peak / 10**6:.0f} MB")
                pool.close()  # the next file is measured anew
    tally.seconds = time.monotonic() - began
    return tally


def _reason(error: ReadError, path: Path) -> str:
    """Which of the closed list of reasons an error is."""
    if isinstance(error, EncryptedFile):
        return "encrypted"
    if isinstance(error, EmptyFile):
        return "empty"
    if isinstance(error, UnsupportedFile):
        return "not a document" if "not text" in error.message else "format not supported"
    return "truncated" if isinstance(error, DamagedFile) and _is_cut(path) else "not a document"


def _is_cut(path: Path) -> bool:
    """Whether a file lacks the end that its kind has."""
    data = path.read_bytes()
    ends = [end for begin, end in _ENDS.items() if begin in data[:1024]]
    return any(end not in data[-2048:] for end in ends)


def _peak(pid: int | None) -> int:
    """The most memory that a process has had so far, in bytes; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) * 1024 if match else 0


if __name__ == "__main__":
    main()
