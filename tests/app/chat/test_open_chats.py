"""Conversations that are open in the page: one for each chat, whoever asks in it, its questions in order."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.answer.services import Services, who_answers
from app.chat import open_chat, open_chats
from app.chat.chat_turns import ChatSnapshot, Choices
from app.chat.conversation import Conversation
from app.chat.open_chat import OpenChat
from app.chat.open_chats import OpenChats
from app.chat.open_documents import OpenDocuments
from core.errors import EngineStopped, ModelMissing, UsageError
from core.settings import Settings
from core.types import AnswerBy, AnswerChoice
from index.store.chats import Chats
from index.store.library import Library

RENT, SIGNED = "The rent is 640 euros a month.", "It was signed by Maren Oyelaran."
HOW_MUCH, WHO = "How much is the rent a month?", "Who signed the lease?"
PATIENCE_S = 20.0


class ScriptedModels:
    """The scripted model keeps nothing, and only phrases; the settings ask for it all the same."""

    choice: AnswerChoice = "model"

    def forget(self) -> None:
        pass

    def answer_by(self, choice: AnswerChoice | None = None) -> AnswerBy:
        return who_answers(choice or self.choice, None)


class ScriptedLibrary:
    """A real library and real conversations over it, asked of a scripted model."""

    def __init__(self, library, engine, asked, embedder) -> None:
        self.library, self.engine = library, engine
        self.settings = Settings(home=library.folder.parents[1], answer="model")
        self.models = ScriptedModels()
        self.open_documents = OpenDocuments(library, self.models)
        self.with_model: list[bool] = []
        self._asked, self._embedder = asked, embedder

    def conversation(self, chat_id: str = "", *, with_model: bool = True, new_id: str = "", chats=None) -> Conversation:
        self.with_model.append(with_model)
        engine = self.engine if with_model else None
        services = Services(self.library, self._asked.retriever, self._embedder, engine, self.settings)
        return Conversation(services, chat_id=chat_id, new_id=new_id, chats=chats)


class Gate:
    """Lets a scripted model write so many words an answer, and no further one until it is open; Stop ends it anyway."""

    def __init__(self, engine, words: int = 0) -> None:
        self.writing, self._open = threading.Event(), threading.Event()
        self._words, self._of_this_answer = words, threading.local()  # an answer is written in a thread of its own
        self._engine, self._generate = engine, type(engine).generate
        engine.generate, engine.before_piece = self._started, self._pass

    def _started(self, *messages, cancel, **given):
        self._of_this_answer.cancel, self._of_this_answer.words = cancel, self._words
        return self._generate(self._engine, *messages, cancel=cancel, **given)

    def _pass(self) -> None:
        self._of_this_answer.words -= 1
        if self._of_this_answer.words < 0:
            self.writing.set()
            while not self._open.wait(0.01) and not self._of_this_answer.cancel.is_set():
                pass

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def scripted_library(library, asked, embedder, scripted):
    return lambda *answers: ScriptedLibrary(library, scripted(*answers), asked, embedder)


def until(chat: OpenChat, done) -> ChatSnapshot:
    """The conversation once ``done`` of it is true."""
    end = time.monotonic() + PATIENCE_S
    while not done(now := chat.snapshot()):
        assert time.monotonic() < end, now
        time.sleep(0.01)
    return now


def answered(chat: OpenChat) -> ChatSnapshot:
    return until(chat, lambda now: not now.jobs)


def texts(library, key: str) -> list[str]:
    return [message.text for message in Chats(library).load(key).messages]


def test_a_chat_is_one_conversation_however_many_tabs_open_it(scripted_library, library):
    chats = Chats(library)
    for _ in range(20):
        conversations, chat_id, together = OpenChats(scripted_library()), chats.create("A chat"), threading.Barrier(8)

        def opened(_tab, conversations=conversations, chat_id=chat_id, together=together):
            together.wait(PATIENCE_S)
            return conversations.get(chat_id)

        with ThreadPoolExecutor(8) as tabs:
            assert len(set(tabs.map(opened, range(8)))) == 1


def test_a_question_waits_for_the_one_before_it_and_both_are_kept_in_order(scripted_library, library):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED))
    gate = Gate(one.engine)
    first = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    assert gate.writing.wait(PATIENCE_S)
    second = conversations.get(first.key)  # the other tab has the address of a chat that is not saved yet
    conversations.ask(second, WHO, Choices())
    now = second.snapshot()
    assert [(job.snapshot().question, job.snapshot().stage) for job in now.jobs] == [
        (HOW_MUCH, "reading"),
        (WHO, "behind"),
    ]
    gate.open()
    assert [turn.answer.text for turn in answered(first).turns] == [RENT, SIGNED]
    assert texts(library, first.key) == [HOW_MUCH, RENT, WHO, SIGNED]
    assert [turn.question for turn in OpenChats(one).get(first.key).snapshot().turns] == [HOW_MUCH, WHO]


def test_two_tabs_look_at_the_end_at_once_and_see_it_once(scripted_library):
    conversations = OpenChats(scripted_library(RENT))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    with ThreadPoolExecutor(4) as tabs:
        snapshots = list(tabs.map(lambda _tab: answered(chat), range(4)))
    assert [[turn.question for turn in now.turns] for now in snapshots] == [[HOW_MUCH]] * 4
    assert len({now.version for now in snapshots}) == 1


def test_a_waiting_question_is_stopped_and_saved_as_stopped(scripted_library, library):
    conversations = OpenChats(one := scripted_library(RENT))
    gate = Gate(one.engine)
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    assert gate.writing.wait(PATIENCE_S)
    conversations.ask(chat, WHO, Choices())
    before = chat.snapshot()
    before.jobs[1].stop()
    assert chat.snapshot().version != before.version  # the other tab draws it anew
    gate.open()
    first, second = answered(chat).turns
    assert (first.answer.text, first.answer.cancelled) == (RENT, False)
    assert (second.question, second.answer.text, second.answer.cancelled) == (WHO, "", True)
    assert Chats(library).load(chat.key).messages[-1].answer.cancelled


def test_stop_pressed_twice_stops_one_answer(scripted_library):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED))
    gate = Gate(one.engine, words=3)
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    conversations.ask(chat, WHO, Choices())
    assert gate.writing.wait(PATIENCE_S)
    stopped = chat.snapshot().jobs[0]
    stopped.stop()
    assert stopped.wait(PATIENCE_S)
    stopped.stop()
    gate.open()
    first, second = answered(chat).turns
    assert (first.answer.text, first.answer.cancelled) == ("The rent is", True)
    assert (second.answer.text, second.answer.cancelled) == (SIGNED, False)


def test_stop_does_not_wait_for_models_to_load(scripted_library, library):
    conversations = OpenChats(one := scripted_library(SIGNED))
    loaded, start = threading.Event(), one.conversation
    one.conversation = lambda *args, **given: loaded.wait(PATIENCE_S) and start(*args, **given)
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    chat.snapshot().jobs[0].stop()
    (turn,) = answered(chat).turns
    assert not loaded.is_set()
    assert turn.answer.cancelled
    assert Chats(library).load(chat.key).messages[1].answer.cancelled
    loaded.set()
    conversations.ask(chat, WHO, Choices())
    assert answered(chat).turns[1].answer.text == SIGNED


def test_an_answer_that_does_not_end_when_stopped_holds_up_nothing(scripted_library, library, monkeypatch):
    monkeypatch.setattr(open_chat, "STOP_S", 0.2)
    conversations = OpenChats(one := scripted_library(RENT, SIGNED))
    reacts = threading.Event()
    search = one._asked.retriever.search
    one._asked.retriever.search = lambda *args, **given: reacts.wait(PATIENCE_S) and search(*args, **given)
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices(answer_by="evidence"))
    until(chat, lambda now: one.with_model)
    time.sleep(0.1)
    chat.snapshot().jobs[0].stop()
    assert "does not react" in answered(chat).turns[0].error
    one._asked.retriever.search = search
    conversations.ask(chat, WHO, Choices(answer_by="evidence"))
    assert len(answered(chat).turns) == 2
    reacts.set()
    until(chat, lambda _now: not any(thread.name == "answer" for thread in threading.enumerate()))
    turns = chat.snapshot().turns
    assert [(turn.question, bool(turn.answer)) for turn in turns] == [(HOW_MUCH, False), (WHO, True)]
    assert texts(library, chat.key) == [WHO, turns[1].answer.text]


def test_a_chat_that_is_deleted_while_it_is_answered_in_stays_deleted(scripted_library, library):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED, RENT))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    answered(chat)
    gate = Gate(one.engine, words=2)
    conversations.ask(chat, WHO, Choices())
    assert gate.writing.wait(PATIENCE_S)
    job = chat.snapshot().jobs[0]
    conversations.delete(chat.key)
    assert job.wait(PATIENCE_S)
    gate.open()
    assert Chats(library).list() == []
    with pytest.raises(UsageError, match="no such conversation"):
        conversations.get(chat.key)
    # The other tab still shows it: what is asked there is not lost.
    other = conversations.ask(chat, HOW_MUCH, Choices())
    assert other.key != chat.key
    assert answered(other).turns[0].answer.text == RENT


def test_a_chat_deleted_by_another_program_is_gone_from_the_page(scripted_library, library, tmp_path):
    conversations = OpenChats(scripted_library(RENT))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    answered(chat)
    with Library.open(Settings(home=tmp_path)) as elsewhere:
        Chats(elsewhere).delete(chat.key)
    with pytest.raises(UsageError):
        chat.snapshot()
    with pytest.raises(UsageError):
        conversations.get(chat.key)


def test_turns_of_another_program_are_shown_in_order(scripted_library, tmp_path):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED, RENT))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    before = answered(chat)
    with Library.open(Settings(home=tmp_path)) as elsewhere:
        terminal = ScriptedLibrary(elsewhere, one.engine, one._asked, one._embedder)
        list(terminal.conversation(chat.key).ask(WHO))
        after = chat.snapshot()
        assert after.version != before.version
        assert [turn.question for turn in after.turns] == [HOW_MUCH, WHO]
        gate = Gate(one.engine)
        conversations.ask(chat, "What is the rent?", Choices())
        assert gate.writing.wait(PATIENCE_S)
        del one.engine.generate
        one.engine.before_piece = lambda: None
        one.engine.answers.append(SIGNED)
        list(terminal.conversation(chat.key).ask("Who signed it?"))
        gate.open()
    asked = [turn.question for turn in answered(chat).turns]
    assert asked == [HOW_MUCH, WHO, "Who signed it?", "What is the rent?"]
    assert texts(one.library, chat.key)[::2] == asked


def test_what_is_answered_is_never_put_away_and_what_is_put_away_goes_on(scripted_library, monkeypatch):
    monkeypatch.setattr(open_chats, "MAX_OPEN", 1)
    conversations = OpenChats(one := scripted_library(RENT, SIGNED, RENT))
    gate = Gate(one.engine)
    busy = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    assert gate.writing.wait(PATIENCE_S)
    other = conversations.ask(conversations.new(), WHO, Choices(answer_by="evidence"))
    answered(other)
    assert conversations.get(busy.key) is busy
    gate.open()
    answered(busy)
    third = conversations.ask(conversations.new(), WHO, Choices(answer_by="evidence"))  # puts both away
    answered(third)
    assert conversations.get(other.key) is not other
    conversations.ask(other, HOW_MUCH, Choices())  # from a tab that still holds on to the one that was put away
    assert [turn.question for turn in answered(conversations.get(other.key)).turns] == [WHO, HOW_MUCH]


def test_closing_ends_all_answers_soon_and_saves_what_was_written(scripted_library, library):
    conversations = OpenChats(one := scripted_library(*[RENT] * 4))
    one.engine.size = 8000  # what a model writes that only phrases is shown once it was judged
    Gate(one.engine, words=3)
    asked = [conversations.ask(conversations.new(), HOW_MUCH, Choices()) for _ in range(3)]
    for chat in asked:
        until(chat, lambda now: now.jobs[0].snapshot().text)
    conversations.ask(asked[0], WHO, Choices())
    began = time.monotonic()
    conversations.close()
    assert time.monotonic() - began < open_chats.CLOSE_S
    saved = [Chats(library).load(chat.key).messages for chat in asked]
    assert [len(messages) for messages in saved] == [4, 2, 2]
    assert all(message.answer.cancelled for messages in saved for message in messages if message.answer)
    assert all(messages[1].text for messages in saved)


@pytest.mark.parametrize("error", [SystemExit(3), MemoryError(), EngineStopped("the model's process ended.")])
def test_whatever_is_raised_ends_one_answer_with_a_line_and_the_next_one_is_written(scripted_library, error):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED))

    def fail():
        one.engine.before_piece = lambda: None
        raise error

    one.engine.before_piece = fail
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    conversations.ask(chat, WHO, Choices())
    first, second = answered(chat).turns
    assert first.answer is None
    assert first.error
    assert "\n" not in first.error
    assert [quote.quote for quote in first.evidence]
    assert second.answer.text == SIGNED


def test_a_question_that_fails_keeps_its_place(scripted_library):
    conversations = OpenChats(one := scripted_library(RENT, SIGNED))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    conversations.ask(chat, "?", Choices())
    conversations.ask(chat, WHO, Choices())
    turns = answered(chat).turns
    assert [turn.question for turn in turns] == [HOW_MUCH, "?", WHO]
    assert "question is empty" in turns[1].error
    assert [turn.budget is not None for turn in turns] == [True, False, True]
    assert one.with_model == [True] * 3


def test_what_is_removed_from_the_library_goes_from_open_conversations(scripted_library, library, lease):
    conversations = OpenChats(scripted_library(RENT))
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    assert answered(chat).turns[0].answer.passages
    library.remove_ids([lease.id])
    (turn,) = chat.snapshot().turns
    assert turn.answer.passages == ()
    assert turn.answer.text == RENT


def test_without_a_model_the_line_that_says_so_stays_with_the_answer(scripted_library):
    conversations = OpenChats(one := scripted_library())
    start = one.conversation

    def conversation(chat_id, *, with_model=True, new_id="", chats=None):
        if with_model:
            raise ModelMissing("there is no model 'gone'.", "Run: lectern models list")
        return start(chat_id, with_model=False, new_id=new_id)

    one.conversation = conversation
    chat = conversations.ask(conversations.new(), HOW_MUCH, Choices())
    (turn,) = answered(chat).turns
    assert "there is no model 'gone'. Run: lectern models list" in turn.answer.notes


@pytest.mark.parametrize(
    ("settings", "chosen", "wanted"),
    [
        ("words", "model", True),
        ("words", None, False),
        ("model", "words", False),
        ("model", None, True),
        ("auto", None, False),
        ("auto", "model", True),
        ("model", "auto", False),
    ],
)
def test_the_model_is_loaded_where_it_is_to_phrase_the_answer(
    scripted_library, settings: AnswerChoice, chosen: AnswerChoice | None, wanted: bool
) -> None:
    one = scripted_library(RENT)
    one.settings = one.settings.model_copy(update={"answer": settings})
    one.models.choice = settings
    conversations = OpenChats(one)
    answered(conversations.ask(conversations.new(), HOW_MUCH, Choices(answer_by=chosen)))
    assert one.with_model == [wanted]
