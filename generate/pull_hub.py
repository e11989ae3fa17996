"""A file from the model hub, by a process of its own (`generate.hub_child`) that has the person's environment.

This process keeps away from the hub, and huggingface_hub reads its variables once, when it is imported.
"""

import json
import sys
import threading
from pathlib import Path

from core.hub import environment_with_hub
from generate.download import REPORTED, Progress, SourceBusy, SourceFailed, Step, Wait, WrongBytes, patiently, run_child
from generate.model_card import HubSource, ModelCard

KINDS: dict[str, type[SourceFailed]] = {"busy": SourceBusy, "wrong": WrongBytes, "failed": SourceFailed}


def pull_from_hub(
    card: ModelCard, source: HubSource, place: Path, progress: Progress, cancel: threading.Event, wait: Wait
) -> Path:
    """Fetch the file into ``place``, going on with what is there. Raises SourceFailed and Cancelled."""
    part = place / "file.part"

    def come() -> int:
        return part.stat().st_size if part.exists() else 0

    def attempt() -> None:
        _run(card, source, part, progress, cancel)

    if come() > card.bytes:
        part.unlink()
    patiently(attempt, come, wait, cancel)
    return part


def _run(card: ModelCard, source: HubSource, part: Path, progress: Progress, cancel: threading.Event) -> None:
    wanted = {
        "repository": source.repository,
        "revision": source.revision,
        "file": source.file,
        "bytes": card.bytes,
        "part": str(part),
    }
    environment = environment_with_hub() | {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-m", "generate.hub_child", json.dumps(wanted)]
    output = run_child(
        command,
        environment,
        part.parent,
        lambda done, _: progress(Step(done, card.bytes, f"from {source}")),
        cancel,
    )
    if output.code == 0:
        return
    last = next((line for line in reversed(output.lines) if line.startswith(REPORTED)), "")
    if not last:
        raise SourceFailed(output.lines[-1] if output.lines else "it ended without a word")
    kind, clause = json.loads(last.removeprefix(REPORTED))
    raise KINDS[kind](clause)
