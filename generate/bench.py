"""Measures how fast a model reads and writes on this machine, and with how many threads it does best."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from core.settings import Settings
from core.types import Message, Sampling
from generate.client import EngineClient
from generate.speed import Speed
from generate.threads import physical_cores

READ_TOKENS = 512
"""Length of the prompt whose reading is measured, about that of a question with several passages."""

WRITE_TOKENS = 48
"""Length of the answer whose writing is measured."""

BUSY = 0.5
"""Programs at work for each physical core, in the last minute, from which a machine counts as busy."""

STORY = "The harbour lay still in the morning, and the keeper of the lighthouse wrote down what he had seen at night. "


def candidates() -> list[int]:
    """The numbers of threads to try: half of the physical cores, all of them, and all processors."""
    physical = physical_cores()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return sorted({max(1, physical // 2), physical, usable})


def is_busy() -> bool:
    """Whether other programs are at work: fewer threads then seem faster than they are on a machine that is not."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY * physical_cores()


def best_of(speeds: Sequence[Speed], *, busy: bool) -> Speed:
    """The fastest for a typical question; of a ``busy`` machine, that of the physical cores."""
    if busy:
        return min(speeds, key=lambda speed: abs(speed.threads - physical_cores()))
    return min(speeds, key=lambda speed: speed.answer_s())


def measure(settings: Settings, threads: list[int]) -> Iterator[Speed]:
    """Measure the settings' model with each number of threads, in processes of its own.

    Raises ModelMissing, ModelDamaged, EngineStopped.
    """
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


def resident_mb(process: int) -> int:
    """Most memory that the process has had in use, in MB; 0 where the system does not say."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024 // 1_000_000
    return 0


def _prompt(count: Callable[[list[Message]], int]) -> list[Message]:
    """A prompt of about `READ_TOKENS` tokens that asks for a long answer."""
    times = 1
    while count(_story_prompt(times)) < READ_TOKENS:
        times += 2
    return _story_prompt(times)


def _story_prompt(times: int) -> list[Message]:
    story = STORY * times + "\nGo on with this story, and make it very long."
    return [Message("system", "You write stories."), Message("user", story)]
