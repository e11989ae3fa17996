"""How fast a model is on this machine: measured once (`lectern models bench`), kept, and used from then on."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import LecternError
from core.files import write_atomically
from core.settings import Settings
from core.types import Message, Sampling
from generate.threads import physical_cores

READ_TOKENS = 512
"""Length of the prompt whose reading is measured, about that of a question with several passages."""

WRITE_TOKENS = 48
"""Length of the answer whose writing is measured."""

QUESTION_TOKENS, ANSWER_TOKENS = 260, 40
"""A typical question with the three sentences that may answer it, and its answer; the best threads are best for it."""

STORY = "The harbour lay still in the morning, and the keeper of the lighthouse wrote down what he had seen at night. "


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


def candidates() -> list[int]:
    """The numbers of threads to try: half of the physical cores, all of them, and all processors."""
    physical = physical_cores()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return sorted({max(1, physical // 2), physical, usable})


def measure(settings: Settings, threads: list[int]) -> Iterator[Speed]:
    """Measure the settings' model with each number of threads, in processes of its own.

    Raises ModelMissing, ModelDamaged, EngineStopped.
    """
    from generate.client import EngineClient

    with EngineClient(settings) as warm:
        warm.load()  # the conversion, and the file's way into the system's memory, are no part of the measure
    for number in threads:
        with EngineClient(settings.model_copy(update={"threads": number})) as engine:
            began = time.perf_counter()
            child = engine.running()
            load_s = time.perf_counter() - began
            prompt = _prompt(engine.count_prompt)
            writing = engine.generate(prompt, Sampling(max_tokens=WRITE_TOKENS, repeat_penalty=1.0))
            "".join(writing)
            usage = writing.usage
            read = usage.prompt / usage.first_token_ms * 1000
            write = max(1, usage.answer - 1) / (usage.total_ms - usage.first_token_ms) * 1000
            yield Speed(number, round(read, 1), round(write, 1), round(load_s, 2), resident_mb(child.pid))


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


def resident_mb(process: int) -> int:
    """Most memory that the process has had in use, in MB; 0 where the system does not say."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024 // 1_000_000
    return 0


def _kept(settings: Settings) -> dict[str, Any]:
    found = json.loads(speeds_file(settings).read_bytes())
    return found if isinstance(found, dict) else {}


def _key(path: Path) -> str:
    """A model file on a machine: another file, or other processors, are measured anew."""
    return f"{path.name} of {path.stat().st_size} bytes on {platform.node()}, {platform.machine()}, {os.cpu_count()}"


def _prompt(count: Callable[[list[Message]], int]) -> list[Message]:
    """A prompt of about `READ_TOKENS` tokens that asks for a long answer."""
    times = 1
    while count(_asked(times)) < READ_TOKENS:
        times += 2
    return _asked(times)


def _asked(times: int) -> list[Message]:
    story = STORY * times + "\nGo on with this story, and make it very long."
    return [Message("system", "You write stories."), Message("user", story)]
