"""A conversation: questions answered one after the other, each turn saved in the library with its citations."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from app.answer.events import Answered, Event, Note, PromptFitted
from app.answer.own_words import answer_by_itself
from app.answer.parts import answer_parts
from app.answer.pipeline import answer
from app.answer.question import Question
from app.answer.services import Services, who_answers
from app.chat import messages as say
from app.chat.last_answer import answer_turn
from app.query.plan import TASKS, Plan, plan_turn
from app.query.turn_kinds import TurnKind
from app.summarize.context import TaskContext
from app.summarize.tasks import carry_out
from core.errors import ModelMissing
from core.messages import _
from core.protocols import ChatEngine
from core.types import Answer, AnswerChoice, Citation, Message, Mode, Passage, Strictness, Timings, Usage
from index.store.standing_notes import read_notes

if TYPE_CHECKING:
    from app.chat.open_documents import OpenDocuments
    from app.chat.temporary import KeepsChats
    from index.search.filters import Filter
    from index.store.chat_messages import ChatMessage
    from prompts.opening import Opening


class Conversation:
    """A conversation over one library, used by ``lectern chat`` and by the page.

    ``chat_id`` is the id of the saved conversation to continue. With "" a new one begins: it is saved with its first
    answer, under ``new_id`` or else an id of its own, which ``chat_id`` holds from then on. ``saved`` is the number of
    the last message saved by this object, 0 before the first. ``chats`` is where it is saved: the library, or for a
    conversation that leaves nothing the memory.
    """

    def __init__(
        self,
        services: Services,
        *,
        chat_id: str = "",
        new_id: str = "",
        chats: KeepsChats | None = None,
    ) -> None:
        from index.store.chats import Chats

        self.chat_id = chat_id
        self.saved = 0
        self._new_id = new_id
        self._services = services
        self._library = services.library
        self._settings = services.settings
        self._chats = chats or Chats(services.library)
        self._after: int | None = None
        self._cache = chat_id or new_id or uuid.uuid4().hex

    def ask(
        self,
        question: str,
        *,
        mode: Mode | None = None,
        answer_by: AnswerChoice | None = None,
        strictness: Strictness | None = None,
        cancel: threading.Event | None = None,
        within: Filter | None = None,
        opened: OpenDocuments | None = None,
        in_place_of: int = 0,
        own_words: bool = False,
    ) -> Iterator[Event]:
        """Answer a question; yields the events of ``app.answer.pipeline.answer`` or of a task on whole documents.

        A follow-up that depends on earlier turns is rewritten into a standalone question for the search; a note says
        how. Where all of the documents ``opened`` is read, the model answers over them; else another note says why not.
        ``in_place_of`` is the number of an earlier question's message that this one is another version of, 0 for none:
        it is answered as if what followed had not been said. ``own_words``: the model answers without the documents,
        and the answer says so. The turn is saved just before ``Answered`` is yielded, and not at all where the iterator
        is closed earlier.
        Raises what ``answer`` raises, and UsageError where the saved conversation does not exist or was deleted.
        """
        # Read from the library each time: quotes of a document that was removed meanwhile are not sent again.
        messages = self._chats.load(self.chat_id).messages if self.chat_id else ()
        self._after = None  # whatever is the last message by then: another program may ask in the same conversation
        if in_place_of:
            messages = tuple(message for message in messages if message.id < in_place_of)
            self._after = messages[-1].id if messages else 0
        if own_words:
            yield from self._own_words(question, messages, cancel)
            return
        engine = self._writer(answer_by)
        embedder = self._services.embedder
        plan = plan_turn(question, messages, self._library, embedder, within=within, engine=engine, cancel=cancel)
        if plan.kind in TASKS:
            yield from self._run_task(plan, question, engine, cancel or threading.Event())
            return
        opening, told = None, ""
        if opened and plan.kind == "search" and engine:
            limited = bool(within) or (mode or self._settings.mode) != "direct"
            opening, told = opening_for(opened, cancel, limited=limited)
        notes, standing = tuple(filter(None, (plan.note, told))), read_notes(self._library)
        yield from (Note(note, quiet=True) for note in notes)
        settings = self._settings.model_copy(update={"strictness": strictness or self._settings.strictness})
        request = Question(
            question,
            asked=plan.asked,
            search_override=plan.search_text,
            mode=mode,
            answer_by=answer_by,
            history=tuple(self._history(messages)),
            conversation=self._cache,
            within=_these(opening) if opening else within,
            opening=opening,
            notes=standing.text,
            language=standing.language,
            cancel=cancel,
        )
        services = replace(self._services, engine=engine, settings=settings)
        if plan.parts and (mode or settings.mode) != "react":
            events = answer_parts(request, plan.parts, services)
        elif plan.kind == "search":
            events = answer(request, services)
        else:
            events = answer_turn(cast(TurnKind, plan.kind), request, messages, services)
        yield from self._saving(question, events, notes, alone=not plan.parts)

    def _own_words(
        self, question: str, messages: Sequence[ChatMessage], cancel: threading.Event | None
    ) -> Iterator[Event]:
        """The model's answer without any document, marked as that. Raises ModelMissing without a model that answers."""
        if self._services.engine is None:
            raise ModelMissing(_(say.NO_OWN_WORDS), _(say.PULL_A_READER))
        request = Question(
            question, history=tuple(self._history(messages)), conversation=self._cache, cancel=cancel, mode="direct"
        )
        yield from self._saving(question, answer_by_itself(request, self._services), (), alone=True)

    def _saving(
        self, question: str, events: Generator[Event, None, None], notes: tuple[str, ...], *, alone: bool
    ) -> Iterator[Event]:
        """The events of an answer, which is saved with ``notes`` before it is yielded.

        ``alone``: the question is one; the prompts of several hold a part of what was asked each.
        """
        sent, fitted = question, False
        with closing(events):
            for event in events:
                if isinstance(event, PromptFitted) and not fitted and alone:
                    sent, fitted = event.fitted.messages[-1].content, True
                if isinstance(event, Answered):
                    event = self._save(question, sent, event.answer, notes)
                yield event

    @property
    def is_written(self) -> bool:
        """Whether a model writes the answers, where a question does not say who does."""
        return self._writer(None) is not None

    def _writer(self, answer_by: AnswerChoice | None) -> ChatEngine | None:
        """The engine, if it is to phrase the answer."""
        engine = self._services.engine
        return engine if who_answers(answer_by or self._settings.answer, engine) == "model" else None

    def _run_task(
        self, plan: Plan, question: str, engine: ChatEngine | None, cancel: threading.Event
    ) -> Iterator[Event]:
        """Carry out a task on whole documents; its answer is saved with the notes that came before it."""
        context = TaskContext(self._services.embedder, engine, self._settings, cancel)
        notes: list[str] = []
        with closing(carry_out(plan, question, self._library, context)) as events:
            for event in events:
                if isinstance(event, Note):
                    notes.append(event.text)
                if isinstance(event, Answered):
                    all_notes = tuple(dict.fromkeys((*notes, *event.answer.notes)))
                    event = self._save(
                        question, question, replace(event.answer, question=question, notes=all_notes), ()
                    )
                yield event

    def _history(self, messages: Sequence[ChatMessage]) -> list[Message]:
        """The earlier turns as messages for the model, questions with the sources that they were sent with.

        A question whose sources have changed or gone since is sent without any: an old version of a file must not be
        read as the present one. A stopped answer and its question are left out: it was never aligned with its sources,
        and a model trusts and imitates what stands in its history.
        """
        stopped = {at for at, m in enumerate(messages) if m.answer is not None and m.answer.cancelled}
        messages = [m for at, m in enumerate(messages) if at not in stopped and at + 1 not in stopped]
        sent = [Message(m.role, m.sent) for m in messages]
        read = {at: _documents_read(m.answer) for at, m in enumerate(messages) if at and m.answer is not None}
        gone = {document for document in set().union(*read.values()) if not self._library.has(document)}
        for at, documents in read.items():
            if documents & gone:
                sent[at - 1] = Message("user", messages[at - 1].text)
        return sent

    def _save(self, question: str, sent: str, answer: Answer, notes: tuple[str, ...]) -> Answered:
        """Save the turn; ``sent`` is the question as the model read it, ``notes`` say how it was rewritten and such.

        The answer goes into the history as it is shown, not as the model drafted it.
        """
        if notes:
            answer = replace(answer, notes=(*notes, *answer.notes))
        self.chat_id = save_turn(self._chats, question, sent, answer, self.chat_id, self._new_id, self._after)
        self.saved = self._chats.last_message(self.chat_id) or 0
        return Answered(answer)


def opening_for(
    opened: OpenDocuments, cancel: threading.Event | None = None, *, limited: bool
) -> tuple[Opening | None, str]:
    """What a question is answered over, None for what the search finds, and a line that says so, "" for none.

    ``limited``: the question is asked in a mode or with a filter that whole documents are not read in.
    """
    if not opened.documents:
        return None, ""
    if limited:
        return None, _(say.NOT_READ_SO)
    opening, state = opened.for_question(cancel)
    names = ", ".join(state.names)
    if opening is None:
        return None, state.problem or _(say.STILL_READ, names=names, share=state.share)
    return opening, _(say.FROM_OPEN, names=names)


def _these(opening: Opening) -> Filter:
    """A search in the documents of ``opening`` alone."""
    from index.search.filters import Filter

    return Filter(documents=opening.documents)


def save_turn(
    chats: KeepsChats,
    question: str,
    sent: str,
    answer: Answer,
    chat_id: str,
    new_id: str = "",
    after: int | None = None,
) -> str:
    """Save a turn in the conversation ``chat_id``, for "" in a new one, and return the conversation's id.

    ``sent`` is the question as the model read it, with its sources; ``after`` the number of the message that it
    follows, None for the last one. Raises UsageError where the conversation was deleted.
    """
    from index.store.chat_messages import ChatMessage

    turn = (ChatMessage("user", question, sent), ChatMessage("assistant", answer.text, answer.text, answer))
    if not chat_id:
        return chats.create(question, *turn, chat_id=new_id)
    chats.append(chat_id, *turn, after=after)
    return chat_id


def nothing_written(question: str, mode: Mode) -> Answer:
    """The empty answer of a question that was stopped before its search."""
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


def _documents_read(answer: Answer) -> set[str]:
    """The ids of all documents that the model may have read for this answer."""
    read: list[Passage | Citation] = [*answer.passages, *answer.evidence, *answer.citations]
    return {found.document_id for found in read}
