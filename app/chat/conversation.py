"""A conversation: its history as it was sent, and each answer saved with its citations."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer.events import Answered, Event, Note, PromptFitted
from app.answer.pipeline import answer
from app.answer.question import Question
from app.answer.services import Services
from app.query.document_tasks import WholeTask, asks_for_whole, documents_in, task_of
from app.query.rewriting import Search, by_model, search_for
from app.summarize.phrasing import Tools
from app.summarize.summary import carry_out
from core.protocols import ChatEngine
from core.types import Answer, AnswerBy, Message, Mode, Strictness, Timings, Usage
from generate.catalogue import skills

if TYPE_CHECKING:
    from index.search.filters import Filter
    from index.store.chat_messages import ChatMessage
    from index.store.chats import Chats


class Conversation:
    """Questions asked one after the other; shared by ``lectern chat`` and the page.

    ``chat_id`` names a saved chat to go on with; "" starts one, which is saved with its first answer, as ``new_id``
    where one is given. After that ``chat_id`` is its id. ``saved`` is the number of the last message that was saved
    here, 0 before the first.
    """

    def __init__(
        self,
        services: Services,
        *,
        chat_id: str = "",
        new_id: str = "",
    ) -> None:
        from index.store.chats import Chats

        self.chat_id = chat_id
        self.saved = 0
        self._new_id = new_id
        self._services = services
        self._library = services.library
        self._settings = services.settings
        self._chats = Chats(services.library)
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
        engine = self._services.engine if (answer_by or self._settings.answer) == "model" else None
        if task := self._task(question, messages, within):
            yield from self._carry_out(task, question, engine, cancel or threading.Event())
            return
        search = self._standalone(question, messages, engine, cancel)
        if search.note:
            yield Note(search.note, quiet=True)
        sent = question
        settings = self._settings.model_copy(update={"strictness": strictness or self._settings.strictness})
        asked = Question(
            question,
            search=search.text,
            mode=mode,
            answer_by=answer_by,
            history=tuple(self._history(messages)),
            conversation=self._cache,
            within=within,
            cancel=cancel,
        )
        events = answer(asked, replace(self._services, engine=engine, settings=settings))
        fitted = False
        with closing(events):
            for event in events:
                if isinstance(event, PromptFitted) and not fitted:
                    sent, fitted = event.fitted.messages[-1].content, True
                if isinstance(event, Answered):
                    event = self._save(question, sent, event.answer, search.note)
                yield event

    def _task(self, question: str, messages: Sequence[ChatMessage], within: Filter | None) -> WholeTask | None:
        """A task on whole documents, where the question surely sets one; "this report" is what was quoted last."""
        if not asks_for_whole(question):
            return None
        quoted = messages[-1].citations if messages else ()
        recent = tuple(dict.fromkeys(citation.document_id for citation in quoted))
        return task_of(question, documents_in(self._library, within), recent)

    def _standalone(
        self,
        question: str,
        messages: Sequence[ChatMessage],
        engine: ChatEngine | None,
        cancel: threading.Event | None,
    ) -> Search:
        """The question by rule, or by the model where the rule is not sure and the model is good enough for it."""
        earlier = [m.text for m in messages if m.role == "user"]
        last = messages[-1].answer if messages else None
        answered = last.text if last and not last.cancelled else ""
        search = search_for(question, earlier, answered)
        if search.sure or engine is None or not skills(engine.name, engine.size).rewrites:
            return search
        return by_model(question, earlier, answered, engine, cancel)

    def _carry_out(
        self, task: WholeTask, question: str, engine: ChatEngine | None, cancel: threading.Event
    ) -> Iterator[Event]:
        tools = Tools(self._services.embedder, engine, self._settings, cancel)
        notes: list[str] = []
        with closing(carry_out(task, self._library, tools)) as events:
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
    from index.store.chat_messages import ChatMessage

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
