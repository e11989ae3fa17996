"""Uploaded files on their way in: two of one name, newer versions and back, kills and restarts, files given up."""

import hashlib
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from stand_in import TopicEmbedder

from core.errors import LibraryDamaged, LibraryError, LibraryLocked
from core.settings import Settings
from index.build import ingest
from index.search.retriever import Retriever
from index.store import database, originals, removals, upload_inbox
from index.store.check import check, repair
from index.store.file_report import FileReport
from index.store.kept_questions import keep, kept_questions
from index.store.library import Library
from index.store.upload_inbox import UploadInbox, left_behind
from index.store.upload_versions import NEWER, resemblance

PRICES = "The ferry costs 4 euros. The room costs 60 euros. Tickets are sold at the pier every day from nine to five."


def upload(library: Library, settings: Settings, *files: tuple[str, str]) -> list[FileReport]:
    """Give files to the page and take them in, all in one go."""
    inbox = UploadInbox(library.incoming_dir)
    paths = [inbox.keep(name, text.encode()) for name, text in files]
    report = ingest(paths, library, TopicEmbedder(), settings)
    inbox.close()
    return list(report.files)


def texts(library: Library) -> dict[str, str]:
    return {record.name: library.text(record.id) for record in library.documents()}


def kept_originals(library: Library) -> dict[str, bytes]:
    """What lies in the library's folder of the uploaded files: the document's name -> bytes."""
    found = {}
    for record in library.documents():
        (file,) = originals.folder_of(library.uploads_dir, record.id).iterdir()
        found[record.name] = file.read_bytes()
    return found


@pytest.mark.parametrize("where", ["text", "add_source"])
def test_a_document_that_another_process_removes_meanwhile_costs_its_file_and_never_the_run(
    library: Library, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    step = getattr(Library, where)

    def removed_just_before(self: Library, *given: Any) -> Any:
        self.remove("prices.txt")
        return step(self, *given)

    newer = PRICES.replace("4", "5")
    (tmp_path / "a.txt").write_text(PRICES)
    (tmp_path / "b.txt").write_text("The seal.")
    with monkeypatch.context() as patch:
        patch.setattr(Library, where, removed_just_before)
        if where == "text":  # it is looked at as what may be replaced
            failed, other = upload(library, settings, ("prices.txt", newer), ("other.txt", "The seal."))
        else:
            failed, other = ingest([tmp_path / "a.txt", tmp_path / "b.txt"], library, TopicEmbedder(), settings).files
    assert (failed.state, other.state) == ("failed", "added")
    assert "was removed while this one was added. Add it again." in failed.message
    assert list(texts(library).values()) == ["The seal."]


def test_an_original_that_cannot_be_kept_is_told_with_its_file_and_waits(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        if folder.is_relative_to(library.uploads_dir):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(originals, "private_folder", full)
        first, second = upload(library, settings, ("prices.txt", PRICES), ("other.txt", "The seal."))
    assert (first.state, second.state) == ("added", "added")
    assert "the original of prices.txt could not be kept: No space left on device." in first.warnings[0]
    assert sorted(texts(library)) == ["other.txt", "prices.txt"]
    assert [path.name for path in left_behind(library.incoming_dir)] == ["prices.txt", "other.txt"]


@pytest.mark.parametrize("error", [LibraryLocked("another process writes."), LibraryDamaged("it is damaged.")])
def test_a_library_that_is_locked_or_damaged_ends_the_run(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuses(*_given: object) -> None:
        raise error

    monkeypatch.setattr(Library, "keep_original", refuses)
    with pytest.raises(type(error)):
        upload(library, settings, ("prices.txt", PRICES), ("other.txt", "The seal."))
    assert list(texts(library)) == ["prices.txt"]


def test_two_files_of_one_name_given_together_are_two_documents(library: Library, settings: Settings) -> None:
    first, second = upload(library, settings, ("scan.pdf.txt", PRICES), ("scan.pdf.txt", PRICES.replace("4", "5")))
    assert (first.state, second.state) == ("added", "added")
    assert "called 'scan.pdf (2).txt' here" in second.note
    assert texts(library) == {"scan.pdf.txt": PRICES, "scan.pdf (2).txt": PRICES.replace("4", "5")}
    assert kept_originals(library)["scan.pdf (2).txt"] == PRICES.replace("4", "5").encode()
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

    assert library.bring_back(report.replaced_version) == "prices (2).txt"
    assert texts(library) == {"prices.txt": newer, "prices (2).txt": PRICES}
    assert kept_originals(library) == {"prices.txt": newer.encode(), "prices (2).txt": PRICES.encode()}
    assert {record.name: record.tags for record in library.documents()}["prices (2).txt"] == ("tariffs",)
    found = Retriever(library, TopicEmbedder(), settings).search("room 60 euros").passages
    assert "60 euros" in {passage.file: passage.text for passage in found}["prices (2).txt"]
    assert check(library) == []


def test_an_upload_whose_earlier_version_another_file_still_has_offers_none_to_bring_back(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    (tmp_path / "copy.txt").write_text(PRICES)
    ingest([tmp_path / "copy.txt"], library, TopicEmbedder(), settings)
    (report,) = upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
    assert (report.state, report.replaced_version, report.note) == ("replaced", "", "")
    assert sorted(texts(library)) == ["copy.txt", "prices.txt"]


def test_the_next_ingest_lets_a_replaced_version_go_with_its_original(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
    assert any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    upload(library, settings, ("other.txt", "The seal sleeps."))
    assert library.replaced_versions() == []
    assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())


def test_removing_a_document_takes_the_version_it_replaced_along(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
    library.remove("prices.txt")
    assert library.replaced_versions() == []
    assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
    assert library.counts().vectors == 0


def test_a_file_that_is_in_under_another_name_is_not_stored_twice(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    (again,) = upload(library, settings, ("tariff.txt", PRICES))
    assert (again.state, again.note) == ("unchanged", "in the library already, as 'prices.txt'.")
    assert kept_originals(library) == {"prices.txt": PRICES.encode()}
    assert list(library.incoming_dir.rglob("*.txt")) == []


KILLED = textwrap.dedent("""
    import os, signal, sys
    sys.path[:0] = [{root!r}, {here!r}]
    from pathlib import Path
    from stand_in import TopicEmbedder
    from core.settings import Settings
    from index import build
    from index.store import originals
    from index.store.upload_inbox import UploadInbox
    from index.store.library import Library

    def die(*_args, **_named):
        os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings(home=Path({home!r}))
    library = Library.open(settings, create=True)
    path = UploadInbox(library.incoming_dir).keep("prices.txt", {text!r}.encode())
    {moment} = die
    build.ingest([path], library, TopicEmbedder(), settings)
""")


@pytest.mark.parametrize("moment", ["build.find_files", "library.put", "originals.keep", "build.drop"])
def test_an_upload_whose_process_was_killed_is_taken_in_by_the_next(
    settings: Settings, home: Path, moment: str
) -> None:
    here = Path(__file__).parents[1]
    code = KILLED.format(root=str(here.parent.parent), here=str(here), home=str(home), text=PRICES, moment=moment)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == (0 if moment == "build.drop" else -9)
    with Library.open(settings) as library:
        left = left_behind(library.incoming_dir)
        assert [path.name for path in left] == ([] if moment == "build.drop" else ["prices.txt"])
        if left:
            assert not ingest(left, library, TopicEmbedder(), settings).failed
        assert texts(library) == {"prices.txt": PRICES}
        assert kept_originals(library) == {"prices.txt": PRICES.encode()}
        assert left_behind(library.incoming_dir) == []
        assert check(library) == []


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
    "call", ["library.remove_ids([library.find('prices.txt')], quotes=True)", "library.forget_replaced_versions()"]
)
def test_a_removal_whose_process_was_killed_is_finished_by_the_next(settings: Settings, home: Path, call: str) -> None:
    with Library.open(settings, create=True) as library:
        upload(library, settings, ("prices.txt", PRICES))
        upload(library, settings, ("prices.txt", PRICES.replace("60", "65")))
        keep(library.folder, "What is a room?", "prices.txt")
        UploadInbox(library.incoming_dir).keep(
            "again.txt", PRICES.replace("60", "65").encode()
        )  # its process was killed, too
    code = REMOVED.format(root=str(Path(__file__).parents[3]), home=str(home), call=call)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with Library.open(settings) as library:
        stays = [] if "remove" in call else ["prices.txt"]
        assert list(texts(library)) == list(kept_originals(library)) == stays
        assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
        assert [kept.document for kept in kept_questions(library.folder)] == stays
        assert [path.name for path in left_behind(library.incoming_dir)] == (["again.txt"] if stays else [])
        assert check(library) == []


def refuse(patch: pytest.MonkeyPatch, document_id: str) -> None:
    """Let the disk keep the original of this document."""
    rmtree = shutil.rmtree

    def closed(folder: Path, *given: Any, **named: Any) -> None:
        if folder.name == document_id[:16]:
            raise PermissionError(13, "Permission denied", str(folder))
        rmtree(folder, *given, **named)

    patch.setattr(originals.shutil, "rmtree", closed)


def test_an_original_that_the_disk_keeps_is_told_never_brought_back_and_deleted_by_the_next_opening(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(library, settings, ("prices.txt", PRICES), ("tide.txt", "The tide turns."))
    prices, tide = (library.find(name) for name in ("prices.txt", "tide.txt"))
    keep(library.folder, "What is a room?", "prices.txt")
    with monkeypatch.context() as patch:
        refuse(patch, prices)
        with pytest.raises(LibraryError, match=r"could be deleted from the disk.*Permission denied"):
            library.remove_ids([prices, tide], quotes=True)
        assert kept_questions(library.folder) == ()  # all else is done
        assert [path.name for path in library.uploads_dir.rglob("*.txt")] == ["prices.txt"]
        with Library.open(settings) as again:
            assert repair(again) == []
            assert left_behind(again.incoming_dir) == []
            upload(again, settings, ("other.txt", "The seal sleeps."))
            assert list(texts(again)) == ["other.txt"]
    with Library.open(settings) as again:
        assert kept_originals(again) == {"other.txt": b"The seal sleeps."}
        assert not any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())


def test_a_removed_upload_that_is_given_again_is_not_dropped_by_what_its_removal_left_to_do(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    with monkeypatch.context() as patch:
        refuse(patch, library.find("prices.txt"))
        with pytest.raises(LibraryError):
            library.remove("prices.txt")
    inbox = UploadInbox(library.incoming_dir)
    inbox.keep("prices.txt", PRICES.encode())
    inbox.close()
    with Library.open(settings) as again:
        assert [path.read_text() for path in left_behind(again.incoming_dir)] == [PRICES]


@pytest.mark.parametrize("error", [OSError(30, "Read-only file system"), LibraryError("questions cannot be written.")])
def test_a_library_opens_though_what_a_removal_left_to_do_cannot_be_done(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    upload(library, settings, ("prices.txt", PRICES), ("tide.txt", "The tide turns."))
    with library.database.writing() as db:
        removals.note(db, [], [], ["prices.txt"])

    def fails(*_given: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(removals, "forget_about", fails)
        with Library.open(settings) as again:
            assert sorted(texts(again)) == ["prices.txt", "tide.txt"]
    keep(library.folder, "What is a room?", "prices.txt")
    with Library.open(settings):
        assert kept_questions(library.folder) == ()


def test_a_damaged_library_is_still_told_where_a_removal_left_something_to_do(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.database.writing() as db:
        removals.note(db, ["0" * 64])

    def damaged(*_given: object) -> None:
        raise LibraryDamaged("the library file is damaged.")

    monkeypatch.setattr(removals, "scrub", damaged)
    with pytest.raises(LibraryDamaged):
        Library.open(settings)


def test_an_upload_left_behind_that_vanishes_is_passed_over(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    paths = [library.incoming_dir / "inbox" / "1" / "gone.txt", library.incoming_dir / "inbox" / "2" / "prices.txt"]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(PRICES)
    paths[0].unlink()
    monkeypatch.setattr(upload_inbox, "left_behind", lambda _folder: paths)
    library.remove("prices.txt")
    assert not paths[1].exists()


def test_a_removal_is_finished_by_the_next_opening_where_a_reader_holds_on_to_the_log(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_TRUNCATE_S", 0.1)
    upload(library, settings, ("prices.txt", PRICES))

    def lingers() -> bool:
        return any(b"60 euros" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())

    with Library.open(settings) as other, other.database.reading() as db:
        db.execute("SELECT count(*) FROM documents").fetchone()
        library.remove("prices.txt")
        assert lingers()
    with Library.open(settings):
        assert not lingers()


def test_an_original_is_kept_where_a_killed_process_left_an_empty_folder_for_it(
    library: Library, settings: Settings
) -> None:
    originals.folder_of(library.uploads_dir, hashlib.sha256(PRICES.encode()).hexdigest()).mkdir(parents=True)
    upload(library, settings, ("prices.txt", PRICES))
    assert kept_originals(library) == {"prices.txt": PRICES.encode()}


def test_an_earlier_version_given_right_after_the_newer_one_is_taken_in(library: Library, settings: Settings) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    newer, earlier = upload(library, settings, ("prices.txt", PRICES.replace("60", "65")), ("prices.txt", PRICES))
    assert (newer.state, earlier.state) == ("replaced", "added")
    assert texts(library) == {"prices.txt": PRICES.replace("60", "65"), "prices (2).txt": PRICES}


def test_files_of_a_living_process_are_nobody_elses(library: Library) -> None:
    ours = UploadInbox(library.incoming_dir)
    ours.keep("a.txt", b"The pump.")
    assert library.adopt_uploads() is None
    ours.close()
    adopted = library.adopt_uploads()
    assert adopted is not None
    assert [path.name for path in library.jobs.get(adopted).paths] == ["a.txt"]
    assert library.adopt_uploads() is None  # a job names it


def test_originals_side_by_side_are_brought_to_their_documents_and_strays_are_taken_in(
    library: Library, settings: Settings
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    (file,) = library.uploads_dir.rglob("prices.txt")
    file.replace(library.uploads_dir / "prices.txt")
    file.parent.rmdir()
    (library.uploads_dir / "stray.txt").write_text("The seal sleeps.")
    with Library.open(settings) as again:
        assert kept_originals(again) == {"prices.txt": PRICES.encode()}
        assert [path.name for path in left_behind(again.incoming_dir)] == ["stray.txt"]


def lay_flat(library: Library, name: str, text: str) -> Path:
    """An original as an older version of the program kept it."""
    library.uploads_dir.mkdir(exist_ok=True)
    path = library.uploads_dir / name
    path.write_text(text)
    return path


def test_an_original_is_never_filed_under_the_document_that_has_its_name_now(
    library: Library, settings: Settings
) -> None:
    newer = PRICES.replace("60", "65")
    upload(library, settings, ("prices.txt", newer))
    shutil.rmtree(library.uploads_dir)
    lay_flat(library, "prices.txt", PRICES)
    lay_flat(library, "as it was called.txt", newer)
    with Library.open(settings) as again:
        assert kept_originals(again) == {"prices.txt": newer.encode()}
        assert [path.read_text() for path in left_behind(again.incoming_dir)] == [PRICES]
        assert check(again) == []


def test_an_original_that_another_process_brings_home_meanwhile_costs_nothing(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        lay_flat(library, f"{number}.txt", f"The tide of day {number}.")
    hand_over, digest = upload_inbox.hand_over, hashlib.file_digest

    def another_was_quicker(folder: Path, paths: list[Path]) -> None:
        Path(library.uploads_dir / "0.txt").unlink()
        hand_over(folder, paths)

    def another_takes_the_next(*given: Any) -> Any:
        Path(library.uploads_dir / "1.txt").unlink(missing_ok=True)
        return digest(*given)

    monkeypatch.setattr(upload_inbox, "hand_over", another_was_quicker)
    monkeypatch.setattr(hashlib, "file_digest", another_takes_the_next)
    with Library.open(settings) as again:
        assert [path.name for path in left_behind(again.incoming_dir)] == ["2.txt"]
        assert list(library.uploads_dir.iterdir()) == []


@pytest.mark.parametrize("refused", ["prices.txt", "stray.txt"])
def test_an_original_that_cannot_be_moved_waits_for_the_next_opening(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    upload(library, settings, ("prices.txt", PRICES))
    shutil.rmtree(library.uploads_dir)
    lay_flat(library, "prices.txt", PRICES)
    lay_flat(library, "stray.txt", "The seal sleeps.")
    replace = Path.replace

    def closed(path: Path, target: Path) -> Path:
        if path.name == refused:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", closed)
        with Library.open(settings) as again:
            assert texts(again) == {"prices.txt": PRICES}
            assert (again.uploads_dir / refused).exists()
    with Library.open(settings) as again:
        assert kept_originals(again) == {"prices.txt": PRICES.encode()}
        assert [path.name for path in left_behind(again.incoming_dir)] == ["stray.txt"]


def test_repair_lays_an_original_without_a_document_ready_rather_than_delete_it(
    library: Library, settings: Settings
) -> None:
    stray = library.uploads_dir / "0123456789abcdef" / "lease.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("The room is let.")
    assert ["'lease.txt' belongs to no document" in str(problem) for problem in check(library)] == [True]
    assert repair(library) == []
    assert [path.read_text() for path in left_behind(library.incoming_dir)] == ["The room is let."]
