"""A client of benchmarks/crowd.py: a tab of the page with the person before it."""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.crowd_notes import DocumentStates, Notes
from benchmarks.crowd_rules import THINGS, AnswerRecord, Fact, QuestionRecord, faults, took_another
from core.errors import LecternError

if TYPE_CHECKING:
    from app.chat.chat_turns import Choices
    from app.chat.jobs import AnswerJob, JobSnapshot
    from app.chat.open_chat import OpenChat
    from app.ui.workspace import Workspace

POLL_S = 0.25
"""Between two looks at an answer; the page's is 0.15."""

END_S = 300.0
"""After which an answer counts as never given."""

COMMAND_CLIENTS = 1
"""Processes of `lectern ask` at a time: each loads the models anew."""

ACTIONS = {
    "ask": 60,
    "ask and stop": 12,
    "add": 9,
    "delete": 9,
    "new chat": 3,
    "delete chat": 3,
    "stop adding": 1,
    "ask by command": 3,
}
"""What a client does next, by weight."""


class Chat:
    """A conversation as the tabs have it that are open on it, with what was asked in it, in order."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lock = threading.Lock()
        self.open_chat = workspace.chats.new()
        self.questions: dict[str, list[str]] = {}
        self.deleted: set[str] = set()
        self._last = 0

    def ask(self, question: str, choices: Choices) -> tuple[OpenChat, AnswerJob | None]:
        """The conversation that answers and the answer to come, None where it has already ended."""
        with self.lock:
            self.open_chat = self.workspace.chats.ask(self.open_chat, question, choices)
            self.questions.setdefault(self.open_chat.key, []).append(question)
            jobs = self.open_chat.snapshot().jobs
            if not jobs or jobs[-1].number <= self._last:
                return self.open_chat, None
            self._last = jobs[-1].number
            return self.open_chat, jobs[-1]

    def begin_another(self) -> None:
        with self.lock:
            self.open_chat = self.workspace.chats.new()

    def delete(self) -> bool:
        """Delete it where it is in the list of conversations, as the page's menu does."""
        with self.lock:
            if not self.open_chat.saved:
                return False
            self.workspace.chats.delete(self.open_chat.key)
            self.deleted.add(self.open_chat.key)
            self.questions.pop(self.open_chat.key, None)
            return True


@dataclass
class Crowd:
    """What all clients share."""

    workspace: Workspace
    home: Path
    until: float
    notes: Notes = field(default_factory=Notes)
    documents: DocumentStates = field(default_factory=DocumentStates)
    suspects: dict[str, tuple[QuestionRecord, AnswerRecord]] = field(default_factory=dict)
    commands: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(COMMAND_CLIENTS))


class Client(threading.Thread):
    """One tab with the person before it."""

    def __init__(self, crowd: Crowd, number: int, chat: Chat, seed: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.crowd, self.number, self.chat = crowd, number, chat
        self.chance = random.Random(f"{seed}-{number}")
        self.version = 0

    def run(self) -> None:
        acts: dict[str, Callable[[], None]] = {
            "ask": self.ask,
            "ask and stop": lambda: self.ask(self.chance.uniform(0.0, 8.0)),
            "add": self.add,
            "delete": self.delete,
            "new chat": self.chat.begin_another,
            "delete chat": self.delete_chat,
            "stop adding": self.stop_adding,
            "ask by command": self.ask_by_command,
        }
        while time.monotonic() < self.crowd.until:
            name = self.chance.choices(list(ACTIONS), list(ACTIONS.values()))[0]
            self.crowd.notes.count(name)
            try:
                acts[name]()
            except LecternError as error:  # the page shows it
                self.crowd.notes.error(f"{name}: {error}")
            except Exception as error:
                logging.exception("client %d: %s", self.number, name)
                self.crowd.notes.breaks("clients that met a bug", f"client {self.number}, {name}: {error!r}")
            time.sleep(self.chance.uniform(0.0, 1.0))

    def facts(self, count: int) -> list[Fact]:
        """That many new ones."""
        first, self.version = self.version + 1, self.version + count
        return [Fact(self.number, self.chance.choice(THINGS), first + n) for n in range(count)]

    def add(self) -> None:
        """Drop one to three files into the page."""
        facts = self.facts(self.chance.randint(1, 3))
        for fact in facts:
            self.crowd.documents.give(fact)
        self.crowd.workspace.jobs.add([(fact.name, fact.content) for fact in facts])

    def delete(self) -> None:
        """Remove a document, and in half of the cases what chats quote of it."""
        own = [fact for fact in self.crowd.documents.those("in") if fact.client == self.number]
        if not own:
            return
        fact, quotes = self.chance.choice(own), self.chance.random() < 0.5
        started = time.monotonic()
        self.crowd.workspace.library.remove_ids([fact.id], quotes=quotes)
        self.crowd.workspace.opened.models.forget()
        self.crowd.notes.took("delete a document", time.monotonic() - started)
        self.crowd.documents.change(fact.id, "removed")
        if quotes:
            self.crowd.documents.without_quotes.add(fact.id)

    def delete_chat(self) -> None:
        self.crowd.notes.count("chats deleted" if self.chat.delete() else "chats not saved yet")

    def stop_adding(self) -> None:
        """Press "Stop adding", which ends everybody's uploads, and wait for it."""
        uploads, started = self.crowd.workspace.jobs, time.monotonic()
        uploads.cancel()
        while uploads.state().stopping and time.monotonic() < started + END_S:
            time.sleep(0.05)
        self.crowd.notes.took("from Stop adding to its end", time.monotonic() - started)

    def question(self) -> QuestionRecord:
        """Mostly about something of which there is a document."""
        own = [fact for fact in self.crowd.documents.those("in") if fact.client == self.number]
        there = own and self.chance.random() < 0.8
        thing = self.chance.choice(own).thing if there else self.chance.choice(THINGS)
        return self.crowd.documents.question_about(
            f"What is the code of client {self.number}'s {thing}?", self.number, thing
        )

    def ask(self, stop_after: float | None = None) -> None:
        from app.chat.chat_turns import Choices

        question = self.question()
        by = self.chance.choices(("model", "words", "evidence"), (7, 2, 1))[0]
        started = time.monotonic()
        open_chat, job = self.chat.ask(question.text, Choices(answer_by=by))  # type: ignore[arg-type]
        if job is None:
            turn = open_chat.snapshot().turns[-1]
            return self.ended(question, turn.answer, turn.error, stopped=False)
        stopped = self.watch(open_chat, job, started, stop_after)
        end = job.snapshot()
        if not end.done:
            self.crowd.notes.breaks("questions never answered", f"{question.text}: {end.stage}")
            return None
        return self.ended(question, end.answer, end.error, stopped=bool(stopped))

    def watch(self, open_chat: OpenChat, job: AnswerJob, started: float, stop_after: float | None) -> float:
        """Look at an answer until it ends, as the page does; returns when it was stopped, 0 where it was not."""
        stopped, stage, shown, since = 0.0, "", "", started
        while not job.wait(POLL_S) and (now := time.monotonic()) < started + END_S:
            if stop_after is not None and not stopped and now > started + stop_after:
                stage = job.snapshot().stage
                job.stop()
                stopped = now
            seen = self.shown(open_chat, job)
            if seen != shown:
                self.crowd.notes.unchanged(now - since, f"an answer, shown: {shown}")
                shown, since = seen, now
        now = time.monotonic()
        self.crowd.notes.unchanged(now - since, f"an answer, shown: {shown}")
        if stopped:
            self.crowd.notes.took(f"from Stop while {stage} to the end", now - stopped)
        else:
            self.crowd.notes.took("an answer", now - started)
        return stopped

    def shown(self, open_chat: OpenChat, job: AnswerJob) -> str:
        """What the page shows of an answer that is waited for; of one behind others also the first of these."""
        from app.ui.markup.turn import status_html, waiting_turn_html

        with suppress(LecternError):  # deleted meanwhile: the answer ends soon
            first = open_chat.snapshot().jobs[:1]
            now = job.snapshot()
            before = f" after {told(first[0].snapshot())}" if first and first[0] is not job else ""
            status = waiting_turn_html(now) if now.stage == "behind" else status_html(now)
            if not status and not now.done:
                self.crowd.notes.breaks("waits that say nothing of what for", f"stage {now.stage}")
            return told(now) + before
        return "deleted"

    def ended(self, question: QuestionRecord, answer: Any, error: str, *, stopped: bool) -> None:
        """Judge what came of a question."""
        notes = self.crowd.notes
        if answer is None:
            notes.count("ended: stopped" if stopped else "ended: told error")
            notes.error(error or "nothing told")
            if not error:
                notes.breaks("questions never answered", f"{question.text}: no answer, and no error told")
            return
        self.judge(question, AnswerRecord.of_answer(answer))
        kind = "stopped" if answer.cancelled else "answer" if answer.found else "not found"
        notes.count(f"ended: {kind}")
        if kind == "not found" and question.there & {fact.id for fact in self.crowd.documents.those("in")}:
            notes.count("not found though its document was there")

    def judge(self, question: QuestionRecord, answer: AnswerRecord) -> None:
        for rule, what in faults(question, answer):
            self.crowd.notes.breaks(rule, what)
        if took_another(question, answer):
            there = question.there & {fact.id for fact in self.crowd.documents.those("in")}
            self.crowd.notes.count(f"answered from something else, its own document {'' if there else 'not '}there")
            if there:
                self.crowd.suspects[question.text] = (question, answer)

    def ask_by_command(self) -> None:
        """`lectern ask --json`, where no other client runs it."""
        if not self.crowd.commands.acquire(blocking=False):
            self.crowd.notes.count("commands left out")
            return
        try:
            question, started = self.question(), time.monotonic()
            command = [sys.executable, "-m", "app.cli", "ask", question.text, "--json"]
            run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=END_S)
        finally:
            self.crowd.commands.release()
        self.crowd.notes.took("lectern ask --json", time.monotonic() - started)
        if run.returncode == 0:
            self.crowd.notes.count("commands answered")
            self.judge(question, AnswerRecord.of_json(json.loads(run.stdout)))
        elif run.stderr.startswith("lectern: "):
            self.crowd.notes.error(f"lectern ask: {run.stderr.strip()}")
        else:
            self.crowd.notes.breaks(
                "questions never answered", f"lectern ask ended with {run.returncode}: {run.stderr}"
            )


def told(now: JobSnapshot) -> str:
    """What is shown of an answer that is being written; another text is another thing told."""
    stop = ", stopping" if now.stopping else ""
    rest = f"{len(now.text)} characters, {len(now.evidence)} quotes, {len(now.steps)} steps"
    return f"{now.stage} {now.place} {now.progress}{stop} ({rest})"
