"""The model is exchanged under a page in use: running answers end with the former one, and nothing waits."""

import threading

import pytest

from app.chat.chat_turns import Choices
from app.ui.shared import SharedState
from core.settings import load_settings
from index.build import ingest
from tests.app.conftest import ScriptedEngine
from tests.generate.file_server import Trouble, wait_until

QUESTION = "How much does the fuel tank of the Marigold hold?"
ANSWER = "The fuel tank of the Marigold holds 180 litres."


class Engine(ScriptedEngine):
    """A scripted engine with a name, which can be held in the middle of its answer; it notes its end."""

    def __init__(self, name: str, *, held: bool = False) -> None:
        super().__init__(*[ANSWER] * 5)
        self.name = name
        self.writes = threading.Event()
        self.go_on = threading.Event()
        self.closed = threading.Event()
        if not held:
            self.go_on.set()
        self.before_piece = self._hold

    def _hold(self) -> None:
        self.writes.set()
        assert not self.closed.is_set(), "it was ended while it wrote"
        self.go_on.wait(30)

    def forget(self) -> None:
        pass

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def engines(monkeypatch):
    """What `load_engine` returns, by the name of the model."""
    made = {"tiny": Engine("small-one", held=True), "standard": Engine("better-one")}
    monkeypatch.setattr("generate.load.load_engine", lambda settings: made[settings.model])
    yield made
    for engine in made.values():
        engine.go_on.set()


@pytest.fixture
def state(index, engines, embedder, tmp_path, monkeypatch):
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    monkeypatch.setenv("LECTERN_ANSWER", "model")
    shared = SharedState(load_settings())
    file = tmp_path / "harbour.md"
    file.write_text(f"# Fuel\n\n{ANSWER}\n")
    assert not ingest([file], shared.workspace("default").library, embedder, shared.settings).failed
    yield shared
    shared.close()


def ask(state: SharedState):
    chats = state.workspace("default").chats
    chat = chats.new()
    chats.ask(chat, QUESTION, Choices(None, None, None, lambda: None))
    return chat.jobs()[0]


def test_a_running_answer_ends_with_the_former_model_and_the_next_is_written_by_the_new_one(state, engines):
    former, new = engines["tiny"], engines["standard"]
    running = ask(state)
    assert former.writes.wait(30)
    state.warm_up(fetch_model=True)
    wait_until(lambda: state.pull.state().stage == "taken")
    assert state.pull.state().line == "Answers are now written by Made 1.5B."
    assert state.model_name == "Made-1.5B-Instruct-Q4_K_M"

    after = ask(state)
    assert after.wait(30)
    assert after.snapshot().answer.model == "better-one"
    assert not running.snapshot().done
    assert not former.closed.is_set()

    former.go_on.set()
    assert running.wait(30)
    assert running.snapshot().error == ""
    assert running.snapshot().answer.model == "small-one"
    assert "180 litres" in running.snapshot().answer.text
    assert former.closed.wait(10)
    assert not new.closed.is_set()


def test_answers_are_written_while_the_index_stalls(state, engines, index):
    engines["tiny"].go_on.set()
    index.troubles.append(Trouble("stall", after=300_000, seconds=20))
    state.warm_up(fetch_model=True)
    assert state.pull.state().moving
    answer = ask(state)
    assert answer.wait(10)
    assert answer.snapshot().answer.model == "small-one"
    assert state.pull.state().moving


def test_who_chose_another_model_meanwhile_keeps_it(state, engines, index):
    index.troubles.append(Trouble("stall", after=300_000, seconds=1.5))
    state.warm_up(fetch_model=True)
    state.switch_model("tiny")
    wait_until(lambda: not state.pull.state().moving)
    assert state.models.choice.card.alias == "tiny"
    assert not engines["standard"].writes.is_set()


@pytest.mark.parametrize("chosen", [{"model": "tiny"}, {"answer": "words"}, {"answer": "evidence"}])
def test_nothing_is_fetched_where_no_model_or_another_one_is_wanted(state, index, chosen):
    state.settings = state.settings.model_copy(update=chosen)
    state.warm_up(fetch_model=True)
    assert state.pull.state().stage == "idle"
    assert not index.asked


def test_nothing_is_fetched_unless_the_page_was_started_so(state, index):
    state.warm_up()
    assert state.pull.state().stage == "idle"
    assert state.fetchable
    assert not index.asked


def test_not_now_is_remembered_until_the_person_asks_for_it(state, index):
    index.troubles.append(Trouble("stall", after=300_000, seconds=20))
    state.warm_up(fetch_model=True)
    state.fetch_later()
    assert state.pull.state().stage == "stopped"
    assert load_settings().model == "bundled"
    index.troubles.clear()
    state.fetch()
    assert load_settings().model == "auto"
    wait_until(lambda: state.pull.state().stage == "taken")
    assert state.models.choice.card.alias == "standard"


def test_not_now_for_the_embedder_alone_keeps_the_model_that_is_here(state, index, monkeypatch):
    state.warm_up(fetch_model=True)
    wait_until(lambda: state.pull.state().stage == "taken")
    stopped: list[bool] = []
    monkeypatch.setattr(state.embedder_pull, "stop", lambda: stopped.append(True))
    state.fetch_later()
    assert stopped
    assert load_settings().model == "auto"
    assert state.models.choice.card.alias == "standard"


def test_a_better_model_is_offered_and_writes_the_answers_once_it_is_there(state, engines):
    state.models.settings = state.settings = state.settings.model_copy(update={"answer": "auto"})
    assert state.fetchable
    assert state.models.answer_by() == "words"
    state.warm_up()
    assert not engines["tiny"].closed.is_set()
    state.warm_up(fetch_model=True)
    wait_until(lambda: state.pull.state().stage == "taken")
    assert state.models.answer_by() == "model"


def test_the_end_of_the_program_ends_the_pull(state, index):
    index.troubles.append(Trouble("stall", after=300_000, seconds=20))
    state.warm_up(fetch_model=True)
    wait_until(lambda: index.asked)
    state.close()
    wait_until(lambda: not any(thread.name.startswith("model-") for thread in threading.enumerate()), seconds=3)
