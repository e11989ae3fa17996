"""Many small files: read ahead and embedded together, and each goes in as if it were alone."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from stand_in import TopicEmbedder

from core.settings import Settings
from core.types import Document
from index import read_ahead
from index.build import ingest
from index.ingest_report import Progress
from index.store.check import check
from index.store.library import Library
from ingest.read import read_file

FILES = 40


class InProcess(read_ahead.ReaderPool):
    """Reads in this process, at once."""

    def read(self, path: Path, name: str | None = None, *_rest: object) -> Document:
        return read_file(path, name)


class Counting(TopicEmbedder):
    """Takes longer than reading, and notes how many texts it was given at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(0.02)
        self.batches.append(len(texts))
        return super().embed_passages(texts)


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(read_ahead, "ReaderPool", InProcess)
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:02}.txt").write_text(f"The pump of house {number} stands in its cellar.")
    return folder


def test_files_of_a_line_fill_the_batches_of_the_embedder(library: Library, settings: Settings, docs: Path) -> None:
    embedder, told = Counting(), list[Progress]()
    report = ingest([docs], library, embedder, settings, progress=told.append)
    assert [file.state for file in report.files] == ["added"] * FILES
    assert sum(embedder.batches) == FILES
    assert len(embedder.batches) < FILES / 4
    assert [one.files_done for one in told] == sorted(one.files_done for one in told)
    assert {one.file for one in told} >= {f"{number:02}.txt" for number in range(FILES)}
    assert check(library) == []


def test_a_text_that_moved_behind_the_file_which_took_its_place_stays(
    library: Library, settings: Settings, docs: Path
) -> None:
    embedder = Counting()
    ingest([docs], library, embedder, settings)
    moved = (docs / "20.txt").read_text()
    for number in range(FILES):
        (docs / f"{number:02}.txt").write_text(f"The kelp of bay {number}.")
    (docs / "20z.txt").write_text(moved)  # read while it was in the library, taken in when it had left
    report = ingest([docs], library, embedder, settings)
    assert [file.message for file in report.files if file.state == "failed"] == []
    assert library.text(library.find("20z.txt")) == moved
    assert len(library.documents()) == FILES + 1


def test_the_same_text_twice_is_one_document(library: Library, settings: Settings, docs: Path) -> None:
    (docs / "01.txt").write_bytes((docs / "00.txt").read_bytes())
    ingest([docs], library, Counting(), settings)
    assert len(library.documents()) == FILES - 1
    assert len(library.sources_of(library.find("00.txt"))) == 2
