"""A library's change of embedder as the page runs it: progress, its end, Stop, and what goes wrong."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator

import pytest

from app.chat.embedder_change import ChangeState, EmbedderChange
from core.settings import load_settings
from index.store.library import Library

LINES = """
    import json, sys, time
    def tell(**line):
        print(json.dumps(line), flush=True)
    assert sys.argv[1:] == ["docs", "reembed", "multilingual", "--json-progress", "--library", "default"]
    tell(event="progress", done=32, chunks=96, seconds_left=4.0)
"""


@pytest.fixture
def library(home) -> Iterator[Library]:
    with Library.open(load_settings(), create=True) as opened:
        yield opened


def change(library: Library, rest: str, taken: Callable[[], None] = lambda: None) -> EmbedderChange:
    code = textwrap.dedent(LINES) + textwrap.dedent(rest)
    return EmbedderChange(library, taken, (sys.executable, "-c", code))


def wait_for(found: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not found():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_its_progress_is_shown_and_its_end_is_told(library: Library) -> None:
    taken: list[str] = []
    begun = change(library, "sys.stdin.read(); time.sleep(0.5)", lambda: taken.append("taken"))
    begun.begin("multilingual")
    begun.begin("multilingual")  # pressed twice
    wait_for(lambda: begun.state().done == 32)
    assert begun.state() == ChangeState(running=True, done=32, chunks=96, seconds_left=4.0)
    assert begun.state().share == pytest.approx(1 / 3)
    wait_for(lambda: not begun.state().running)
    assert (taken, begun.state().error) == (["taken"], "")


def test_waiting_for_an_answer_is_shown(library: Library) -> None:
    begun = change(library, "tell(event='waiting', waiting=True); time.sleep(60)")
    begun.begin("multilingual")
    wait_for(lambda: begun.state().waiting)
    begun.close()


def test_stop_ends_it_without_an_error(library: Library) -> None:
    taken: list[str] = []
    begun = change(library, "time.sleep(60)", lambda: taken.append("taken"))
    begun.begin("multilingual")
    wait_for(lambda: begun.state().done == 32)
    begun.stop()
    wait_for(lambda: not begun.state().running)
    assert (taken, begun.state().error) == ([], "")


def test_why_it_failed_is_said_and_it_can_begin_again(library: Library) -> None:
    begun = change(library, "print('lectern: the disk is full. Make room.', file=sys.stderr); sys.exit(1)")
    for _ in range(2):
        begun.begin("multilingual")
        wait_for(lambda: not begun.state().running)
        assert begun.state().error == "the disk is full. Make room."
