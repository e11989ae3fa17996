"""Scanned pages in a library: born-digital files are in first, recognition follows, also after a kill."""

import threading
from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.settings import Settings
from index.build import ingest
from index.search.retriever import Retriever
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.library import Library
from ingest.recognition.lines import Recognized
from tests.index.made_answers import answer_from
from tests.ingest.test_recognition import drawn, scanned_pdf, tesseract  # noqa: F401 - a fixture

WAITS = "no text: scanned?"


@pytest.fixture
def seen(home: Path, tesseract) -> Settings:  # noqa: F811
    tesseract(("The", 96), ("seal", 95), ("sleeps.", 90))
    return Settings(home=home, recognition="tesseract")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return scanned_pdf(tmp_path / "scan.pdf", "The seal sleeps.", "")


def notes(library: Library, name: str) -> list[str]:
    return [page.note for page in library.document(name).pages]


def test_a_scan_is_found_by_what_was_recognized_on_it(library, seen, scan):
    report = ingest([scan], library, TopicEmbedder(), seen)
    (file,) = report.files
    assert (file.state, file.unreadable) == ("added", ())
    assert file.warnings == ("Recognized by tesseract 9.9.9 (eng): p. 1 (certainty 0.93).",)
    found = Retriever(library, TopicEmbedder(), seen).search("What does the seal do?").passages[0]
    assert (found.file, found.pages[0].number) == ("scan.pdf", 1)
    assert check(library) == []


def test_all_files_are_in_before_the_first_page_is_recognized(library, seen, scan, tmp_path):
    later = tmp_path / "zebra.txt"
    later.write_text("The pump stands in the cellar.")
    known: list[list[str]] = []

    def watch(now) -> None:
        if "recognizing" in now.file:
            known.append(library.names())

    ingest([scan, later], library, TopicEmbedder(), seen, progress=watch)
    assert known == [["scan.pdf", "zebra.txt"]]


def test_what_was_stopped_goes_on_with_the_next_ingest_of_anything(library, seen, scan, tmp_path):
    stop = threading.Event()

    def when_recognizing(now) -> None:
        if "recognizing" in now.file:
            stop.set()

    assert ingest([scan], library, TopicEmbedder(), seen, progress=when_recognizing, cancel=stop).cancelled
    library.tag([library.find("scan.pdf")], ["animals"])
    assert notes(library, "scan.pdf") == [WAITS, ""]
    other = tmp_path / "other.txt"
    other.write_text("The tide is low.")
    ingest([other], library, TopicEmbedder(), seen)
    assert notes(library, "scan.pdf") == ["", ""]
    assert {record.name: record.tags for record in library.documents()}["scan.pdf"] == ("animals",)
    assert check(library) == []


def test_an_engine_that_comes_later_reads_what_is_there_and_off_means_off(library, seen, scan):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    assert notes(library, "scan.pdf") == [WAITS, ""]
    ingest([scan], library, TopicEmbedder(), seen)
    assert notes(library, "scan.pdf") == ["", ""]


def test_chats_keep_the_words_around_a_quote_of_what_was_there_before(library, seen, scan):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    before = answer_from(library.document("scan.pdf"))
    chat = Chats(library).create("What was born?", ChatMessage("assistant", "a", "a", before))
    ingest([scan], library, TopicEmbedder(), seen)
    (message,) = Chats(library).load(chat).messages
    assert [passage.text for passage in message.answer.passages] == [passage.text for passage in before.passages]


def test_a_picture_without_text_is_looked_at_once(library, seen, tmp_path, tesseract):  # noqa: F811
    tesseract()
    drawn("").save(tmp_path / "cat.png")
    ingest([tmp_path / "cat.png"], library, TopicEmbedder(), seen)
    assert notes(library, "cat.png") == ["no text was recognized"]
    looked: list[str] = []
    ingest([tmp_path / "cat.png"], library, TopicEmbedder(), seen, progress=lambda now: looked.append(now.file))
    assert not any("recognizing" in name for name in looked)


def test_a_scan_that_no_engine_survives_is_told_and_not_tried_again(library, seen, scan):
    quick = seen.model_copy(update={"reader_seconds": 0.01})
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    (file,) = ingest([scan], library, TopicEmbedder(), quick).files
    assert "were not recognized: scan.pdf took longer than" in file.warnings[-1]
    assert notes(library, "scan.pdf") == ["no text was recognized", ""]


def test_a_document_that_is_removed_while_it_is_read_anew_stays_removed(library, seen, scan):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))

    class Removing(TopicEmbedder):
        """A person removes the document while its new text is embedded."""

        def embed_passages(self, texts):
            for name in library.names():
                library.remove(name)
            return super().embed_passages(texts)

    report = ingest([scan], library, Removing(), seen)
    assert not report.cancelled
    assert library.names() == []
    assert check(library) == []


def test_a_scan_that_has_changed_on_the_disk_is_not_read_for_the_old_one(library, seen, scan, tmp_path):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    scanned_pdf(scan, "The seal wakes.", "")
    other = tmp_path / "other.txt"
    other.write_text("The tide is low.")
    looked: list[str] = []
    ingest([other], library, TopicEmbedder(), seen, progress=lambda now: looked.append(now.file))
    assert not any("recognizing" in name for name in looked)
    assert notes(library, "scan.pdf") == [WAITS, ""]


def test_that_a_page_was_looked_at_in_vain_is_a_change_of_the_library(library, seen, scan):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    before = library.generation
    library.note_pages(library.find("scan.pdf"), (WAITS,), "no text was recognized")
    assert library.generation > before


def test_a_scan_that_was_cut_off_goes_on_at_the_page_where_it_was(library, seen, tmp_path, tesseract):  # noqa: F811
    scan = scanned_pdf(tmp_path / "book.pdf", "One.", "Two.", "Three.")
    looked: list[str] = []
    stop = threading.Event()

    def until_the_third(now) -> None:
        if "recognizing" in now.file:
            looked.append(now.file)
            if now.file.endswith("page 3"):
                stop.set()

    assert ingest([scan], library, TopicEmbedder(), seen, progress=until_the_third, cancel=stop).cancelled
    tesseract(("Another", 96), ("engine.", 90))
    ingest([], library, TopicEmbedder(), seen, progress=until_the_third)
    assert [name.rpartition(" ")[2] for name in looked] == ["1", "2", "3", "3"]
    document = library.document("book.pdf")
    assert document.text.splitlines()[0] == "The seal sleeps."
    assert document.text.splitlines()[-1] == "Another engine."
    assert library.recognized_pages(document.id) == {}


def test_recognized_pages_of_a_scan_that_is_removed_are_gone(library, seen, scan):
    ingest([scan], library, TopicEmbedder(), seen.model_copy(update={"recognition": "off"}))
    key = library.find("scan.pdf")
    library.keep_recognized(key, "0:1", Recognized(("The orca sings.",), 0, "tesseract", 0.9))
    assert library.recognized_pages(key)["0:1"].lines == ("The orca sings.",)
    library.remove("scan.pdf")
    library.keep_recognized(key, "0:1", Recognized(("The orca sings.",), 0, "tesseract", 0.9))
    assert not any(b"orca" in file.read_bytes() for file in library.folder.rglob("*") if file.is_file())
