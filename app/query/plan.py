"""Decides what kind of turn a question is: a search, a task on whole documents, or one about what was said before."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from app.answer.question import QuestionPart
from app.query.document_tasks import (
    DocumentTask,
    TaskKind,
    find_document_task,
    find_whole_question,
    is_document_task,
    whole_documents,
)
from app.query.forms import form_of
from app.query.parts import MOST_PARTS, AskedQuestion, may_hold_several, may_lean, needed_of, split_by_model, tell_apart
from app.query.rewriting import Rewriting, rewrite_by_model, rewrite_by_rule
from app.query.turn_kinds import OF_WHOLE, WITHOUT_ANSWER, TurnKind, turn_kind
from core.messages import N_, _
from core.protocols import ChatEngine, Embedder
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.search.filters import Filter
    from index.store.chat_messages import ChatMessage
    from index.store.library import Library

PlanKind = TurnKind | Literal["summary", "comparison", "read_through"]

TASKS = frozenset[PlanKind](("summary", "comparison", "read_through", *OF_WHOLE))
"""Kinds that are of whole documents."""

_TASK_OF: dict[TurnKind, TaskKind] = {"about": "about", "audience": "audience", "extent": "extent"}

LONG_CHARACTERS = 4000
"""Characters of a document from which a question for a list is put to each of its pages: more than a search shows."""

MORE_QUESTIONS = N_("Only the first {most} of {count} questions are answered; ask the others by themselves.")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is to be answered.

    ``kind`` is that of `app.query.turn_kinds`, or a task on whole documents. For a search, ``search_text`` is what is
    searched for, and ``note`` is a line that says so, "" if it is the question itself. For a task on whole documents,
    ``documents`` are their ids, and ``words`` what is asked beside their names. ``parts`` are the questions of a turn
    that asks several, () for one; ``asked`` is the question of a long turn without most of its story, "" for any other.
    """

    kind: PlanKind
    search_text: str = ""
    note: str = ""
    documents: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()
    asked: str = ""
    words: str = ""


def plan_turn(
    question: str,
    messages: Sequence[ChatMessage],
    library: Library,
    embedder: Embedder | None,
    *,
    within: Filter | None = None,
    engine: ChatEngine | None = None,
    cancel: threading.Event | None = None,
    compared: bool = True,
) -> Plan:
    """The plan for ``question`` after the conversation's ``messages``, oldest first; ``within`` filters documents.

    A question that clearly asks for a summary or comparison of documents it identifies is one. A turn that is clearly
    about the answer before, the conversation or the library, or thanks, is that; any other is a search. The turn is
    not ``compared`` with examples by a single command, which embedding them would take a second, nor without an
    ``embedder``. A search for several things is told apart, and so is a question from the story before it.
    A follow-up is made standalone by rule, or by ``engine`` if the rule is not sure and the model rewrites well.
    Raises UsageError for a filter that keeps no document, and what the engine raises.
    """
    if task := _document_task(question, messages, library, within):
        return Plan(task.kind, documents=task.documents, words=task.words)
    kind = turn_kind(question, embedder) if embedder and compared else "search"
    if kind in OF_WHOLE or form_of(question) == "list":
        if task := _whole_question(kind, question, messages, library, within):
            return Plan(task.kind, documents=task.documents, words=task.words)
        kind = "search" if kind in OF_WHOLE else kind
    if kind != "search" and (messages or kind in WITHOUT_ANSWER):
        return Plan(kind)
    if several := _plan_parts(question, messages, embedder, engine, cancel):
        return several
    rewriting = _rewrite(question, messages, engine, cancel)
    return Plan("search", rewriting.text, rewriting.note)


def _plan_parts(
    turn: str,
    messages: Sequence[ChatMessage],
    embedder: Embedder | None,
    engine: ChatEngine | None,
    cancel: threading.Event | None,
) -> Plan | None:
    """The plan of a turn that asks several things, or one after a story; None for a plain question."""
    told = tell_apart(turn)
    questions = told.questions
    if len(questions) == 1 and not told.story:
        by_model = _split(questions[0].text, engine, cancel)
        if not by_model:
            return None
        questions = tuple(map(AskedQuestion, by_model))
    parts: list[QuestionPart] = []
    notes = [_(MORE_QUESTIONS, most=MOST_PARTS, count=len(questions))] if len(questions) > MOST_PARTS else []
    for question in questions[:MOST_PARTS]:
        story = needed_of(told.story, question.text, embedder) if embedder else ""
        rewriting = _rewrite(question.text, messages, engine, cancel, [part.search_text for part in parts])
        if rewriting.note:
            notes.append(rewriting.note)
        before = " ".join(filter(None, (story, question.before)))
        search_text = f"{before} {rewriting.text}".strip()
        parts.append(QuestionPart(question.text, f"{search_text} {question.after}".strip(), search_text))
    note = " ".join(notes)
    if len(parts) == 1:
        searched = parts[0].search_text
        return Plan("search", searched, _("Searched for: {text}", text=searched), asked=parts[0].text)
    return Plan("search", turn, note, parts=tuple(parts))


def _split(question: str, engine: ChatEngine | None, cancel: threading.Event | None) -> tuple[str, ...]:
    """The questions of a list of things in one sentence, told apart by a model that words questions well; () for one.

    Only a list of three or more is worth the second that it takes.
    """
    if engine is None or not skills(engine.name, engine.size).rewrites or not may_hold_several(question):
        return ()
    return split_by_model(question, engine, cancel)


def _document_task(
    question: str, messages: Sequence[ChatMessage], library: Library, within: Filter | None
) -> DocumentTask | None:
    """The task that the question sets; "this report" is what the last answer quoted."""
    if not is_document_task(question):
        return None
    return find_document_task(question, whole_documents(library, within), _recent(messages))


def _recent(messages: Sequence[ChatMessage]) -> tuple[str, ...]:
    """The documents that the last answer quoted."""
    citations = messages[-1].citations if messages else ()
    return tuple(dict.fromkeys(citation.document_id for citation in citations))


def _whole_question(
    kind: TurnKind, question: str, messages: Sequence[ChatMessage], library: Library, within: Filter | None
) -> DocumentTask | None:
    """The task of a question about a whole document, or of one for a list of all that a long document has of a thing.

    A list of a short document is what a search finds.
    """
    documents = whole_documents(library, within)
    task = find_whole_question(_TASK_OF.get(kind, "read_through"), question, documents, _recent(messages))
    if task is None or task.kind != "read_through":
        return task
    return task if len(library.document(task.documents[0]).text) >= LONG_CHARACTERS else None


def _rewrite(
    question: str,
    messages: Sequence[ChatMessage],
    engine: ChatEngine | None,
    cancel: threading.Event | None,
    before: Sequence[str] = (),
) -> Rewriting:
    """``question`` made standalone, after the conversation and the questions ``before`` it in its own turn."""
    searched = [
        (asked.text, replied.answer)
        for asked, replied in pairwise(messages)
        if asked.role == "user" and replied.answer is not None and (replied.answer.searched or replied.answer.passages)
    ]
    earlier = [one for text, reply in searched for one in ([part.searched for part in reply.parts] or [text])]
    last = searched[-1][1] if searched else None
    answered = last.text if last and not last.cancelled else ""
    if last and last.parts and answered:
        answered = last.parts[-1].text
    if before:
        earlier, answered = [*earlier, *before], ""
    rewriting = rewrite_by_rule(question, earlier, answered)
    sure = rewriting.sure and not (before and may_lean(question))
    if sure or engine is None or not skills(engine.name, engine.size).rewrites:
        return rewriting
    return rewrite_by_model(question, earlier, answered, engine, cancel)
