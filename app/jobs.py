"""An answer being written in the background: the page looks at it, stops it, and finds it again after a reload."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from app.events import (
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

Stage = Literal["loading", "searching", "reading", "waiting", "writing", "working", "done"]
"""What the person waits for: models to load, the search, the model to read, its queue, its words, whole documents; or
nothing."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of an answer at one moment; ``error`` says in one line why there will be no more.

    ``answers`` is False where the evidence is only what comes nearest. ``prompts`` went to the
    model, in order.
    """

    question: str
    stage: Stage = "loading"
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
    """Runs one answer in a thread of its own; every method may be called from any thread."""

    def __init__(self, question: str, ask: Ask) -> None:
        self._cancel = threading.Event()
        self._lock = threading.Lock()
        self._snapshot = Snapshot(question)
        self._thread = threading.Thread(target=self._run, args=(ask,), name="answer", daemon=True)
        self.started = time.monotonic()
        self._thread.start()

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._snapshot

    def stop(self) -> None:
        """Ask the model to stop; what was written is kept. Returns at once."""
        self._cancel.set()
        self._change(lambda now: replace(now, stopping=not now.done))

    def wait(self, seconds: float) -> bool:
        """Wait for the end; True where it came in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _change(self, change: Callable[[Snapshot], Snapshot]) -> None:
        with self._lock:
            self._snapshot = change(self._snapshot)

    def _run(self, ask: Ask) -> None:
        try:
            for event in ask(self._cancel):
                self._change(lambda now, event=event: after(now, event))  # type: ignore[misc]
        except Cancelled:
            self._end("Stopped before anything was written.")
        except LecternError as error:
            self._end(str(error))
        except Exception as error:
            log.exception("an answer failed")
            self._end(
                f"Something unexpected went wrong: {str(error) or type(error).__name__}. The terminal has the details."
            )
        else:
            self._end("")

    def _end(self, error: str) -> None:
        self._change(lambda now: replace(now, stage="done", stopping=False, error=error))


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
