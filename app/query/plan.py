"""Decides what kind of turn a question is: a search, a task on whole documents, or one about what was said before."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from app.query.document_tasks import DocumentTask, find_document_task, is_document_task, whole_documents
from app.query.rewriting import Rewriting, rewrite_by_model, rewrite_by_rule
from app.query.turn_kinds import WITHOUT_ANSWER, TurnKind, turn_kind
from core.protocols import ChatEngine, Embedder
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.search.filters import Filter
    from index.store.chat_messages import ChatMessage
    from index.store.library import Library

PlanKind = TurnKind | Literal["summary", "comparison"]

TASKS = frozenset[PlanKind](("summary", "comparison"))
"""Kinds that are of whole documents."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is to be answered.

    ``kind`` is that of `app.query.turn_kinds`, or a task on whole documents. For a search, ``search_text`` is what is
    searched for, and ``note`` is a line that says so, "" if it is the question itself. For a summary or comparison,
    ``documents`` are the ids of the one or two documents that it is of.
    """

    kind: PlanKind
    search_text: str = ""
    note: str = ""
    documents: tuple[str, ...] = ()


def plan_turn(
    question: str,
    messages: Sequence[ChatMessage],
    library: Library,
    embedder: Embedder | None,
    *,
    within: Filter | None = None,
    engine: ChatEngine | None = None,
    cancel: threading.Event | None = None,
) -> Plan:
    """The plan for ``question`` after the conversation's ``messages``, oldest first; ``within`` filters documents.

    A question that clearly asks for a summary or comparison of documents it identifies is one. A turn that is clearly
    about the answer before, the conversation or the library, or thanks, is that; any other is a search. Without an
    ``embedder`` no turn is compared with examples: embedding them takes a single command a second.
    A follow-up is made standalone by rule, or by ``engine`` if the rule is not sure and the model rewrites well.
    Raises UsageError for a filter that keeps no document, and what the engine raises.
    """
    if task := _document_task(question, messages, library, within):
        return Plan(task.kind, documents=task.documents)
    kind = turn_kind(question, embedder) if embedder else "search"
    if kind != "search" and (messages or kind in WITHOUT_ANSWER):
        return Plan(kind)
    rewriting = _rewrite(question, messages, engine, cancel)
    return Plan("search", rewriting.text, rewriting.note)


def _document_task(
    question: str, messages: Sequence[ChatMessage], library: Library, within: Filter | None
) -> DocumentTask | None:
    """The task that the question sets; "this report" is what the last answer quoted."""
    if not is_document_task(question):
        return None
    citations = messages[-1].citations if messages else ()
    recent = tuple(dict.fromkeys(citation.document_id for citation in citations))
    return find_document_task(question, whole_documents(library, within), recent)


def _rewrite(
    question: str, messages: Sequence[ChatMessage], engine: ChatEngine | None, cancel: threading.Event | None
) -> Rewriting:
    searched = [
        (asked.text, replied.answer)
        for asked, replied in pairwise(messages)
        if asked.role == "user" and replied.answer is not None and (replied.answer.searched or replied.answer.passages)
    ]
    earlier = [text for text, _ in searched]
    last = searched[-1][1] if searched else None
    answered = last.text if last and not last.cancelled else ""
    rewriting = rewrite_by_rule(question, earlier, answered)
    if rewriting.sure or engine is None or not skills(engine.name, engine.size).rewrites:
        return rewriting
    return rewrite_by_model(question, earlier, answered, engine, cancel)
