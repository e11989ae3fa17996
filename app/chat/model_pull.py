"""Fetches a model of the catalogue in the background while the page is used, and tells how far it is."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from core.errors import Cancelled, FetchUnderway, LecternError
from core.settings import Settings

if TYPE_CHECKING:
    from generate.download import Step
    from generate.model_card import ModelCard

log = logging.getLogger(__name__)

NICE = 15
"""Priority of what fetches (19 is the lowest): answers and the search come first."""

RATE_S = 15.0
"""Seconds over which the rate is taken."""

LOOK_S = 2.0
"""Seconds between looks at whether another program has fetched the file."""

ELSEWHERE = "by another program"
"""What is being done while another program fetches the file."""

SAID_S = 300.0
"""Seconds for which the state says that the model has come."""

Stage = Literal["idle", "fetching", "loading", "failed", "stopped", "taken"]


@dataclass(frozen=True, slots=True)
class PullState:
    """How far it is: ``done`` of ``total`` bytes, ``doing`` in words ("from the hub", "checking"), ``rate`` in bytes a
    second (0: not known yet). ``line`` says why it failed or, once it is taken, which model answers.
    """

    stage: Stage = "idle"
    done: int = 0
    total: int = 0
    doing: str = ""
    rate: float = 0.0
    line: str = ""

    @property
    def moving(self) -> bool:
        return self.stage in ("fetching", "loading")

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None


class ModelPull:
    """One pull at a time. Every method may be called from any thread, and none waits for the pull."""

    def __init__(self, alias: str, take: Callable[[], str]) -> None:
        """``alias`` is the model's name in the catalogue. ``take`` is called once its file is whole, an embedder's
        folder written: it has the model used, and returns a line that says so.
        """
        self._alias = alias
        self._take = take
        self._state = PullState()
        self._taken_at = 0.0
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None
        self._samples: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def state(self) -> PullState:
        with self._lock:
            if self._state.stage == "taken" and time.monotonic() - self._taken_at > SAID_S:
                self._state = PullState()
            return self._state

    def begin(self, settings: Settings) -> None:
        """Begin to fetch, unless that is under way. Where memory is short the state says so instead."""
        from generate.catalogue import entry_of
        from generate.choice import lacks_memory

        card = entry_of(settings, self._alias)
        with self._lock:
            if self._state.moving or card is None:
                return
            if not card.prompts and (reason := lacks_memory(card)):
                self._state = PullState("failed", line=f"tiny answers: {reason}")
                return
            self._cancel = threading.Event()
            self._samples.clear()
            self._state = PullState("fetching", total=card.bytes)
            args = (settings, card, self._cancel, self._thread)
            self._thread = threading.Thread(target=self._run, args=args, name="model-pull", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it at once; what has come is kept for the next time."""
        with self._lock:
            self._cancel.set()
            if self._state.moving or self._state.stage == "failed":
                self._state = PullState("stopped")

    def _run(
        self, settings: Settings, card: ModelCard, cancel: threading.Event, former: threading.Thread | None
    ) -> None:
        if former:  # one that was stopped just now still holds the file's lock for a moment
            former.join()
        try:
            # In a thread of its own, whose low priority the model's process must not inherit.
            with ThreadPoolExecutor(1, "model-fetch", initializer=_give_way) as pool:
                pool.submit(self._fetch, settings, card, cancel).result()
            if self._change(cancel, "loading"):
                self._change(cancel, "taken", self._take())
        except Cancelled:
            return
        except LecternError as error:
            self._change(cancel, "failed", str(error))
        except Exception as error:
            log.exception("the model could not be fetched")
            self._change(cancel, "failed", f"{card.called} could not be fetched: {error}")

    def _fetch(self, settings: Settings, card: ModelCard, cancel: threading.Event) -> None:
        from app.commands.embedder_files import write_folder
        from generate.models_folder import note_pulled
        from generate.pull import pull

        while True:
            try:
                path = pull(card, settings.models, progress=self._step, cancel=cancel)
            except FetchUnderway:  # the file is here when that one has ended, or this one goes on where it was
                self._note_elsewhere()
                if cancel.wait(LOOK_S):
                    raise Cancelled("stopped.") from None
            else:
                break
        note_pulled(settings, card, path)
        if card.prompts:
            write_folder(settings, card, path)

    def _note_elsewhere(self) -> None:
        with self._lock:
            self._samples.clear()
            if self._state.stage == "fetching":
                self._state = PullState("fetching", total=self._state.total, doing=ELSEWHERE)

    def _step(self, step: Step) -> None:
        now = time.monotonic()
        with self._lock:
            self._samples.append((now, step.done))
            while now - self._samples[0][0] > RATE_S:
                self._samples.popleft()
            since, before = self._samples[0]  # what an earlier pull left is no part of this one's rate
            rate = (step.done - before) / (now - since) if now - since > 1 else 0.0
            if self._state.stage == "fetching":
                self._state = PullState("fetching", step.done, step.total, step.doing, rate)

    def _change(self, cancel: threading.Event, stage: Stage, line: str = "") -> bool:
        """Go on to another stage, unless this pull was stopped; whether it was not."""
        with self._lock:
            if not cancel.is_set():
                self._state = replace(self._state, stage=stage, line=line)
                self._taken_at = time.monotonic()
            return not cancel.is_set()


def _give_way() -> None:
    """Lower the priority of this thread and of the processes that it starts."""
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
