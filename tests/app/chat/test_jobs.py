"""An answer in the background: what is seen of it while it is written, how it is stopped, how it fails."""

import threading

from app.answer.events import EvidenceFound, Piece, Queued
from app.chat.jobs import AnswerJob
from core.errors import Cancelled, EngineStopped
from core.types import Citation, Locator

CITATION = Citation("d1", "lease.txt", Locator(None, "line 1"), "The rent is 640 euros.", 0, 22, 0.9)


class Script:
    """Gives its events one at a time, each when it is told to go on."""

    def __init__(self, *events) -> None:
        self.events = events
        self.steps = threading.Semaphore(0)
        self.seen = threading.Semaphore(0)

    def __call__(self, cancel):
        for event in self.events:
            self.steps.acquire()
            if cancel.is_set():
                raise Cancelled("stopped.")
            if isinstance(event, Exception):
                raise event
            yield event
            self.seen.release()

    def next(self) -> None:
        self.steps.release()
        assert self.seen.acquire(timeout=5)


def started(script: Script) -> AnswerJob:
    job = AnswerJob("How much?", script)
    threading.Thread(target=job.run, daemon=True).start()
    return job


def test_what_is_there_can_be_seen_while_the_rest_is_written():
    script = Script(EvidenceFound((CITATION,), 10.0), Queued(2), Queued(0), Piece("The rent "), Piece("is 640."))
    job = AnswerJob("How much?", script)
    assert job.snapshot().stage == "behind"
    threading.Thread(target=job.run, daemon=True).start()
    stages = []
    for _ in script.events[:-1]:
        script.next()
        now = job.snapshot()
        stages.append((now.stage, now.place, now.text))
    assert stages == [
        ("reading", 0, ""),
        ("waiting", 2, ""),
        ("reading", 0, ""),
        ("writing", 0, "The rent "),
    ]
    script.next()
    assert job.wait(5)
    assert (job.snapshot().stage, job.snapshot().text) == ("done", "The rent is 640.")
    assert job.snapshot().evidence == (CITATION,)


def test_stop_is_seen_at_once_and_what_was_written_stays():
    script = Script(Piece("The rent "), Piece("is 640."))
    job = started(script)
    script.next()
    job.stop()
    assert job.snapshot().stopping
    script.steps.release()
    assert job.wait(5)
    assert (job.snapshot().text, job.snapshot().stopping) == ("The rent ", False)


def test_an_error_ends_it_with_one_line_and_keeps_the_evidence():
    script = Script(EvidenceFound((CITATION,), 10.0), EngineStopped("the model's process ended.", "Ask again."))
    job = started(script)
    script.next()
    script.steps.release()
    assert job.wait(5)
    assert job.snapshot().error == "the model's process ended. Ask again."
    assert job.snapshot().evidence == (CITATION,)


def test_an_error_that_nobody_expected_does_not_vanish(caplog):
    script = Script(ZeroDivisionError("division by zero"))
    job = started(script)
    script.steps.release()
    assert job.wait(5)
    assert "division by zero" in job.snapshot().error
    assert "Traceback" in caplog.text
