"""What the clients of benchmarks/crowd.py leave behind, held against what they did."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.crowd_client import END_S, Chat, Crowd
from benchmarks.crowd_rules import AnswerRecord, took_another
from benchmarks.crowd_watch import descendants


def settled(crowd: Crowd) -> None:
    """Wait until no upload runs and all that were given are in or refused."""
    until = time.monotonic() + END_S
    while (crowd.workspace.jobs.state().running or crowd.documents.those("waiting")) and time.monotonic() < until:
        time.sleep(0.5)


def check_end(crowd: Crowd, chats: Sequence[Chat]) -> None:
    """Hold what is left, once nothing runs, against what the clients did."""
    from index.store.chats import Chats
    from index.store.check import check
    from index.store.quotes import count_quotes

    notes, library, documents = crowd.notes, crowd.workspace.library, crowd.documents
    for fact in documents.those("waiting"):
        notes.breaks("files neither in nor told of", fact.name)
    there = {record.id for record in library.documents()}
    if wrong := there ^ {fact.id for fact in documents.those("in")}:
        notes.breaks("documents that are in or out against what was told", f"{len(wrong)} documents")
    for problem in check(library):
        notes.breaks("problems found by check()", str(problem))
    if waiting := [path.name for path in library.incoming_dir.rglob("*") if path.is_file() and path.suffix != ".lock"]:
        notes.breaks("files neither in nor told of", f"left on the disk: {waiting}")
    saved = {record.id for record in Chats(library).list()}
    for chat in chats:
        check_chat(crowd, chat)
        for key in chat.deleted & saved:
            notes.breaks("conversations that were deleted and are there", key)
    for fact in documents.those("removed"):
        if fact.id in documents.without_quotes and (quotes := count_quotes(library, [fact.id])):
            notes.breaks("words of removed documents that chats still hold", f"{fact.name} with its quotes: {quotes}")


def check_chat(crowd: Crowd, chat: Chat) -> None:
    """Whether all that was asked in it is there in order, each with its own answer, and no more of what was removed."""
    removed = {fact.id for fact in crowd.documents.those("removed")}
    for key, questions in chat.questions.items():
        turns = crowd.workspace.chats.get(key).snapshot().turns
        if [turn.question for turn in turns] != questions:
            seen = "; ".join(turn.question for turn in turns)
            crowd.notes.breaks("conversations out of order", f"asked {'; '.join(questions)}, there {seen}")
        for turn in turns:
            if turn.answer is None and not turn.error:
                crowd.notes.breaks("questions never answered", f"in a conversation: {turn.question}")
            elif turn.answer and turn.answer.question != turn.question:
                crowd.notes.breaks("answers to another question", f"in a conversation: {turn.question}")
            if turn.answer and {passage.document_id for passage in turn.answer.passages} & removed:
                crowd.notes.breaks("words of removed documents that chats still hold", f"passages: {turn.question}")


def ask_again(crowd: Crowd) -> None:
    """Ask what was answered from something else once more, alone: what then comes right was mixed up by the crowd."""
    from app.chat.chat_turns import Choices

    for question, first in crowd.suspects.values():
        if not question.there & {fact.id for fact in crowd.documents.those("in")}:
            crowd.notes.count("its document went before it could be asked again alone")
            continue
        open_chat = crowd.workspace.chats.ask(crowd.workspace.chats.new(), question.text, Choices(answer_by="model"))
        for job in open_chat.snapshot().jobs:
            job.wait(END_S)
        answer = open_chat.snapshot().turns[-1].answer
        if answer and took_another(question, AnswerRecord.of_answer(answer)):
            crowd.notes.count("answered from something else also when asked again alone")
        else:
            crowd.notes.breaks("answers from something else that come right alone", f"{question.text} -> {first.text}")


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
