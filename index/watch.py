"""Waits for changes in folders, so that a library can follow them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.errors import LecternError

LONGEST_S = 60.0
"""Seconds after its first change at which a folder that never comes to rest is read all the same."""

LOOK_MS = 200
"""Milliseconds between two looks whether the folders have come to rest."""


def settled(
    folders: Sequence[Path],
    settle_s: float,
    cancel: threading.Event,
    *,
    is_own: Callable[[Path], bool] = lambda _path: False,
    missing: Callable[[Path], None] = lambda _folder: None,
) -> Iterator[None]:
    """Yields at first and each time that something below the folders has changed and nothing more for ``settle_s``.

    Files for which ``is_own`` is true do not count. A folder that is not there, as where its drive is not connected, is
    told to ``missing`` and waited for. Ends where ``cancel`` is set. Raises LecternError where the system cannot watch.
    """
    while not cancel.is_set():
        if not _wait_for(folders, cancel, missing):
            return
        yield from _until_one_goes(folders, settle_s, cancel, is_own)


def _until_one_goes(
    folders: Sequence[Path], settle_s: float, cancel: threading.Event, is_own: Callable[[Path], bool]
) -> Iterator[None]:
    """As ``settled``, until one of the folders is not the one that it was.

    They are watched before it yields at first: what changes while that is worked on is not missed.
    """
    from watchfiles import watch

    before = [_identity(folder) for folder in folders]
    first = last = 0.0
    is_first = True
    try:
        looks = watch(
            *folders,
            watch_filter=lambda _change, path: not is_own(Path(path)),
            debounce=LOOK_MS,
            step=LOOK_MS // 4,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            stop_event=cancel,
            ignore_permission_denied=True,
        )
        for changes in looks:
            now = time.monotonic()
            if [_identity(folder) for folder in folders] != before:
                return
            if changes:
                first, last = first or now, now
            if is_first or (first and (now - last >= settle_s or now - first >= LONGEST_S)):
                is_first, first = False, 0.0
                yield
    except OSError as error:
        if all(folder.is_dir() for folder in folders):
            raise LecternError(
                f"the folders cannot be watched: {error}.",
                "Run `lectern sync` from time to time, or set WATCHFILES_FORCE_POLLING=1.",
            ) from error


def _wait_for(folders: Sequence[Path], cancel: threading.Event, missing: Callable[[Path], None]) -> bool:
    """Wait until all folders are there, each that is not told once; False where ``cancel`` was set meanwhile."""
    told: set[Path] = set()
    while not cancel.is_set():
        gone = [folder for folder in folders if not folder.is_dir()]
        if not gone:
            return True
        for folder in gone:
            if folder not in told:
                told.add(folder)
                missing(folder)
        cancel.wait(LOOK_MS / 1000)
    return False


def _identity(folder: Path) -> tuple[int, int] | None:
    """The folder's device and number; None where it is not there."""
    try:
        status = os.stat(folder)  # noqa: PTH116 - as it is, links followed
    except OSError:
        return None
    return status.st_dev, status.st_ino
