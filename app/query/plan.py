"""Decides what kind of turn a question is: a search, or a summary or comparison of whole documents."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.query.document_tasks import DocumentTask, find_document_task, is_document_task, whole_documents
from app.query.rewriting import Rewriting, rewrite_by_model, rewrite_by_rule
from core.protocols import ChatEngine
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.search.filters import Filter
    from index.store.chat_messages import ChatMessage
    from index.store.library import Library

PlanKind = Literal["search", "summary", "comparison"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is to be answered.

    For a search, ``search_text`` is what is searched for, and ``note`` is a line that says so, "" if it is the question
    itself. For a summary or comparison, ``documents`` are the ids of the one or two documents that it is of.
    """

    kind: PlanKind
    search_text: str = ""
    note: str = ""
    documents: tuple[str, ...] = ()


def plan_turn(
    question: str,
    messages: Sequence[ChatMessage],
    library: Library,
    *,
    within: Filter | None = None,
    engine: ChatEngine | None = None,
    cancel: threading.Event | None = None,
) -> Plan:
    """The plan for ``question`` after the conversation's ``messages``, oldest first; ``within`` filters documents.

    A question that clearly asks for a summary or comparison of documents it identifies is one; any other is a search.
    A follow-up is made standalone by rule, or by ``engine`` if the rule is not sure and the model rewrites well.
    Raises UsageError for a filter that keeps no document, and what the engine raises.
    """
    if task := _document_task(question, messages, library, within):
        return Plan(task.kind, documents=task.documents)
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
    earlier = [message.text for message in messages if message.role == "user"]
    last = messages[-1].answer if messages else None
    answered = last.text if last and not last.cancelled else ""
    rewriting = rewrite_by_rule(question, earlier, answered)
    if rewriting.sure or engine is None or not skills(engine.name, engine.size).rewrites:
        return rewriting
    return rewrite_by_model(question, earlier, answered, engine, cancel)
