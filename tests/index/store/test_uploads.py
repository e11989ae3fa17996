"""Uploaded files on their way in: two of one name, newer versions and back, kills and restarts, files given up."""

import hashlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.settings import Settings
from index.build import ingest
from index.ingest_report import FileReport
from index.search.retriever import Retriever
from index.store import uploads
from index.store.check import repair
from index.store.incoming import Desk, left_behind
from index.store.kept_questions import keep, kept_questions
from index.store.library import Library
from index.store.upload_versions import NEWER, resemblance

PRICES = "The ferry costs 4 euros. The room costs 60 euros. Tickets are sold at the pier every day from nine to five."


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def library(settings: Settings):
    with Library.open(settings, create=True) as library:
        yield library


def upload(library: Library, settings: Settings, *files: tuple[str, str]) -> list[FileReport]:
    """Give files to the page and take them in, all in one go."""
    desk = Desk(library.incoming_dir)
    paths = [desk.keep(name, text.encode()) for name, text in files]
    report = ingest(paths, library, TopicEmbedder(), settings)
    desk.close()
    return list(report.files)


def texts(library: Library) -> dict[str, str]:
    return {record.name: library.text(record.id) for record in library.documents()}


def originals(library: Library) -> dict[str, bytes]:
    """What lies in the library's folder of the uploaded files: the document's name -> bytes."""
    found = {}
    for record in library.documents():
        (file,) = uploads.folder_of(library.uploads_dir, record.id).iterdir()
        found[record.name] = file.read_bytes()
    return found


def test_two_files_of_one_name_given_together_are_two_documents(library: Library, settings: Settings) -> None:
    first, second = upload(library, settings, ("scan.pdf.txt", PRICES), ("scan.pdf.txt", PRICES.replace("4", "5")))
    assert (first.state, second.state) == ("added", "added")
    assert "called 'scan.pdf (2).txt' here" in second.note
    assert texts(library) == {"scan.pdf.txt": PRICES, "scan.pdf (2).txt": PRICES.replace("4", "5")}
    assert originals(library)["scan.pdf (2).txt"] == PRICES.replace("4", "5").encode()
    found = Retriever(library, TopicEmbedder(), settings).search("ferry 5 euros").passages
    assert {passage.file for passage in found} == {"scan.pdf.txt", "scan.pdf (2).txt"}


def test_another_file_of_the_name_of_one_that_is_there_stands_beside_it(library: Library, settings: Settings) -> None:
    upload(library, settings, ("scan.txt", PRICES))
    (second,) = upload(library, settings, ("scan.txt", "A letter about the kelp, and about nothing else at all."))
    assert second.state == "added"
    assert sorted(texts(library)) == ["scan (2).txt", "scan.txt"]


def test_a_newer_version_replaces_the_earlier_one_until_that_is_brought_back(
    library: Library, settings: Settings
) -> None:
    newer = PRICES.replace("60 euros", "65 euros")
    assert NEWER <= resemblance(PRICES, newer) < 1
    upload(library, settings, ("prices.txt", PRICES))
    library.tag([library.documents()[0].id], ["tariffs"])
    (report,) = upload(library, settings, ("prices.txt", newer))
    assert report.state == "replaced"
    assert "a newer version of 'prices.txt'" in report.note
    assert texts(library) == {"prices.txt": newer}

    assert library.bring_back(report.former) == "prices (2).txt"
    assert texts(library) == {"prices.txt": newer, "prices (2).txt": PRICES}
    assert originals(library) == {"prices.txt": newer.encode(), "prices (2).txt": PRICES.encode()}
    assert {record.name: record.tags for record in library.documents()}["prices (2).txt"] == ("tariffs",)
    found = Retriever(library, TopicEmbedder(), settings).search("room 60 euros").passages
    assert "60 euros" in {passage.file: passage.text for passage in found}["prices (2).txt"]
    assert library.check() == []


def test_the_next_ingest_lets_a_replaced_version_go_with_its_original(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
    assert any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    upload(library, settings, ("other.txt", "The seal sleeps."))
    assert library.former() == []
    assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())


def test_removing_a_document_takes_the_version_it_replaced_along(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
    library.remove("prices.txt")
    assert library.former() == []
    assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    assert library.counts().vectors == 0


def test_a_file_that_is_in_under_another_name_is_not_stored_twice(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    (again,) = upload(library, settings, ("tariff.txt", PRICES))
    assert (again.state, again.note) == ("unchanged", "in the library already, as 'prices.txt'.")
    assert originals(library) == {"prices.txt": PRICES.encode()}
    assert list(library.incoming_dir.rglob("*.txt")) == []


KILLED = textwrap.dedent("""
    import os, signal, sys
    sys.path[:0] = [{root!r}, {here!r}]
    from pathlib import Path
    from stand_in import TopicEmbedder
    from core.settings import Settings
    from index import build
    from index.store import uploads
    from index.store.incoming import Desk
    from index.store.library import Library

    def die(*_args):
        os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings(home=Path({home!r}))
    library = Library.open(settings, create=True)
    path = Desk(library.incoming_dir).keep("prices.txt", {text!r}.encode())
    {moment} = die
    build.ingest([path], library, TopicEmbedder(), settings)
""")


@pytest.mark.parametrize("moment", ["build.find_files", "library.put", "uploads.keep", "build.drop"])
def test_an_upload_whose_process_was_killed_is_taken_in_by_the_next(
    settings: Settings, home: Path, moment: str
) -> None:
    here = Path(__file__).parents[1]
    code = KILLED.format(root=str(here.parent.parent), here=str(here), home=str(home), text=PRICES, moment=moment)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == (0 if moment == "build.drop" else -9)
    with Library.open(settings) as library:
        desk = Desk(library.incoming_dir)
        left = desk.take_over()
        assert [path.name for path in left] == ([] if moment == "build.drop" else ["prices.txt"])
        if left:
            assert not ingest(left, library, TopicEmbedder(), settings).failed
        assert texts(library) == {"prices.txt": PRICES}
        assert originals(library) == {"prices.txt": PRICES.encode()}
        assert left_behind(library.incoming_dir) == []
        assert library.check() == []


REMOVED = textwrap.dedent("""
    import os, signal, sys
    sys.path[:0] = [{root!r}]
    from pathlib import Path
    from core.settings import Settings
    from index.store import removals
    from index.store.library import Library

    library = Library.open(Settings(home=Path({home!r})))
    removals.finish = lambda library: os.kill(os.getpid(), signal.SIGKILL)
    {call}
""")


@pytest.mark.parametrize(
    "call", ["library.remove_ids([library.find('prices.txt')], quotes=True)", "library.forget_former()"]
)
def test_a_removal_whose_process_was_killed_is_finished_by_the_next(settings: Settings, home: Path, call: str) -> None:
    with Library.open(settings, create=True) as library:
        upload(library, settings, ("prices.txt", PRICES))
        upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
        keep(library.folder, "What is a room?", "prices.txt")
        Desk(library.incoming_dir).keep("again.txt", PRICES.replace("60", "65").encode())  # its process was killed, too
    code = REMOVED.format(root=str(Path(__file__).parents[3]), home=str(home), call=call)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with Library.open(settings) as library:
        stays = [] if "remove" in call else ["prices.txt"]
        assert list(texts(library)) == list(originals(library)) == stays
        assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
        assert [kept.document for kept in kept_questions(library.folder)] == stays
        assert [path.name for path in left_behind(library.incoming_dir)] == (["again.txt"] if stays else [])
        assert library.check() == []


def test_an_original_is_kept_where_a_killed_process_left_an_empty_folder_for_it(
    library: Library, settings: Settings
) -> None:
    uploads.folder_of(library.uploads_dir, hashlib.sha256(PRICES.encode()).hexdigest()).mkdir(parents=True)
    upload(library, settings, ("prices.txt", PRICES))
    assert originals(library) == {"prices.txt": PRICES.encode()}


def test_an_earlier_version_given_right_after_the_newer_one_is_taken_in(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    newer, earlier = upload(library, settings, ("prices.txt", PRICES.replace("60", "65")), ("prices.txt", PRICES))
    assert (newer.state, earlier.state) == ("replaced", "added")
    assert texts(library) == {"prices.txt": PRICES.replace("60", "65"), "prices (2).txt": PRICES}


def test_files_of_a_living_process_are_nobody_elses(library: Library) -> None:
    ours, theirs = Desk(library.incoming_dir), Desk(library.incoming_dir)
    ours.keep("a.txt", b"The pump.")
    assert theirs.take_over() == []
    ours.close()
    assert [path.name for path in theirs.take_over()] == ["a.txt"]


def test_originals_side_by_side_are_brought_to_their_documents_and_strays_are_taken_in(
    library: Library, settings: Settings
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    (file,) = library.uploads_dir.rglob("prices.txt")
    file.replace(library.uploads_dir / "prices.txt")
    file.parent.rmdir()
    (library.uploads_dir / "stray.txt").write_text("The seal sleeps.")
    with Library.open(settings) as again:
        assert originals(again) == {"prices.txt": PRICES.encode()}
        assert [path.name for path in left_behind(again.incoming_dir)] == ["stray.txt"]


def test_repair_lays_an_original_without_a_document_ready_rather_than_delete_it(
    library: Library, settings: Settings
) -> None:
    stray = library.uploads_dir / "0123456789abcdef" / "lease.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("The room is let.")
    assert ["'lease.txt' belongs to no document" in str(problem) for problem in library.check()] == [True]
    assert repair(library) == []
    assert [path.read_text() for path in left_behind(library.incoming_dir)] == ["The room is let."]
