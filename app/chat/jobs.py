"""An answer being written in the background: the page looks at it, stops it, and finds it again after a reload."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from app.answer.events import (
    Answered,
    Event,
    EvidenceFound,
    Note,
    Piece,
    Progressed,
    PromptFitted,
    Queued,
    Retrieved,
    StepTaken,
)
from core.errors import Cancelled, LecternError
from core.types import Answer, AnswerWords, Citation, Passage, Step
from prompts.fit import Fitted

log = logging.getLogger(__name__)

STOP_CHECK_S = 0.05
"""Seconds between looks at Stop while models load, and at an answer that does not end."""

Result = TypeVar("Result")

_numbers = itertools.count(1)

Stage = Literal["behind", "loading", "searching", "reading", "waiting", "writing", "working", "done"]
"""What the person waits for: the answers before it in the conversation, models to load, the search, the model to read,
its queue, its words, whole documents; or nothing."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of an answer at one moment; ``error`` says in one line why there will be no more.

    ``answers`` is False where the evidence is only what comes nearest. ``prompts`` went to the
    model, in order.
    """

    question: str
    stage: Stage = "behind"
    place: int = 0
    passages: tuple[Passage, ...] = ()
    evidence: tuple[Citation, ...] = ()
    words: AnswerWords | None = None
    answers: bool = True
    prompts: tuple[Fitted, ...] = ()
    progress: str = ""
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    text: str = ""
    answer: Answer | None = None
    error: str = ""
    stopping: bool = False

    @property
    def done(self) -> bool:
        return self.stage == "done"


Ask = Callable[[threading.Event], Iterator[Event]]
"""Starts an answer, given the event that cancels it; may take seconds before the first event (models load)."""


class AnswerJob:
    """One answer on its way, run by one thread; every other method may be called from any thread.

    ``number`` is no other answer's of this process.
    """

    def __init__(self, question: str, ask: Ask) -> None:
        self.number = next(_numbers)
        self._ask = ask
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._stopped = 0.0
        self._lock = threading.Lock()
        self._snapshot = Snapshot(question)

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._snapshot

    def stop(self) -> None:
        """Ask for the end; what was written is kept. Returns at once."""
        self._stopped = self._stopped or time.monotonic()
        self._cancel.set()
        self._change(lambda now: replace(now, stopping=True))

    def wait(self, seconds: float) -> bool:
        """Wait for the end; True where it came in time."""
        return self._ended.wait(seconds)

    @property
    def stopping_s(self) -> float:
        """Seconds since it was first asked to end; 0 where it was not."""
        return time.monotonic() - self._stopped if self._stopped else 0.0

    def run(self) -> None:
        """Answer in this thread; whatever goes wrong ends the answer with one line, and nothing is raised."""
        self._change(lambda now: replace(now, stage="loading"))
        try:
            for event in self._ask(self._cancel):
                if self._ended.is_set():  # it was given up
                    return
                self._change(lambda now, event=event: after(now, event))  # type: ignore[misc]
        except Cancelled:
            self.end("Stopped before anything was written.")
        except LecternError as error:
            self.end(str(error))
        except BaseException as error:
            log.exception("an answer failed")
            told = " ".join(str(error).split()) or type(error).__name__
            self.end(f"Something unexpected went wrong: {told}. The terminal has the details.")
        else:
            self.end("")

    def end(self, error: str) -> None:
        """No more is shown; ``error`` says why in one line, "" where all came. The first end counts."""
        self._change(lambda now: replace(now, stage="done", stopping=False, error=error))
        self._ended.set()

    def _change(self, change: Callable[[Snapshot], Snapshot]) -> None:
        with self._lock:
            if not self._snapshot.done:
                self._snapshot = change(self._snapshot)


def start(run: Callable[[], None], job: AnswerJob) -> bool:
    """Run it in a thread of its own; a machine that starts no further thread ends the job with a line."""
    try:
        threading.Thread(target=run, name="answer", daemon=True).start()
    except RuntimeError as error:
        job.end(f"This machine starts no further thread ({error}). Close some programs and ask again.")
        return False
    return True


def unless_stopped(load: Callable[[], Result], cancel: threading.Event) -> Result:
    """What ``load`` returns or raises. Raises Cancelled where Stop came first.

    It is read in a thread of its own, for nothing stops the loading of a model's libraries; after Stop that thread goes
    on, and the next question finds them loaded.
    """
    if cancel.is_set():
        raise Cancelled("stopped.")
    loaded: Future[Result] = Future()

    def run() -> None:
        try:
            loaded.set_result(load())
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it
            loaded.set_exception(error)

    threading.Thread(target=run, name="loading", daemon=True).start()
    while not cancel.is_set():
        try:
            return loaded.result(timeout=STOP_CHECK_S)
        except TimeoutError:
            if loaded.done():  # it ended at this moment, or this is what it raised
                return loaded.result()
    raise Cancelled("stopped.")


def after(now: Snapshot, event: Event) -> Snapshot:
    """The snapshot after one event."""
    match event:
        case Retrieved(passages=passages):
            return replace(now, stage="searching", passages=passages)
        case EvidenceFound(evidence=evidence, words=found, answers=answers):
            return replace(now, stage="reading", evidence=evidence, words=found, answers=answers)
        case PromptFitted(fitted=fitted):
            return replace(now, prompts=(*now.prompts, fitted))
        case Progressed(what=what, done=done, total=total):
            return replace(now, stage="working", progress=f"{what}: {done} of {total}")
        case Note(text=text):
            return replace(now, notes=(*now.notes, text))
        case Queued(place=place):
            return replace(now, stage="waiting" if place else "reading", place=place)
        case StepTaken(step=step):
            return replace(now, stage="reading", steps=(*now.steps, step))
        case Piece(text=text):
            return replace(now, stage="writing", text=now.text + text)
        case Answered(answer=answer):
            notes = tuple(dict.fromkeys((*now.notes, *answer.notes)))
            return replace(now, answer=replace(answer, notes=notes), notes=notes, steps=answer.steps)
    return now
