"""A library follows folders on the disk: what was added, changed, moved and deleted there becomes so in it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Unpack

from core.protocols import Embedder
from core.settings import Settings
from index.build import Course, take_in
from index.folder_changes import FolderChanges
from index.ingest_report import IngestReport
from index.store.library import Library


def sync(
    changes: FolderChanges,
    library: Library,
    embedder: Embedder,
    settings: Settings,
    **course: Unpack[Course],
) -> IngestReport:
    """Carry out what ``index.folder_changes.find_changes`` found.

    Moved documents keep their tags and are called by their new place. Documents whose files are gone, or that a
    .lecternignore names, are taken out last, and can be brought back until the next ingest. What a killed or cancelled
    run did not reach is a change for the next one. Raises as ``index.build.ingest``.
    """
    library.bind_embedder(embedder)
    if not course.get("before"):
        library.forget_replaced_versions(keep=changes.digests)  # what was taken out may be there again
    cancel = course.setdefault("cancel", threading.Event())
    if changes.moved:
        library.move_sources(changes.moved)
    files = sorted((*changes.added, *changes.changed), key=lambda found: found.path)
    report = take_in(files, library, embedder, settings, **course)
    gone = {**changes.gone, **changes.left_out}
    if not gone or cancel.is_set():
        return report
    library.drop_sources(gone)
    return replace(report, gone=tuple(gone.values()), pruned=True)
