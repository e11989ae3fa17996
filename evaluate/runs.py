"""A run of an evaluation: what was measured with what, and one line for every question that is done.

    HOME/evaluation/runs/<id>/record.json   settings, models, data, versions, machine: what it takes to repeat it
                              rows.jsonl    append-only, a line a question; what an interrupted run goes on from
                              results.json  the numbers, once it has come to its end

The id comes from all that the numbers depend on, program text included, so that rows of another state of things
are never taken for this one's.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.files import write_atomically
from core.settings import Settings
from index.search.parameters import DEFAULTS, SearchParameters

Row = dict[str, Any]

PACKAGES = (
    "lectern", "faiss-cpu", "ir-measures", "langchain-text-splitters", "llama-cpp-python", "numpy", "pypdfium2",
    "rouge-score", "sacrebleu", "sentence-transformers", "tokenizers", "torch", "transformers",
)  # fmt: skip
"""Packages whose version can change a number."""
FOLDERS = ("app", "core", "evaluate", "generate", "index", "ingest", "prompts")
ROOT = Path(__file__).parent.parent
NOT_MEASURED = frozenset({"home", "library", "telemetry", "threads"})
"""Settings that say where or how fast, not what."""


@dataclass
class Run:
    """One run in its folder; ``rows`` holds the questions that are done, by id."""

    folder: Path
    record: Mapping[str, Any]
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.folder.name

    @classmethod
    def start(cls, home: Path, record: Mapping[str, Any], *, fresh: bool = False) -> "Run":
        """Go on with an interrupted run of this record, or begin one where none was or the last came to its end.

        ``record`` holds "identity", which alone decides what counts as the same run; ``fresh`` begins anew always.
        """
        folder = runs_dir(home) / _short_hash(record["identity"])
        lines = folder / "rows.jsonl"
        if fresh or (folder / "results.json").exists():
            lines.unlink(missing_ok=True)
            (folder / "results.json").unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder, {**record, "run": folder.name}, {row["id"]: row for row in whole_rows(lines)})
        if not run.rows:
            write_json(folder / "record.json", run.record)
        return run

    @classmethod
    def load(cls, home: Path, run_id: str) -> "Run":
        """A run that came to its end, by its id or the beginning of it. Raises UsageError where there is none."""
        found = [path.parent for path in runs_dir(home).glob(f"{run_id}*/results.json")] if run_id.isalnum() else []
        if len(found) != 1:
            many = "more than one finished run" if found else "no finished run"
            raise UsageError(f"There is {many} '{run_id}'.", "`lectern eval runs` lists them.")
        record = json.loads((found[0] / "record.json").read_text(encoding="utf-8"))
        return cls(found[0], record, {row["id"]: row for row in whole_rows(found[0] / "rows.jsonl")})

    def add(self, row: Row) -> None:
        """Keep what was found out about one question; it survives whatever happens next."""
        with (self.folder / "rows.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.rows[row["id"]] = row

    def finish(self, results: Mapping[str, Any]) -> None:
        """Mark the run as done; the next one of the same record begins anew."""
        write_json(self.folder / "results.json", results)


def finished(home: Path) -> list[Run]:
    """The runs that came to their end, newest first."""
    folders = sorted(runs_dir(home).glob("*/results.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [Run.load(home, path.parent.name) for path in folders]


def runs_dir(home: Path) -> Path:
    return home / "evaluation" / "runs"


def make_record(
    command: str,
    settings: Settings,
    data: Mapping[str, Any],
    models: Mapping[str, str],
    options: Mapping[str, Any],
    parameters: SearchParameters = DEFAULTS,
) -> dict[str, Any]:
    """All that it takes to repeat a run; "identity" is the part that its numbers depend on.

    Its "settings" hold the search's parameters too.
    """
    measured = {k: v for k, v in settings.model_dump(mode="json").items() if k not in NOT_MEASURED}
    identity = {
        "command": command,
        "data": dict(data),
        "options": dict(options),
        "settings": measured | asdict(parameters),
        "models": dict(models),
        "versions": versions(),
        "program": program_digest(FOLDERS),
    }
    return {"identity": identity, "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "machine": machine(settings)}


def versions() -> dict[str, str]:
    """Versions of the packages that can change a number; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine(settings: Settings) -> dict[str, Any]:
    """What timings depend on."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "threads": settings.threads,
        "system": platform.platform(),
    }


def program_digest(folders: Iterable[str], leave_out: Iterable[str] = ()) -> str:
    """SHA-256 over the program's own files in ``folders``, without those whose paths begin as ``leave_out`` says."""
    digest, skipped = hashlib.sha256(), tuple(leave_out)
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in {".py", ".yaml"} and not name.startswith(skipped):
                digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def whole_rows(path: Path) -> list[Row]:
    """The rows of a file, after cutting off a last line that a killed process left unfinished.

    Raises ValueError where a whole line is no JSON; the file is then as it was.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    # split, not splitlines: a text may hold U+2028 and the like, which end no line of the file.
    rows = [json.loads(line) for line in whole.decode("utf-8").split("\n") if line]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return rows


def write_json(path: Path, value: object) -> None:
    """Write a JSON file in one step: it is there whole or not at all."""
    write_atomically(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def _short_hash(value: object) -> str:
    """12 hex digits: 48 bits, so that even a million runs rarely share one."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
