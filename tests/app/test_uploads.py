"""Files dropped into the page: what waits, what Stop drops, and what comes after it."""

import threading
import time

import pytest

from app.uploads import Uploads


@pytest.fixture
def slow(monkeypatch):
    """An ingest that ends when it is told to; ``slow.seen`` are the names of each batch."""
    go = threading.Semaphore(0)
    go.seen = []

    def ingest(_uploads, paths):
        go.seen.append([path.name for path in paths])
        assert go.acquire(timeout=5)

    monkeypatch.setattr(Uploads, "_ingest", ingest)
    return go


def until(condition) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_stop_drops_what_waits_and_keeps_no_copy_of_it(slow, tmp_path):
    uploads = Uploads("default", tmp_path)
    uploads.add([("first.txt", b"1")])
    until(lambda: slow.seen)
    uploads.add([("second.txt", b"2")])
    uploads.cancel()
    slow.release()
    until(lambda: not uploads.state().running)
    assert slow.seen == [["first.txt"]]
    assert list(tmp_path.iterdir()) == []


def test_files_added_after_stop_are_taken_in(slow, tmp_path):
    uploads = Uploads("default", tmp_path)
    uploads.add([("first.txt", b"1")])
    until(lambda: slow.seen)
    uploads.cancel()
    uploads.add([("first.txt", b"once more"), ("second.txt", b"2")])
    slow.release()
    slow.release()
    until(lambda: not uploads.state().running)
    assert slow.seen == [["first.txt"], ["first.txt", "second.txt"]]
    assert (tmp_path / "first.txt").read_bytes() == b"once more"
