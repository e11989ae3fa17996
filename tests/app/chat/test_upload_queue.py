"""Files dropped into the page: what waits, what Stop drops and what it keeps, what comes after a kill or a restart."""

import os
import signal
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from app.chat.line_process import SETTLE_S
from app.chat.upload_queue import UploadQueue
from app.ui.markup.library import upload_line
from core.cores import generating
from core.settings import Settings
from index.store.check import check
from index.store.library import Library
from index.store.upload_inbox import UploadInbox, left_behind

ROOT = Path(__file__).parents[3]

# The real command, but for an embedder that needs no model and takes as long as a test wants.
PROGRAM = textwrap.dedent(f"""
    import os, sys, time
    sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "index")!r}]
    import index.embed
    from stand_in import TopicEmbedder

    class Slow(TopicEmbedder):
        def embed_passages(self, texts):
            for text in texts:
                time.sleep(60 if "for ever" in text else 0)
                if "dies" in text and not os.path.exists(os.environ["LECTERN_HOME"] + "/died"):
                    open(os.environ["LECTERN_HOME"] + "/died", "w").close()
                    os._exit(9)
            return super().embed_passages(texts)

    index.embed.load_embedder = lambda settings: Slow()
    from app.cli import run
    sys.exit(run())
""")

QUICK = ("quick.txt", b"The pump is quick.")
SLOW = ("slow.txt", b"The seal sleeps for ever.")
LATER = ("later.txt", b"The tide turns later.")


@pytest.fixture
def library(home: Path):
    with Library.open(Settings(home=home), create=True) as library:
        yield library


@pytest.fixture
def uploads(library: Library):
    uploads = UploadQueue(library, (sys.executable, "-c", PROGRAM))
    yield uploads
    uploads.close()


def until(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def told(uploads: UploadQueue) -> dict[str, bool]:
    """The files of which something is told: name -> whether it is in."""
    return {outcome.name: not outcome.failed for outcome in uploads.state().outcomes}


def names(library: Library) -> list[str]:
    return [record.name for record in library.documents()]


def originals(library: Library) -> list[str]:
    return sorted(file.name for file in library.uploads_dir.rglob("*.txt"))


def test_stop_pressed_twice_keeps_what_is_in_and_says_what_came_of_every_file(uploads, library):
    uploads.add([QUICK, SLOW])
    uploads.add([LATER])
    until(lambda: told(uploads).get("quick.txt"))
    pressed = time.monotonic()
    uploads.cancel()
    assert uploads.state().stopping  # at once
    uploads.cancel()
    until(lambda: not uploads.state().running)
    assert time.monotonic() - pressed < SETTLE_S + 2  # the machine may be busy; it waits 1.5 s and kills
    assert told(uploads) == {"quick.txt": True, "slow.txt": False, "later.txt": False}
    assert names(library) == originals(library) == ["quick.txt"]
    assert list(library.incoming_dir.rglob("*.txt")) == []
    assert check(library) == []


def test_stop_while_a_newer_version_comes_leaves_the_earlier_one_whole(uploads, library):
    text = b"The room costs 60 euros a night. " * 3
    uploads.add([("prices.txt", text)])
    until(lambda: names(library) and not uploads.state().running)
    uploads.add([("prices.txt", text + b"And it is for ever.")])
    until(lambda: uploads.state().file == "prices.txt")
    uploads.cancel()
    until(lambda: not uploads.state().running)
    assert [library.text(record.id) for record in library.documents()] == [text.decode().strip()]
    (original,) = library.uploads_dir.rglob("*.txt")
    assert original.read_bytes() == text


def test_files_added_after_stop_are_taken_in(uploads, library):
    uploads.add([SLOW])
    until(lambda: uploads.state().file == "slow.txt")
    uploads.cancel()
    uploads.add([QUICK])
    until(lambda: not uploads.state().running)
    assert told(uploads) == {"slow.txt": False, "quick.txt": True}
    assert names(library) == ["quick.txt"]


def test_an_ingest_that_dies_leaves_its_files_to_be_tried_again(uploads, library):
    uploads.add([QUICK, ("fatal.txt", b"The pump dies."), LATER])
    until(lambda: not uploads.state().running)
    assert "could not be added" in uploads.state().error
    assert told(uploads) == {"quick.txt": True}
    assert uploads.state().left == ("fatal.txt", "later.txt")
    uploads.retry()
    until(lambda: not uploads.state().running)
    assert uploads.state().left == ()
    assert names(library) == originals(library) == ["fatal.txt", "later.txt", "quick.txt"]


def test_files_left_out_after_an_ingest_died_are_dropped(uploads, library):
    uploads.add([("fatal.txt", b"The pump dies.")])
    until(lambda: not uploads.state().running)
    uploads.dismiss()
    assert list(library.incoming_dir.rglob("*.txt")) == []
    assert uploads.state().error == ""


def test_the_next_start_goes_on_with_what_a_closed_page_left_and_says_so(uploads, library):
    uploads.add([QUICK, SLOW])
    uploads.add([LATER])
    until(lambda: told(uploads).get("quick.txt"))
    uploads.close()
    left = {path.name for path in left_behind(library.incoming_dir)}
    assert left - {"quick.txt"} == {"later.txt", "slow.txt"}  # the first may have been told and not yet put away
    following = UploadQueue(library, (sys.executable, "-c", PROGRAM.replace("60 if", "0 if")))
    following.resume()
    assert f"It goes on with them ({len(left)} files)." in following.state().note
    until(lambda: not following.state().running)
    assert names(library) == originals(library) == ["later.txt", "quick.txt", "slow.txt"]
    following.close()


def test_an_ingest_that_says_nothing_for_long_is_told_to_be_busy(uploads, monkeypatch):
    uploads.add([SLOW])
    until(lambda: uploads.state().file == "slow.txt")
    now = time.monotonic()
    monkeypatch.setattr("app.chat.upload_queue.time.monotonic", lambda: now + 95)
    assert "the machine is busy, 90 s without a step" in upload_line(uploads.state())


def test_an_ingest_that_gives_way_to_an_answer_says_so(uploads, library, home):
    with generating(home):
        uploads.add([QUICK])
        until(lambda: uploads.state().waiting)
        assert upload_line(uploads.state()) == "Waits while an answer is written"
    until(lambda: not uploads.state().running)
    assert not uploads.state().waiting
    assert names(library) == ["quick.txt"]


def test_a_commit_whose_word_was_lost_with_the_process_is_told_all_the_same(uploads, library, monkeypatch):
    read = uploads._read

    def not_files(line, seen):
        if line["event"] == "progress":
            read(line, seen)

    monkeypatch.setattr(uploads, "_read", not_files)
    uploads.add([QUICK, SLOW])
    until(lambda: names(library))
    os.kill(uploads._process._process.pid, signal.SIGKILL)
    until(lambda: not uploads.state().running)
    assert names(library) == originals(library) == ["quick.txt"]
    assert uploads.state().left == ("slow.txt",)


def test_the_page_goes_on_while_a_large_original_is_read(uploads, library, monkeypatch):
    reading, go_on = threading.Event(), threading.Event()
    keep_original = library.keep_original

    def slowly(document_id, path):
        reading.set()
        assert go_on.wait(30)
        return keep_original(document_id, path)

    monkeypatch.setattr(library, "keep_original", slowly)
    uploads.add([("fatal.txt", b"The pump dies.")])
    assert reading.wait(60)
    drawn = threading.Thread(target=uploads.state, daemon=True)
    drawn.start()
    drawn.join(5)
    assert not drawn.is_alive()
    go_on.set()
    until(lambda: not uploads.state().running)
    assert uploads.state().left == ("fatal.txt",)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), RuntimeError("out of order")])
def test_a_file_that_cannot_be_put_away_ends_the_ingest_with_a_line_and_waits(uploads, library, monkeypatch, error):
    def fails(*_given):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("app.chat.upload_queue.drop", fails)
        patch.setattr(library, "keep_original", lambda *_given: False)
        uploads.add([QUICK, SLOW])
        until(lambda: uploads.state().file == "slow.txt")  # the first is told and put away
        uploads.cancel()
        until(lambda: not uploads.state().running)
    assert "The files could not be added: " in uploads.state().error
    assert (getattr(error, "strerror", None) or str(error)) in uploads.state().error
    assert uploads.state().left == ("slow.txt",)
    uploads.dismiss()
    assert list(library.incoming_dir.rglob("*.txt")) == []
    uploads.add([LATER])
    until(lambda: "later.txt" in names(library) and not uploads.state().running)


def test_an_original_that_could_not_be_kept_waits_rather_than_be_dropped(uploads, library):
    library.uploads_dir.write_text("in the way")
    uploads.add([QUICK])
    until(lambda: not uploads.state().running)
    assert names(library) == ["quick.txt"]
    assert "the original of quick.txt could not be kept" in uploads.state().error
    assert uploads.state().left == ("quick.txt",)
    library.uploads_dir.unlink()
    uploads.retry()
    until(lambda: not uploads.state().running)
    assert originals(library) == ["quick.txt"]
    assert uploads.state().left == ()


def test_files_that_can_be_taken_up_are_though_the_disk_keeps_others(library, monkeypatch):
    for number in range(2):
        inbox = UploadInbox(library.incoming_dir)
        inbox.keep(f"{number}-first.txt", b"The tide of day %d." % number)
        inbox.keep(f"{number}-second.txt", b"The kelp of day %d." % number)
        inbox.close()
    replace = Path.replace

    def closed(path, target):
        if path.name == "0-second.txt":
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    following = UploadQueue(library, (sys.executable, "-c", PROGRAM))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", closed)
        following.resume()
    assert "could be taken up: [Errno 13] Permission denied. The next start tries again." in following.state().error
    until(lambda: not following.state().running)
    assert names(library) == ["0-first.txt", "1-first.txt", "1-second.txt"]
    following.close()
    assert [path.name for path in left_behind(library.incoming_dir)] == ["0-second.txt"]
