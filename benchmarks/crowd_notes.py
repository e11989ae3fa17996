"""What the clients of benchmarks/crowd.py saw, the rules that were broken, and the table of both."""

from __future__ import annotations

import threading
import time
from collections import Counter
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.crowd_rules import Fact, QuestionRecord

TOLD_S = 60.0
"""Longest wait during which nothing changes of what the person is shown."""

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


class DocumentStates:
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

    def question_about(self, text: str, client: int, thing: str) -> QuestionRecord:
        """The question with what is known at this moment of the documents that are about it."""
        with self._lock:
            own = {key: fact for key, fact in self._facts.items() if (fact.client, fact.thing) == (client, thing)}
            return QuestionRecord(
                text,
                frozenset(own),
                frozenset(fact.code for fact in own.values()),
                frozenset(key for key in own if self._state[key] == "in"),
                frozenset(key for key, state in self._state.items() if state == "removed"),
            )


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
