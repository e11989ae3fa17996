"""A conversation: its history as it was sent, and each answer saved with its citations."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.events import Answered, Event, Note, PromptFitted
from app.answer.pipeline import answer
from app.query.plan import Plan, plan_turn
from app.summarize.context import TaskContext
from app.summarize.tasks import carry_out
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from core.types import Answer, AnswerBy, Message, Mode, Strictness, Timings, Usage

if TYPE_CHECKING:
    from index.reader.span_reader import SpanReader
    from index.search.filters import Filter
    from index.search.retriever import Retriever
    from index.store.chats import ChatMessage, Chats
    from index.store.library import Library


class Conversation:
    """Questions asked one after the other; shared by ``lectern chat`` and the page.

    ``chat_id`` names a saved chat to go on with; "" starts one, which is saved with its first answer, as ``new_id``
    where one is given. After that ``chat_id`` is its id. ``saved`` is the number of the last message that was saved
    here, 0 before the first.
    """

    def __init__(
        self,
        *,
        library: Library,
        retriever: Retriever,
        embedder: Embedder,
        engine: ChatEngine | None,
        settings: Settings,
        chat_id: str = "",
        new_id: str = "",
        load_reader: Callable[[], SpanReader] | None = None,
    ) -> None:
        from index.store.chats import Chats

        self.chat_id = chat_id
        self.saved = 0
        self._new_id = new_id
        self._library = library
        self._retriever = retriever
        self._embedder = embedder
        self._engine = engine
        self._settings = settings
        self._load_reader = load_reader
        self._chats = Chats(library)
        self._cache = chat_id or new_id or uuid.uuid4().hex

    def ask(
        self,
        question: str,
        *,
        mode: Mode | None = None,
        answer_by: AnswerBy | None = None,
        strictness: Strictness | None = None,
        cancel: threading.Event | None = None,
        within: Filter | None = None,
    ) -> Iterator[Event]:
        """The events of ``app.answer.pipeline.answer``; the turn is saved before ``Answered`` is given out.

        A follow-up that does not say what it is about is made standalone for the search; a note says how.
        A turn whose iterator is closed before its end is not saved. Raises what ``answer`` raises, and UsageError
        where no chat has the id ``chat_id``, or it was deleted meanwhile.
        """
        # As it is saved: a document that was removed meanwhile is not sent again.
        messages = self._chats.load(self.chat_id).messages if self.chat_id else ()
        engine = self._engine if (answer_by or self._settings.answer) == "model" else None
        plan = plan_turn(question, messages, self._library, within=within, engine=engine, cancel=cancel)
        if plan.kind != "search":
            yield from self._carry_out(plan, question, engine, cancel or threading.Event())
            return
        if plan.note:
            yield Note(plan.note, quiet=True)
        sent = question
        events = answer(
            question,
            library=self._library,
            retriever=self._retriever,
            embedder=self._embedder,
            engine=engine,
            settings=self._settings.model_copy(update={"strictness": strictness or self._settings.strictness}),
            history=self._history(messages),
            mode=mode,
            answer_by=answer_by,
            conversation=self._cache,
            cancel=cancel,
            search_for=plan.search_text,
            load_reader=self._load_reader,
            within=within,
        )
        fitted = False
        with closing(events):
            for event in events:
                if isinstance(event, PromptFitted) and not fitted:
                    sent, fitted = event.fitted.messages[-1].content, True
                if isinstance(event, Answered):
                    event = self._save(question, sent, event.answer, plan.note)
                yield event

    def _carry_out(
        self, plan: Plan, question: str, engine: ChatEngine | None, cancel: threading.Event
    ) -> Iterator[Event]:
        context = TaskContext(self._embedder, engine, self._settings, cancel)
        notes: list[str] = []
        with closing(carry_out(plan, self._library, context)) as events:
            for event in events:
                if isinstance(event, Note):
                    notes.append(event.text)
                if isinstance(event, Answered):
                    told = tuple(dict.fromkeys((*notes, *event.answer.notes)))
                    event = self._save(question, question, replace(event.answer, question=question, notes=told), "")
                yield event

    def _history(self, messages: Sequence[ChatMessage]) -> list[Message]:
        """The turns as they are sent: as they were, but for sources whose file has changed or gone since.

        A question that was sent with such sources is sent bare: an old version must not speak for the present one.
        A stopped answer is not sent, nor its question: it was cut short and never held against the sources, and a model
        takes what stands in its history for true and goes on in its manner.
        """
        stopped = {at for at, m in enumerate(messages) if m.answer is not None and m.answer.cancelled}
        messages = [m for at, m in enumerate(messages) if at not in stopped and at + 1 not in stopped]
        sent = [Message(m.role, m.sent) for m in messages]
        read = {at: _documents(m.answer) for at, m in enumerate(messages) if at and m.answer is not None}
        gone = {one for one in set().union(*read.values()) if not self._library.has(one)}
        for at, documents in read.items():
            if documents & gone:
                sent[at - 1] = Message("user", messages[at - 1].text)
        return sent

    def _save(self, question: str, sent: str, given: Answer, note: str) -> Answered:
        """Keep the turn. The model later reads the answer as the person read it, not what it was overruled in."""
        if note:
            given = replace(given, notes=(note, *given.notes))
        self.chat_id = save_turn(self._chats, question, sent, given, self.chat_id, self._new_id)
        self.saved = self._chats.last_message(self.chat_id) or 0
        return Answered(given)


def save_turn(chats: Chats, question: str, sent: str, given: Answer, chat_id: str, new_id: str = "") -> str:
    """Save a question as it was sent, with its answer, in the chat of that id, or in a new one; returns its id.

    Raises UsageError where the chat was deleted.
    """
    from index.store.chats import ChatMessage

    turn = (ChatMessage("user", question, sent), ChatMessage("assistant", given.text, given.text, given))
    if not chat_id:
        return chats.create(question, *turn, chat_id=new_id)
    chats.append(chat_id, *turn)
    return chat_id


def nothing_written(question: str, mode: Mode) -> Answer:
    """The answer to a question that was stopped before anything was found for it."""
    return Answer(
        question=question,
        text="",
        found=False,
        sentences=(),
        evidence=(),
        passages=(),
        steps=(),
        timings=Timings(),
        usage=Usage(stopped="cancelled"),
        model="",
        mode=mode,
        cancelled=True,
    )


def _documents(given: Answer) -> set[str]:
    """The ids of all documents that the model may have read for an answer."""
    cited = (citation.document_id for sentence in given.sentences for citation in sentence.citations)
    return {p.document_id for p in given.passages} | {c.document_id for c in given.evidence} | set(cited)
