"""How fast a model is on this machine: measured once (`lectern models bench`), kept, and used from then on."""

import json
import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import LecternError
from core.files import write_atomically
from core.settings import Settings
from generate.threads import physical_cores

QUESTION_TOKENS, ANSWER_TOKENS = 260, 40
"""A typical question with the three sentences that may answer it, and its answer; the best threads are best for it."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second that a model reads and writes with so many ``threads``; seconds to load it, with the file in the
    system's memory; ``memory_mb`` of its process while it answers, the mapped file included, 0 where not known.
    """

    threads: int
    read: float
    write: float
    load_s: float
    memory_mb: int

    def first_word_s(self, tokens: int = QUESTION_TOKENS) -> float:
        """Seconds until the first word of an answer to a prompt of ``tokens``, none of them read before."""
        return tokens / self.read

    def answer_s(self) -> float:
        """Seconds for a typical question and its answer."""
        return self.first_word_s() + ANSWER_TOKENS / self.write


def measured_speed(settings: Settings) -> Speed | None:
    """What was measured of the settings' model on this machine; None where nothing was."""
    from generate.catalogue import find

    with suppress(LecternError):
        path = find(settings).path
        return known_speed(settings, path) if path else None
    return None


def known_speed(settings: Settings, path: Path) -> Speed | None:
    """What was measured of the model file at ``path`` on this machine; None where nothing was."""
    with suppress(OSError, KeyError, TypeError, ValueError):  # never measured, or a damaged file
        return Speed(**_kept(settings)[_key(path)])
    return None


def best_threads(settings: Settings, path: Path) -> int:
    """The threads that the settings name, else those that were measured to be best, else the physical cores."""
    if settings.threads:
        return settings.threads
    speed = known_speed(settings, path)
    return speed.threads if speed else physical_cores()


def keep(settings: Settings, path: Path, speed: Speed) -> None:
    """Keep a measured speed of the model file at ``path``. Raises OSError where it cannot be written."""
    try:
        kept = _kept(settings)
    except (OSError, ValueError):
        kept = {}
    write_atomically(speeds_file(settings), json.dumps({**kept, _key(path): asdict(speed)}, indent=1).encode())


def speeds_file(settings: Settings) -> Path:
    """Beside the models folder, which may be one that is only read."""
    return settings.own_models_dir.with_name("speeds.json")


def _kept(settings: Settings) -> dict[str, Any]:
    found = json.loads(speeds_file(settings).read_bytes())
    return found if isinstance(found, dict) else {}


def _key(path: Path) -> str:
    """A model file on a machine: another file, or other processors, are measured anew."""
    return f"{path.name} of {path.stat().st_size} bytes on {platform.node()}, {platform.machine()}, {os.cpu_count()}"
