"""What came of a job: what is noted of it beside its files, and the reports made of that."""

from __future__ import annotations

from typing import Any

from index.folder_changes import FolderChanges
from index.ingest_report import IngestReport
from index.store.job_queue import Job
from index.store.library import Library
from index.store.statements import Move


def report_of(library: Library, job: Job) -> IngestReport:
    """What came of a job: that of an ingest, without the files that it has not come to."""
    known = job.result
    return IngestReport(
        tuple(library.jobs.files(job.id)),
        known.get("seconds", 0.0),
        known.get("embedded", 0),
        job.state != "done",
        tuple(known.get("gone", ())),
        known.get("pruned", False),
    )


def changes_of(job: Job) -> FolderChanges:
    """What a sync found beside the files that it read."""
    known = job.result
    return FolderChanges(
        moved=tuple(Move(*move) for move in known.get("moved", ())),
        gone=known.get("gone_sources", {}),
        left_out=known.get("left_out", {}),
        unchanged=known.get("unchanged", 0),
    )


def ingest_result(report: IngestReport) -> dict[str, Any]:
    return {"seconds": report.seconds, "embedded": report.embedded, "gone": report.gone, "pruned": report.pruned}


def changes_result(changes: FolderChanges) -> dict[str, Any]:
    return {
        "moved": [(move.document_id, move.before, move.source, move.name) for move in changes.moved],
        "gone_sources": dict(changes.gone),
        "left_out": dict(changes.left_out),
        "unchanged": changes.unchanged,
    }
