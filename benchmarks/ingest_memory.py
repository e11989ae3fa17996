"""What an ingest of a folder takes, of memory and of time, and how soon it is cancelled: the program as a user runs it.

    python benchmarks/ingest_memory.py FOLDER... [--embedder multilingual] [--cancel 20 60]
    python benchmarks/ingest_memory.py --pages 10000 [--cancel 20 60]

``--pages`` makes a PDF of that many pages of a few lines each. Memory is that of `lectern ingest` with its readers,
each shared page counted for its share (PSS), looked at every 0.2 s. With ``--cancel`` it is begun anew for each of the
numbers, and `lectern jobs cancel`'s own call is made after as many seconds: how long until the process has ended?
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings
from index.store.library import Library

ROOT = Path(__file__).resolve().parent.parent
LOOK_S = 0.2
LINES = (
    "Inspection of pump {page} in hall {hall}: pressure {pressure} bar, temperature {page} degrees.",
    "The seal was changed by crew {hall}; the next visit is due in {pressure} weeks.",
    "Valve {page}.{hall} closes. Nothing else was found, and the log of the week before was signed.",
)


@dataclass
class Peaks:
    """The most memory at one moment, in bytes: of all processes, of the ingest itself, and of its readers."""

    all: int = 0
    ingest: int = 0
    readers: int = 0


def make_pdf(path: Path, pages: int) -> None:
    """A PDF of ``pages`` pages with LINES, each with figures of its own, written as it is: no library is in the way."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for page in range(1, pages + 1):
        told = (line.format(page=page, hall=page % 97, pressure=page % 13 + 2) for line in LINES)
        drawn = "BT /F 11 Tf 14 TL 50 780 Td " + " ".join(f"({line}) '" for line in told) + " ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> "
            f"/Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    kids = " ".join(f"{number} 0 R" for number in range(4, len(objects) + 1, 2))
    objects[1] = f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>"
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        places = []
        for number, content in enumerate(objects, 1):
            places.append(file.tell())
            file.write(f"{number} 0 obj\n{content}\nendobj\n".encode("ascii"))
        start = file.tell()
        file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode("ascii"))
        file.writelines(f"{place:010} 00000 n \n".encode("ascii") for place in places)
        file.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii"))


@contextmanager
def ingest(paths: list[Path], home: Path, embedder: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A running `lectern ingest`, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evaluate.program", "ingest", *map(str, paths)],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "LECTERN_HOME": str(home), "LECTERN_EMBEDDER": embedder, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def measured(process: "subprocess.Popen[bytes]") -> Peaks:
    """Waits for its end, and looks at its memory meanwhile."""
    peaks = Peaks()
    while process.poll() is None:
        own = _memory(process.pid)
        readers = sum(map(_memory, _descendants(process.pid)))
        peaks = Peaks(max(peaks.all, own + readers), max(peaks.ingest, own), max(peaks.readers, readers))
        time.sleep(LOOK_S)
    return peaks


def cancelled(paths: list[Path], home: Path, embedder: str, after: float) -> tuple[str, float]:
    """What it was at after that many seconds, and the seconds from the wish to its end."""
    with ingest(paths, home, embedder) as process:
        time.sleep(after)
        with Library.open(Settings(home=home)) as library:
            (job,) = library.jobs.all()
            at = job.progress
            wished = time.monotonic()
            library.jobs.cancel([job.id])
            process.wait()
            took = time.monotonic() - wished
    return f"page {at.page} of {at.pages}" if at.page else f"{at.share:.0%} embedded", took


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = [int(one) for one in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _memory(pid: int) -> int:
    """PSS in bytes; 0 where the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--embedder", default="bundled")
    parser.add_argument("--cancel", type=float, nargs="*", default=[])
    parser.add_argument("--only-cancel", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [path.absolute() for path in given.folders]
        if given.pages:
            paths.append(Path(folder, "long.pdf"))
            make_pdf(paths[-1], given.pages)
        if not given.only_cancel:
            home, started = Path(folder, "home"), time.monotonic()
            with ingest(paths, home, given.embedder) as process:
                peaks = measured(process)
            seconds = time.monotonic() - started
            with Library.open(Settings(home=home)) as library:
                counts = library.counts()
            print("| files | pages | chunks | s | files/s | pages/s | peak MB: all | the ingest | its readers |")
            print("|---|---|---|---|---|---|---|---|---|")
            speed = f"{counts.documents / seconds:.1f} | {counts.pages / seconds:.1f}"
            sizes = " | ".join(f"{size / 10**6:.0f}" for size in (peaks.all, peaks.ingest, peaks.readers))
            print(f"| {counts.documents} | {counts.pages} | {counts.chunks} | {seconds:.0f} | {speed} | {sizes} |")
        for number, after in enumerate(given.cancel):
            at, took = cancelled(paths, Path(folder, f"cancel{number}"), given.embedder, after)
            print(f"cancelled after {after:g} s, at {at}: its process ended {took:.2f} s later")


if __name__ == "__main__":
    main()
