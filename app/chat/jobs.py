"""Answers written in background threads: the page shows their progress, stops them, and finds them after a reload."""

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
from core.messages import _
from core.types import Answer, AnswerWords, Citation, Passage, Step
from prompts.fit import Fitted

log = logging.getLogger(__name__)

STOP_CHECK_S = 0.05
"""Seconds between two checks for Stop, while models load and while an answer is written."""

Result = TypeVar("Result")

_numbers = itertools.count(1)

Stage = Literal["behind", "loading", "searching", "reading", "waiting", "writing", "working", "done"]
"""What the person waits for, in this order: earlier answers of the conversation, models being loaded, the search, the
model reading its prompt, the model's queue, the text being written, work on whole documents; "done": nothing."""


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """How far an answer is at one moment.

    ``place`` is its place in the model's queue; ``words`` are those of the evidence that answer; ``answers`` is False
    where the evidence is only what comes nearest; ``prompts`` are those sent to the model, in order; ``text`` is the
    draft so far; ``error`` is one line that says why the answer ended early, "" where it did not.
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


StartAnswer = Callable[[threading.Event], Iterator[Event]]
"""Starts an answer, given the event that cancels it. The first event may take seconds (models are loaded)."""


class AnswerJob:
    """One answer in the making: one thread calls ``run``, any thread may call the other methods.

    ``number`` identifies it within this process.
    """

    def __init__(self, question: str, start_answer: StartAnswer) -> None:
        self.number = next(_numbers)
        self._start_answer = start_answer
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._stop_time = 0.0
        self._lock = threading.Lock()
        self._snapshot = JobSnapshot(question)

    def snapshot(self) -> JobSnapshot:
        with self._lock:
            return self._snapshot

    def stop(self) -> None:
        """Ask the answer to end; what was written is kept. Returns at once."""
        self._stop_time = self._stop_time or time.monotonic()
        self._cancel.set()
        self._change(lambda now: replace(now, stopping=True))

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most ``seconds``; True where the answer has ended."""
        return self._ended.wait(seconds)

    @property
    def stopping_s(self) -> float:
        """Seconds since ``stop`` was first called; 0 where it was not."""
        return time.monotonic() - self._stop_time if self._stop_time else 0.0

    def run(self) -> None:
        """Write the answer in this thread. Raises nothing: an error ends the answer with one line."""
        self._change(lambda now: replace(now, stage="loading"))
        try:
            for event in self._start_answer(self._cancel):
                if self._ended.is_set():  # ``end`` was called from outside: the model did not react to ``stop``
                    return
                self._change(lambda now, event=event: with_event(now, event))  # type: ignore[misc]
        except Cancelled:
            self.end(_("Stopped before anything was written."))
        except LecternError as error:
            self.end(str(error))
        except BaseException as error:
            log.exception("an answer failed")
            reason = " ".join(str(error).split()) or type(error).__name__
            self.end(_("Something unexpected went wrong: {reason}. The terminal has the details.", reason=reason))
        else:
            self.end("")

    def end(self, error: str) -> None:
        """Mark the answer as done; ``error`` says why in one line, "" where it is complete. The first call counts."""
        self._change(lambda now: replace(now, stage="done", stopping=False, error=error))
        self._ended.set()

    def _change(self, change: Callable[[JobSnapshot], JobSnapshot]) -> None:
        with self._lock:
            if not self._snapshot.done:
                self._snapshot = change(self._snapshot)


def start_thread(run: Callable[[], None], job: AnswerJob) -> bool:
    """Call ``run`` in a new thread. Where the system refuses the thread, ends ``job`` with a line and returns False."""
    try:
        threading.Thread(target=run, name="answer", daemon=True).start()
    except RuntimeError as error:
        job.end(_("This machine starts no further thread ({error}). Close some programs and ask again.", error=error))
        return False
    return True


def unless_stopped(load: Callable[[], Result], cancel: threading.Event) -> Result:
    """Return what ``load`` returns, or raise what it raises; raises Cancelled as soon as ``cancel`` is set.

    ``load`` runs in a thread of its own, because the loading of a model's libraries cannot be interrupted. After Stop
    that thread goes on, and the next question finds them loaded.
    """
    if cancel.is_set():
        raise Cancelled("stopped.")
    loaded: Future[Result] = Future()

    def run() -> None:
        try:
            loaded.set_result(load())
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            loaded.set_exception(error)

    threading.Thread(target=run, name="loading", daemon=True).start()
    while not cancel.is_set():
        try:
            return loaded.result(timeout=STOP_CHECK_S)
        except TimeoutError:
            if loaded.done():  # it ended at this moment, or raised TimeoutError itself
                return loaded.result()
    raise Cancelled("stopped.")


def with_event(now: JobSnapshot, event: Event) -> JobSnapshot:
    """The snapshot ``now``, brought up to date by one event of the answer."""
    match event:
        case Retrieved(passages=passages):
            return replace(now, stage="searching", passages=passages)
        case EvidenceFound(evidence=evidence, words=words, answers=answers):
            return replace(now, stage="reading", evidence=evidence, words=words, answers=answers)
        case PromptFitted(fitted=fitted):
            return replace(now, prompts=(*now.prompts, fitted))
        case Progressed(what=what, done=done, total=total):
            return replace(
                now, stage="working", progress=_("{what}: {done} of {total}", what=what, done=done, total=total)
            )
        case Note(text=text):
            return replace(now, notes=(*now.notes, text))
        case Queued(place=place):
            return replace(now, stage="waiting" if place else "reading", place=place)
        case StepTaken(step=step):
            return replace(now, stage="reading", steps=(*now.steps, step))
        case Piece(text=text, stays=stays):
            return replace(now, stage="writing", text=now.text + text if stays else now.text)
        case Answered(answer=answer):
            notes = tuple(dict.fromkeys((*now.notes, *answer.notes)))
            return replace(now, answer=replace(answer, notes=notes), notes=notes, steps=answer.steps)
    return now
