"""Chooses the questions to start with, after an ingest and in the background: each is tried first."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from app.answer.events import Answered
from app.answer.services import phrases_only
from app.chat.starter_candidates import Candidate, candidates, question_of
from app.chat.temporary import TemporaryChats
from core.errors import Cancelled, LecternError
from index.store import starters
from index.store.starters import Starter

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from core.protocols import ChatEngine
    from core.types import Answer, Citation

OFFERED = 3
"""Questions offered: enough to see what can be asked, few enough to be read."""

TRIED = 12
"""Most candidates that are tried for them."""

SURE = 0.6
"""Least certainty, 0..1, of an answer that is offered; the balanced strictness answers from .5 on."""

LONGEST_ANSWER = 1500
"""Characters: who sees the first answer is to read it."""

QUIET_S = 2.0
"""Seconds without an answer or an ingest before the next candidate is tried."""

log = logging.getLogger(__name__)

Found = TypeVar("Found")


class StarterQuestions:
    """The starters of one open library. Every method may be called from any thread."""

    def __init__(self, opened: OpenLibrary, is_busy: Callable[[], bool]) -> None:
        """``is_busy`` says whether the person waits for something: candidates are tried when they do not."""
        self._opened = opened
        self._is_busy = is_busy
        self._ending = threading.Event()
        self._trying = threading.Event()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._given_up = ""

    def offered(self) -> tuple[str, ...]:
        """The questions that were chosen for the documents as they are now; begins to choose where none were."""
        state = self._state()
        chosen_for, known = starters.kept(self._opened.library)
        if chosen_for == state:
            return tuple(one.question for one in known)
        self._begin(state)
        return ()

    @property
    def choosing(self) -> bool:
        return self._worker is not None and self._worker.is_alive()

    def give_way(self) -> None:
        """Stop the question that is being written or tried: a person asks. It is begun again later."""
        self._trying.set()

    def close(self) -> None:
        self._ending.set()
        self._trying.set()
        if self._worker is not None:
            self._worker.join(2)

    def _state(self) -> str:
        opened = self._opened
        try:
            who = opened.models.answer_by(None)
        except LecternError:
            who = "words"
        return starters.state_of(opened.library, f"{who} {opened.models.settings.model}")

    def _begin(self, state: str) -> None:
        with self._lock:
            if self.choosing or self._ending.is_set() or state == self._given_up:
                return
            self._worker = threading.Thread(target=self._work, args=(state,), name="starters", daemon=True)
            self._worker.start()

    def _work(self, state: str) -> None:
        try:
            chosen = self._choose(state)
            if chosen is not None:
                starters.keep(self._opened.library, state, chosen)
        except Cancelled:
            return
        except Exception:
            log.exception("the questions to start with could not be chosen")
            self._given_up = state

    def _choose(self, state: str) -> list[Starter] | None:
        """The starters; None where the documents changed meanwhile, or the program ends."""
        if not self._wait():
            return None
        engine = self._engine()
        chosen: list[Starter] = []
        tried = 0
        each = ceil(OFFERED / max(1, self._opened.library.counts().documents))
        for candidate in candidates(self._opened.library, partial(self._write, engine) if engine else None):
            if tried >= TRIED or len(chosen) >= OFFERED:
                break
            if sum(one.document_id == candidate.document_id for one in chosen) >= each:
                continue
            tried += 1
            good = self._try(candidate)
            if good is None or self._state() != state:
                return None
            if good:
                chosen.append(Starter(candidate.question, candidate.document_id))
        return chosen

    def _engine(self) -> ChatEngine | None:
        """The model, where it reads and answers."""
        try:
            if self._opened.models.answer_by(None) != "model":
                return None
            engine = self._opened.models.engine
        except LecternError:
            return None
        return None if phrases_only(engine) else engine

    def _write(self, engine: ChatEngine, passage: Citation) -> str:
        """The question that the model writes of a passage; "" where the program ends."""
        return self._undisturbed(lambda: question_of(passage, engine, self._trying)) or ""

    def _try(self, candidate: Candidate) -> bool | None:
        """Whether the candidate is answered well; None where the program ends."""
        answer = self._undisturbed(lambda: self._answer(candidate.question))
        return None if answer is None else is_good(answer, candidate)

    def _undisturbed(self, work: Callable[[], Found | None]) -> Found | None:
        """What ``work`` comes to while nobody waits, begun again after a person's own questions. None: ended."""
        while True:
            self._trying.clear()  # before the wait: who asks between it and the work stops the work
            if not self._wait():
                return None
            try:
                found = work()
            except Cancelled:
                found = None
            if not self._trying.is_set():
                return found

    def _answer(self, question: str) -> Answer | None:
        """The answer as a person would get it; None where it was stopped. Raises Cancelled."""
        conversation = self._opened.conversation(
            with_model=self._opened.models.answer_by(None) == "model", chats=TemporaryChats()
        )
        answers = (
            event.answer for event in conversation.ask(question, cancel=self._trying) if isinstance(event, Answered)
        )
        return next((answer for answer in answers if not answer.cancelled), None)

    def _wait(self) -> bool:
        """Wait until nothing else is done for a while; False where the program ends."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_S:
            if self._ending.wait(0.25):
                return False
            if self._is_busy():
                quiet_since = time.monotonic()
        return True


def is_good(answer: Answer, candidate: Candidate) -> bool:
    """Whether the answer is sure, short, supported in each sentence, and from where the question was made."""
    if not answer.found or answer.doubt or answer.readers == "differ" or not answer.sentences:
        return False
    if len(answer.text) > LONGEST_ANSWER or not all(sentence.supported for sentence in answer.sentences):
        return False
    if answer.certainty is not None and answer.certainty < SURE:
        return False
    cited = [one for one in answer.citations if one.document_id == candidate.document_id]
    if answer.citations[0].document_id != candidate.document_id:
        return False
    return not candidate.end or any(one.start < candidate.end and candidate.start < one.end for one in cited)
