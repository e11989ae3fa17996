"""Many clients on one library at once: is each answered, are none mixed up, is every wait told, what does it hold?

    python benchmarks/crowd.py [--clients 20] [--seconds 180] [--seed 1]

Each client is a thread that does what a tab of the page does, with the page's own objects and the bundled models: it
asks, stops, adds, deletes, begins and deletes conversations at random, and now and then runs `lectern ask --json`
beside. A third of the clients share a conversation with another. What a client's documents say only they say ("The code
of client 7's locker is 4711-7-3."), so that an answer from another's documents is seen. It is asked again alone at the
end: what comes out the same is a weakness of search and model, counted apart, not a mix-up.

Everything happens in a home of its own that is deleted at the end. Exit code 1 where a rule was broken; the rules are
the rows that begin with "broken".
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # ahead of what stands beside this file

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks.crowd_rules import THINGS, Asked, Fact, Given, faults, took_another  # noqa: E402
from core.errors import LecternError  # noqa: E402

if TYPE_CHECKING:
    from app.chat.chat_turns import Choices
    from app.chat.jobs import AnswerJob, JobSnapshot
    from app.chat.open_chat import OpenChat
    from app.ui.shared import Workspace

POLL_S = 0.25
"""Between two looks at an answer; the page's is 0.15."""

TOLD_S = 60.0
"""Longest wait during which nothing changes of what the person is shown."""

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


class Notes:
    """What all clients saw, safe to write from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {}
        self.still: tuple[float, str] = (0.0, "")
        self.broken: dict[str, list[str]] = {}
        self.errors: Counter[str] = Counter()

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def took(self, what: str, seconds: float) -> None:
        with self._lock:
            self.seconds.setdefault(what, []).append(seconds)

    def unchanged(self, seconds: float, what: str) -> None:
        with self._lock:
            self.still = max(self.still, (seconds, what))
        if seconds > TOLD_S:
            self.breaks("waits of which nothing was told for over 60 s", f"{seconds:.0f} s: {what}")

    def error(self, line: str) -> None:
        with self._lock:
            self.errors[line] += 1

    def breaks(self, rule: str, what: str) -> None:
        with self._lock:
            self.broken.setdefault(rule, []).append(what)


class Shelf:
    """Where each document that was ever given is: "waiting", "in", "refused" or "removed"."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: dict[str, Fact] = {}
        self._state: dict[str, str] = {}
        self._since: dict[str, float] = {}
        self.without_quotes: set[str] = set()

    def give(self, fact: Fact) -> None:
        with self._lock:
            self._facts[fact.id], self._state[fact.id], self._since[fact.id] = fact, "waiting", time.monotonic()

    def change(self, document_id: str, state: str) -> float:
        """Returns the seconds since it was given."""
        with self._lock:
            self._state[document_id] = state
            return time.monotonic() - self._since[document_id]

    def those(self, state: str) -> list[Fact]:
        with self._lock:
            return [fact for key, fact in self._facts.items() if self._state[key] == state]

    def asked(self, question: str, client: int, thing: str) -> Asked:
        """The question with what is known at this moment of the documents that are about it."""
        with self._lock:
            own = {key: fact for key, fact in self._facts.items() if (fact.client, fact.thing) == (client, thing)}
            return Asked(
                question,
                frozenset(own),
                frozenset(fact.code for fact in own.values()),
                frozenset(key for key in own if self._state[key] == "in"),
                frozenset(key for key, state in self._state.items() if state == "removed"),
            )


class Chat:
    """A conversation as the tabs have it that are open on it, with what was asked in it, in order."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lock = threading.Lock()
        self.open_chat = workspace.chats.new()
        self.asked: dict[str, list[str]] = {}
        self.deleted: set[str] = set()
        self._last = 0

    def ask(self, question: str, choices: Choices) -> tuple[OpenChat, AnswerJob | None]:
        """The conversation that answers and the answer to come, None where it has already ended."""
        with self.lock:
            self.open_chat = self.workspace.chats.ask(self.open_chat, question, choices)
            self.asked.setdefault(self.open_chat.key, []).append(question)
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
            self.asked.pop(self.open_chat.key, None)
            return True


@dataclass
class Crowd:
    """What all clients share."""

    workspace: Workspace
    home: Path
    until: float
    notes: Notes = field(default_factory=Notes)
    shelf: Shelf = field(default_factory=Shelf)
    suspects: dict[str, tuple[Asked, Given]] = field(default_factory=dict)
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
            self.crowd.shelf.give(fact)
        self.crowd.workspace.uploads.add([(fact.name, fact.content) for fact in facts])

    def delete(self) -> None:
        """Remove a document, and in half of the cases what chats quote of it."""
        own = [fact for fact in self.crowd.shelf.those("in") if fact.client == self.number]
        if not own:
            return
        fact, quotes = self.chance.choice(own), self.chance.random() < 0.5
        started = time.monotonic()
        self.crowd.workspace.library.remove_ids([fact.id], quotes=quotes)
        self.crowd.workspace.opened.models.forget()
        self.crowd.notes.took("delete a document", time.monotonic() - started)
        self.crowd.shelf.change(fact.id, "removed")
        if quotes:
            self.crowd.shelf.without_quotes.add(fact.id)

    def delete_chat(self) -> None:
        self.crowd.notes.count("chats deleted" if self.chat.delete() else "chats not saved yet")

    def stop_adding(self) -> None:
        """Press "Stop adding", which ends everybody's uploads, and wait for it."""
        uploads, started = self.crowd.workspace.uploads, time.monotonic()
        uploads.cancel()
        while uploads.state().stopping and time.monotonic() < started + END_S:
            time.sleep(0.05)
        self.crowd.notes.took("from Stop adding to its end", time.monotonic() - started)

    def question(self) -> Asked:
        """Mostly about something of which there is a document."""
        own = [fact for fact in self.crowd.shelf.those("in") if fact.client == self.number]
        there = own and self.chance.random() < 0.8
        thing = self.chance.choice(own).thing if there else self.chance.choice(THINGS)
        return self.crowd.shelf.asked(f"What is the code of client {self.number}'s {thing}?", self.number, thing)

    def ask(self, stop_after: float | None = None) -> None:
        from app.chat.chat_turns import Choices

        asked = self.question()
        by = self.chance.choices(("model", "words", "evidence"), (7, 2, 1))[0]
        started = time.monotonic()
        open_chat, job = self.chat.ask(asked.question, Choices(answer_by=by))  # type: ignore[arg-type]
        if job is None:
            turn = open_chat.snapshot().turns[-1]
            return self.ended(asked, turn.answer, turn.error, stopped=False)
        stopped = self.watch(open_chat, job, started, stop_after)
        end = job.snapshot()
        if not end.done:
            self.crowd.notes.breaks("questions never answered", f"{asked.question}: {end.stage}")
            return None
        return self.ended(asked, end.answer, end.error, stopped=bool(stopped))

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

    def ended(self, asked: Asked, answer: Any, error: str, *, stopped: bool) -> None:
        """Judge what came of a question."""
        notes = self.crowd.notes
        if answer is None:
            notes.count("ended: stopped" if stopped else "ended: told error")
            notes.error(error or "nothing told")
            if not error:
                notes.breaks("questions never answered", f"{asked.question}: no answer, and no error told")
            return
        self.judge(asked, Given.of_answer(answer))
        kind = "stopped" if answer.cancelled else "answer" if answer.found else "not found"
        notes.count(f"ended: {kind}")
        if kind == "not found" and asked.there & {fact.id for fact in self.crowd.shelf.those("in")}:
            notes.count("not found though its document was there")

    def judge(self, asked: Asked, given: Given) -> None:
        for rule, what in faults(asked, given):
            self.crowd.notes.breaks(rule, what)
        if took_another(asked, given):
            there = asked.there & {fact.id for fact in self.crowd.shelf.those("in")}
            self.crowd.notes.count(f"answered from something else, its own document {'' if there else 'not '}there")
            if there:
                self.crowd.suspects[asked.question] = (asked, given)

    def ask_by_command(self) -> None:
        """`lectern ask --json`, where no other client runs it."""
        if not self.crowd.commands.acquire(blocking=False):
            self.crowd.notes.count("commands left out")
            return
        try:
            asked, started = self.question(), time.monotonic()
            command = [sys.executable, "-m", "app.cli", "ask", asked.question, "--json"]
            run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=END_S)
        finally:
            self.crowd.commands.release()
        self.crowd.notes.took("lectern ask --json", time.monotonic() - started)
        if run.returncode == 0:
            self.crowd.notes.count("commands answered")
            self.judge(asked, Given.of_json(json.loads(run.stdout)))
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


class Watch(threading.Thread):
    """Follows the uploads, as the page's sidebar does, and the memory of all processes."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(name="watch", daemon=True)
        self.crowd = crowd
        self.over = threading.Event()
        self.peak: Counter[str] = Counter()

    def run(self) -> None:
        from app.ui.markup.library import upload_line

        shown, since = "", time.monotonic()
        while not self.over.wait(0.5):
            state, now = self.crowd.workspace.uploads.state(), time.monotonic()
            seen = f"{upload_line(state)}, {state.share:.3f}, {len(state.outcomes)} told" if state.running else ""
            if seen != shown:
                if shown:
                    self.crowd.notes.unchanged(now - since, f"an upload, shown: {shown}")
                shown, since = seen, now
            self.settle()
            for name, megabytes in memory().items():
                self.peak[name] = max(self.peak[name], megabytes)

    def settle(self) -> None:
        """See which of the documents that were given are in, and which the page says are not."""
        uploads, shelf, notes = self.crowd.workspace.uploads, self.crowd.shelf, self.crowd.notes
        refused = {outcome.name for outcome in uploads.state().outcomes if outcome.failed}
        for fact in shelf.those("waiting"):
            if self.crowd.workspace.library.has(fact.id):
                notes.took("from adding to being in", shelf.change(fact.id, "in"))
            elif fact.name in refused:
                shelf.change(fact.id, "refused")
        if uploads.state().left:
            notes.error(f"uploads: {uploads.state().error}")
            uploads.retry()


def memory() -> dict[str, int]:
    """Resident memory in MiB: of this process, of its engine and of all its other processes together."""
    sizes = {"this process": resident(os.getpid()), "the engine": 0, "all others": 0}
    for process in descendants():
        with suppress(OSError, IndexError):  # it ended meanwhile
            engine = b"generate.shared" in Path(f"/proc/{process}/cmdline").read_bytes()
            sizes["the engine" if engine else "all others"] += resident(process)
    return sizes


def resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def descendants() -> list[int]:
    """The ids of the processes that this one started, and of theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def check_end(crowd: Crowd, chats: Sequence[Chat]) -> None:
    """Hold what is left, once nothing runs, against what the clients did."""
    from index.store.chats import Chats
    from index.store.quotes import count_quotes

    notes, library, shelf = crowd.notes, crowd.workspace.library, crowd.shelf
    for fact in shelf.those("waiting"):
        notes.breaks("files neither in nor told of", fact.name)
    there = {record.id for record in library.documents()}
    if wrong := there ^ {fact.id for fact in shelf.those("in")}:
        notes.breaks("documents that are in or out against what was told", f"{len(wrong)} documents")
    for problem in library.check():
        notes.breaks("problems found by check()", str(problem))
    if waiting := [path.name for path in library.incoming_dir.rglob("*") if path.is_file() and path.suffix != ".lock"]:
        notes.breaks("files neither in nor told of", f"left on the disk: {waiting}")
    saved = {record.id for record in Chats(library).list()}
    for chat in chats:
        check_chat(crowd, chat)
        for key in chat.deleted & saved:
            notes.breaks("conversations that were deleted and are there", key)
    for fact in shelf.those("removed"):
        if fact.id in shelf.without_quotes and (quotes := count_quotes(library, [fact.id])):
            notes.breaks("words of removed documents that chats still hold", f"{fact.name} with its quotes: {quotes}")


def ask_again(crowd: Crowd) -> None:
    """Ask what was answered from something else once more, alone: what then comes right was mixed up by the crowd."""
    from app.chat.chat_turns import Choices

    for asked, given in crowd.suspects.values():
        if not asked.there & {fact.id for fact in crowd.shelf.those("in")}:
            crowd.notes.count("its document went before it could be asked again alone")
            continue
        open_chat = crowd.workspace.chats.ask(crowd.workspace.chats.new(), asked.question, Choices(answer_by="model"))
        for job in open_chat.snapshot().jobs:
            job.wait(END_S)
        answer = open_chat.snapshot().turns[-1].answer
        if answer and took_another(asked, Given.of_answer(answer)):
            crowd.notes.count("answered from something else also when asked again alone")
        else:
            crowd.notes.breaks("answers from something else that come right alone", f"{asked.question} -> {given.text}")


def check_chat(crowd: Crowd, chat: Chat) -> None:
    """Whether all that was asked in it is there in order, each with its own answer, and no more of what was removed."""
    removed = {fact.id for fact in crowd.shelf.those("removed")}
    for key, asked in chat.asked.items():
        turns = crowd.workspace.chats.get(key).snapshot().turns
        if [turn.question for turn in turns] != asked:
            seen = "; ".join(turn.question for turn in turns)
            crowd.notes.breaks("conversations out of order", f"asked {'; '.join(asked)}, there {seen}")
        for turn in turns:
            if turn.answer is None and not turn.error:
                crowd.notes.breaks("questions never answered", f"in a conversation: {turn.question}")
            elif turn.answer and turn.answer.question != turn.question:
                crowd.notes.breaks("answers to another question", f"in a conversation: {turn.question}")
            if turn.answer and {passage.document_id for passage in turn.answer.passages} & removed:
                crowd.notes.breaks("words of removed documents that chats still hold", f"passages: {turn.question}")


RULES = (
    "questions never answered",
    "answers to another question",
    "answers from something else that come right alone",
    "answers with a document that was removed before they were asked for",
    "conversations out of order",
    "conversations that were deleted and are there",
    "words of removed documents that chats still hold",
    "waits of which nothing was told for over 60 s",
    "waits that say nothing of what for",
    "files neither in nor told of",
    "documents that are in or out against what was told",
    "problems found by check()",
    "clients that met a bug",
    "processes and threads left",
)


def run(clients: int, seconds: float, seed: int, home: Path) -> tuple[Notes, dict[str, str]]:
    """Let them loose on a new library in that home, and see what they leave; what is told of memory besides."""
    from app.ui.shared import SharedState
    from core.settings import load_settings

    state = SharedState(load_settings())
    state.warm_up()
    threads = set(threading.enumerate())
    workspace = state.workspace(state.settings.library)
    crowd = Crowd(workspace, home, 0.0)
    watch = Watch(crowd)
    watch.start()
    pairs = clients // 6
    chats = [Chat(workspace) for _ in range(clients - pairs)]
    # The first two clients share a conversation, and so do the next two, as far as the pairs go.
    own = [chats[number // 2 if number < 2 * pairs else number - pairs] for number in range(clients)]
    everyone = [Client(crowd, number, chat, seed) for number, chat in enumerate(own, 1)]
    first = [fact for client in everyone for fact in client.facts(2)]
    for fact in first:
        crowd.shelf.give(fact)
    workspace.uploads.add([(fact.name, fact.content) for fact in first])
    settled(crowd)
    before = memory()
    crowd.until = time.monotonic() + seconds
    for client in everyone:
        client.start()
    for client in everyone:
        client.join(max(0.0, crowd.until + 2 * END_S - time.monotonic()))
        if client.is_alive():
            crowd.notes.breaks("questions never answered", f"{client.name} never came back")
    settled(crowd)
    watch.over.set()
    watch.join()
    after = memory()
    check_end(crowd, chats)
    ask_again(crowd)
    state.close()
    check_left(crowd, threads)
    told = {name: f"{before[name]} / {watch.peak[name]} / {after[name]}" for name in before}
    return crowd.notes, {f"MiB resident, before / peak / end: {name}": value for name, value in told.items()}


def settled(crowd: Crowd) -> None:
    """Wait until no upload runs and all that were given are in or refused."""
    until = time.monotonic() + END_S
    while (crowd.workspace.uploads.state().running or crowd.shelf.those("waiting")) and time.monotonic() < until:
        time.sleep(0.5)


def check_left(crowd: Crowd, threads: set[threading.Thread]) -> None:
    """Whether all processes and threads are gone, a moment after the end."""
    until = time.monotonic() + 5.0
    while (descendants() or set(threading.enumerate()) - threads) and time.monotonic() < until:
        time.sleep(0.1)
    for process in descendants():
        with suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            crowd.notes.breaks("processes and threads left", f"process: {command}")
    for thread in set(threading.enumerate()) - threads:
        crowd.notes.breaks("processes and threads left", f"thread: {thread.name}")


def report(notes: Notes, memory_told: dict[str, str]) -> None:
    table = Table("figure", "value", title="A crowd on one library")
    for name, number in sorted(notes.counts.items()):
        table.add_row(f"count: {name}", str(number))
    for name, seconds in sorted(notes.seconds.items()):
        values = f"{median(seconds):.1f} / {max(seconds):.1f} of {len(seconds)}"
        table.add_row(f"s, median / longest: {name}", values)
    table.add_row("s, longest without anything told", f"{notes.still[0]:.1f}")
    for name, value in memory_told.items():
        table.add_row(name, value)
    for rule in RULES:
        table.add_row(f"broken: {rule}", str(len(notes.broken.get(rule, []))))
    console = Console()
    console.print(table)
    console.print(f"The longest without anything told was {notes.still[1]}", markup=False)
    for line, number in notes.errors.most_common():
        console.print(f"told {number} times: {line}", markup=False)
    for rule, cases in notes.broken.items():
        for case in cases:
            console.print(f"BROKEN {rule}: {case}", markup=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lectern-crowd-") as home:
        os.environ |= {"LECTERN_HOME": home, "PYTHONPATH": str(ROOT)}  # also for the processes that it starts
        notes, memory_told = run(options.clients, options.seconds, options.seed, Path(home))
    report(notes, memory_told)
    return int(bool(notes.broken))


if __name__ == "__main__":
    sys.exit(main())
