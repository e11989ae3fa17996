"""Watches the uploads of benchmarks/crowd.py, and the memory and number of its processes."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from benchmarks.crowd_client import Crowd


class Watch(threading.Thread):
    """Follows the uploads, as the page's sidebar does, and the memory of all processes."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(name="watch", daemon=True)
        self.crowd = crowd
        self.over = threading.Event()
        self.peak: Counter[str] = Counter()

    def run(self) -> None:
        from app.ui.markup.library import upload_line

        shown, since = "", time.monotonic()
        while not self.over.wait(0.5):
            state, now = self.crowd.workspace.jobs.state(), time.monotonic()
            seen = f"{upload_line(state)}, {state.share:.3f}, {len(state.outcomes)} told" if state.running else ""
            if seen != shown:
                if shown:
                    self.crowd.notes.unchanged(now - since, f"an upload, shown: {shown}")
                shown, since = seen, now
            self.settle()
            for name, megabytes in memory().items():
                self.peak[name] = max(self.peak[name], megabytes)

    def settle(self) -> None:
        """See which of the documents that were given are in, and which the page says are not."""
        uploads, documents, notes = self.crowd.workspace.jobs, self.crowd.documents, self.crowd.notes
        refused = {outcome.name for outcome in uploads.state().outcomes if outcome.failed}
        for fact in documents.those("waiting"):
            if self.crowd.workspace.library.has(fact.id):
                notes.took("from adding to being in", documents.change(fact.id, "in"))
            elif fact.name in refused:
                documents.change(fact.id, "refused")
        if uploads.state().left:
            notes.error(f"uploads: {uploads.state().error}")
            uploads.retry()


def memory() -> dict[str, int]:
    """Resident memory in MiB: of this process, of its engine and of all its other processes together."""
    sizes = {"this process": resident(os.getpid()), "the engine": 0, "all others": 0}
    for process in descendants():
        with suppress(OSError, IndexError):  # it ended meanwhile
            engine = b"generate.shared" in Path(f"/proc/{process}/cmdline").read_bytes()
            sizes["the engine" if engine else "all others"] += resident(process)
    return sizes


def resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def descendants() -> list[int]:
    """The ids of the processes that this one started, and of theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found
