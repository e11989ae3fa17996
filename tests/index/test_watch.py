"""Waiting for a folder to change and to come to rest."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import watch
from index.watch import settled


class Looker:
    """Counts, on a thread of its own, how often the folder has come to rest."""

    def __init__(self, folder: Path, settle_s: float = 0.3, **given) -> None:
        self.count, self.missing = 0, 0
        self._cancel = threading.Event()
        looks = settled([folder], settle_s, self._cancel, missing=self._miss, **given)
        self._thread = threading.Thread(target=self._look, args=(looks,), daemon=True)
        self._thread.start()
        self.wait_for(lambda: self.count or self.missing)

    def wait_for(self, sign) -> None:
        until = time.monotonic() + 30
        while not sign():
            assert time.monotonic() < until
            time.sleep(0.02)

    def end(self) -> None:
        self._cancel.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _look(self, looks: Iterator[None]) -> None:
        for _ in looks:
            self.count += 1

    def _miss(self, _folder: Path) -> None:
        self.missing += 1


@pytest.fixture
def looker(tmp_path: Path):
    folder = tmp_path / "docs"
    folder.mkdir()
    started: list[Looker] = []

    def start(**given) -> Looker:
        started.append(Looker(folder, **given))
        return started[-1]

    start.folder = folder
    yield start
    for one in started:
        one.end()


def test_many_changes_are_one_once_the_folder_has_come_to_rest(looker):
    one = looker(settle_s=1.0)
    for number in range(10):
        (looker.folder / f"{number}.txt").write_text("x")
        time.sleep(0.1)
    assert one.count == 1  # the one at the start
    one.wait_for(lambda: one.count == 2)
    time.sleep(1.5)
    assert one.count == 2


def test_a_folder_that_never_rests_is_read_all_the_same(looker, monkeypatch):
    monkeypatch.setattr(watch, "LONGEST_S", 1.0)
    one = looker(settle_s=100.0)
    (looker.folder / "a.txt").write_text("x")
    one.wait_for(lambda: one.count == 2)


def test_what_is_our_own_does_not_count(looker):
    home = looker.folder / "home"
    home.mkdir()
    one = looker(is_own=lambda path: path.is_relative_to(home))
    (home / "library.sqlite").write_text("x")
    time.sleep(1.5)
    assert one.count == 1
    (looker.folder / "a.txt").write_text("x")
    one.wait_for(lambda: one.count == 2)


def test_a_folder_that_goes_is_waited_for_and_read_when_it_is_back(looker):
    one = looker()
    away = looker.folder.rename(looker.folder.with_name("away"))
    one.wait_for(lambda: one.missing == 1)
    away.rename(looker.folder)
    one.wait_for(lambda: one.count == 2)
    time.sleep(0.5)
    (looker.folder / "a.txt").write_text("x")
    one.wait_for(lambda: one.count == 3)


def test_what_changes_while_the_first_look_is_worked_on_is_not_missed(tmp_path):
    cancel = threading.Event()
    looks = settled([tmp_path], 0.1, cancel)
    next(looks)
    (tmp_path / "new.txt").write_text("It came while the folder was being read.")
    end = threading.Timer(20, cancel.set)
    end.start()
    assert next(looks, "missed") is None
    end.cancel()
