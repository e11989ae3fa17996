"""Files dropped into the page: what waits, what Stop drops and what it keeps, what comes after a kill or a restart."""

import sys
import textwrap
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.chat.library_jobs import LibraryJobs
from app.chat.line_process import SETTLE_S
from app.commands.tree import run
from app.ui.markup.library import upload_line
from core.cores import generating
from core.settings import Settings
from index.store.check import check
from index.store.library import Library
from index.store.upload_inbox import left_behind

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
    uploads = LibraryJobs(library, (sys.executable, "-c", PROGRAM))
    yield uploads
    uploads.close()


def until(condition) -> None:
    end = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def told(uploads: LibraryJobs) -> dict[str, bool]:
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


@pytest.mark.parametrize("dismissed", [False, True])
def test_what_a_command_cancels_while_it_is_done_is_dropped_and_breaks_nothing(library, capsys, *, dismissed):
    uploads = LibraryJobs(library, (sys.executable, "-c", PROGRAM.replace("60 if", "3 if")))
    uploads.add([SLOW])
    until(lambda: uploads.state().file == "slow.txt")
    assert run(["jobs", "cancel"]) == 0
    assert capsys.readouterr().out == "1 job cancelled.\n"
    if dismissed:
        uploads.dismiss()
    worker = uploads._worker
    until(lambda: not worker.is_alive())
    assert uploads.state().error == ""
    assert told(uploads) == ({} if dismissed else {"slow.txt": False})
    assert list(library.incoming_dir.rglob("*.txt")) == []
    assert names(library) == []
    uploads.close()


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
    waiting = sum(name != "quick.txt" for name in left)
    following = LibraryJobs(library, (sys.executable, "-c", PROGRAM.replace("60 if", "0 if")))
    following.resume_after_start()
    assert f"It goes on with them ({waiting} files)." in following.state().note
    until(lambda: not following.state().running)
    assert names(library) == originals(library) == ["later.txt", "quick.txt", "slow.txt"]
    following.close()


def test_an_ingest_that_says_nothing_for_long_is_told_to_be_busy(uploads, monkeypatch):
    uploads.add([SLOW])
    until(lambda: uploads.state().file == "slow.txt")

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(seconds=95)

    monkeypatch.setattr("app.chat.library_jobs.datetime", Later)
    assert "the machine is busy, 90 s without a step" in upload_line(uploads.state())


def test_an_ingest_that_gives_way_to_an_answer_says_so(uploads, library, home):
    with generating(home):
        uploads.add([QUICK])
        until(lambda: uploads.state().waiting)
        assert upload_line(uploads.state()) == "Waits while an answer is written"
    until(lambda: not uploads.state().running)
    assert not uploads.state().waiting
    assert names(library) == ["quick.txt"]


def test_a_cancelled_upload_that_cannot_be_dropped_ends_with_a_line(uploads, library, monkeypatch):
    def fails(*_given):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("index.job_worker.drop", fails)
        uploads.add([QUICK, SLOW])
        until(lambda: uploads.state().file == "slow.txt")
        uploads.cancel()
        until(lambda: not uploads.state().running)
        assert "The files could not be added: Permission denied" in uploads.state().error
    uploads.dismiss()
    assert list(library.incoming_dir.rglob("*.txt")) == []
    uploads.add([LATER])
    until(lambda: "later.txt" in names(library) and not uploads.state().running)


def test_an_original_that_could_not_be_kept_waits_and_is_told(uploads, library):
    library.uploads_dir.write_text("in the way")
    uploads.add([QUICK])
    until(lambda: not uploads.state().running)
    assert names(library) == ["quick.txt"]
    (outcome,) = uploads.state().outcomes
    assert "the original of quick.txt could not be kept" in outcome.problems[0]
    assert [path.name for path in library.incoming_dir.rglob("*.txt")] == ["quick.txt"]


def test_what_is_paused_waits_through_a_restart_until_it_is_let_go_on(uploads, library):
    uploads.add([QUICK, SLOW])
    uploads.add([LATER])
    until(lambda: told(uploads).get("quick.txt"))
    pressed = time.monotonic()
    uploads.pause()
    until(lambda: not uploads.state().running)
    assert time.monotonic() - pressed < SETTLE_S + 2
    assert uploads.state().paused == ("slow.txt", "later.txt")
    assert uploads.state().error == ""
    uploads.close()
    following = LibraryJobs(library, (sys.executable, "-c", PROGRAM.replace("60 if", "0 if")))
    following.resume_after_start()
    assert not following.state().running
    assert names(library) == ["quick.txt"]
    following.resume()
    until(lambda: not following.state().running)
    assert names(library) == originals(library) == ["later.txt", "quick.txt", "slow.txt"]
    assert told(following) == {"quick.txt": True, "slow.txt": True, "later.txt": True}
    following.close()


def test_a_program_that_cannot_begin_is_told_once_and_its_files_stay(library):
    jobs = LibraryJobs(library, (sys.executable, "-c", "import sys; sys.exit('no such module')"))
    jobs.add([QUICK])
    until(lambda: jobs.state().error)
    assert "no such module" in jobs.state().error
    assert [path.name for path in library.incoming_dir.rglob("*.txt")] == ["quick.txt"]
    jobs.close()
