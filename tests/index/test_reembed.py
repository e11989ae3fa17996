"""A library changes its embedder: killed, stopped, and beside questions, ingests and removals."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from stand_in import TOPICS, TopicEmbedder, document

from core.cores import generating
from core.errors import EmbedderMismatch, LibraryError, LibraryLocked, NoDocuments, UsageError
from core.settings import Settings
from index.add import add_documents
from index.build import ingest
from index.library_embedder import LibraryEmbedder
from index.reembed import BATCH, Progress, reembed
from index.search.filters import Filter
from index.search.retriever import Retriever
from index.store.check import check
from index.store.library import Library
from index.store.vectors import VectorIndex

ROOT = Path(__file__).parent.parent.parent


class ReversedEmbedder(TopicEmbedder):
    """The same topics, each in another dimension than the TopicEmbedder's, and one dimension more."""

    name = "reversed topics"
    dimension = len(TOPICS) + 2

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().embed_passages(texts)[:, ::-1]
        return np.hstack([np.zeros((len(vectors), 1), dtype=np.float32), vectors])


EMBEDDERS = {each.name: each() for each in (TopicEmbedder, ReversedEmbedder)}


def named(name: str) -> TopicEmbedder:
    return EMBEDDERS[name or "topics"]


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home, chunk_tokens=32)


@pytest.fixture
def library(settings: Settings):
    texts = [(f"{topic}-{n}", f"The {topic} of line {n}.") for n in range(40) for topic in TOPICS]
    with Library.open(settings, create=True) as opened:
        add_documents([document(*text) for text in texts], opened, TopicEmbedder(), settings)
        yield opened


def nearest(library: Library, topic: str) -> set[str]:
    """The beginnings of the names of the passages that the library's embedder holds to be nearest to the topic."""
    embedder = LibraryEmbedder(library, named)
    found = VectorIndex(library).search(embedder.embed_question(topic), 20)
    with library.database.reading() as db:
        rows = [db.execute("SELECT document_id FROM chunks WHERE id = ?", (key,)).fetchone() for key, _ in found]
    assert len(rows) == 20
    return {row[0].split("-")[0] for row in rows}


def test_the_library_answers_by_the_new_vectors_alone(library: Library, settings: Settings) -> None:
    retriever = Retriever(library, LibraryEmbedder(library, named), settings)
    assert retriever.search("kelp").passages[0].file.startswith("kelp")
    told: list[Progress] = []
    assert reembed(library, ReversedEmbedder(), settings, progress=told.append)
    assert (library.embedder_name, library.dimension) == ("reversed topics", len(TOPICS) + 2)
    assert (told[0].done, told[-1].done, told[-1].chunks) == (0, 280, 280)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert nearest(library, "kelp") == {"kelp"}
    assert retriever.search("kelp").passages[0].dense == pytest.approx(1.0)  # one that was open all the time
    assert check(library) == []
    assert library.counts().vectors == 280  # the old ones are gone


def test_another_process_that_has_the_old_index_open_goes_over_to_the_new_one(
    library: Library, settings: Settings
) -> None:
    index = VectorIndex(library)
    index.search(TopicEmbedder().embed_question("kelp"), 5)
    index.save()
    with Library.open(settings) as other:
        reembed(other, ReversedEmbedder(), settings)
    found = index.search(ReversedEmbedder().embed_question("tide"), 5)
    assert [cosine for _, cosine in found] == pytest.approx([1.0] * 5)
    assert index.deviations() == 0


def test_questions_find_by_the_old_vectors_while_the_new_ones_are_made(library: Library, settings: Settings) -> None:
    retriever = Retriever(library, LibraryEmbedder(library, named), settings)
    seen = []

    def ask(now: Progress) -> None:
        if now.done < now.chunks:
            seen.append(library.embedder_name)
            assert nearest(library, "pump") == {"pump"}
            assert retriever.search("pump").passages[0].dense == pytest.approx(1.0)

    reembed(library, ReversedEmbedder(), settings, progress=ask)
    assert seen
    assert set(seen) == {"topics"}


def test_documents_that_come_and_go_meanwhile_are_caught_up_with(library: Library, settings: Settings) -> None:
    def change(now: Progress) -> None:
        if now.done == BATCH:
            library.remove("ferry-0")
            library.remove("kelp-39")
            late = [document("late-pump", "A pump came late."), document("ferry-0", "The ferry is a pump now.")]
            add_documents(late, library, TopicEmbedder(), settings)

    reembed(library, ReversedEmbedder(), settings, progress=change)
    assert {"late-pump", "ferry-0"} <= {record.id for record in library.documents()}
    assert "kelp-39" not in {record.id for record in library.documents()}
    retriever = Retriever(library, LibraryEmbedder(library, named), settings)
    best = retriever.search("pump", within=Filter(documents=("late-pump",))).passages
    assert best[0].dense == pytest.approx(1.0)
    assert check(library) == []


def test_what_is_removed_meanwhile_leaves_no_new_vector_behind(library: Library, settings: Settings) -> None:
    stop = threading.Event()
    assert not reembed(library, ReversedEmbedder(), settings, progress=stopping_at(64, stop), cancel=stop)
    library.remove("ferry-0")
    with library.database.reading() as db:
        assert db.execute("SELECT count(*) FROM reembedded").fetchone()[0] == 63


def test_an_ingest_that_was_begun_before_goes_over_to_the_new_embedder(
    library: Library, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(3):
        (folder / f"note-{number}.txt").write_text(f"Note {number} speaks of the seal.\n")

    def switch(report: object) -> None:
        if library.embedder_name == "topics":
            reembed(library, ReversedEmbedder(), settings)

    report = ingest([folder], library, LibraryEmbedder(library, named), settings, told=switch)
    assert [file.state for file in report.files] == ["added"] * 3
    assert check(library) == []
    best = Retriever(library, LibraryEmbedder(library, named), settings).search("seal", within=Filter(("note-2.txt",)))
    assert best.passages[0].dense == pytest.approx(1.0)
    with pytest.raises(EmbedderMismatch, match="lectern docs reembed"):
        add_documents([document("d", "A seal.")], library, TopicEmbedder(), settings)


def stopping_at(done: int, stop: threading.Event):
    return lambda now: stop.set() if now.done >= done else None


def test_a_stopped_run_keeps_the_old_vectors_and_the_next_one_goes_on(library: Library, settings: Settings) -> None:
    stop, embedder = threading.Event(), ReversedEmbedder()
    assert not reembed(library, embedder, settings, progress=stopping_at(96, stop), cancel=stop)
    assert library.embedder_name == "topics"
    assert nearest(library, "tide") == {"tide"}
    assert embedder.read == 96
    assert reembed(library, embedder, settings)
    assert embedder.read == 280
    assert nearest(library, "tide") == {"tide"}


def test_another_embedder_begins_anew(library: Library, settings: Settings) -> None:
    class Third(ReversedEmbedder):
        name = "third"

    stop, third = threading.Event(), Third()
    reembed(library, ReversedEmbedder(), settings, progress=stopping_at(96, stop), cancel=stop)
    assert reembed(library, third, settings)
    assert (library.embedder_name, third.read) == ("third", 280)


def test_it_waits_while_an_answer_is_written(library: Library, settings: Settings, home: Path) -> None:
    stop, told, embedder = threading.Event(), [], ReversedEmbedder()
    threading.Timer(0.5, stop.set).start()
    with generating(home):
        assert not reembed(library, embedder, settings, progress=told.append, cancel=stop)
    assert embedder.read == 0


RUN = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    sys.path[:0] = [{root!r}, {here!r}]
    from core.settings import Settings
    from index.reembed import reembed
    from index.store.library import Library
    from test_reembed import ReversedEmbedder

    class Slow(ReversedEmbedder):
        def embed_passages(self, texts):
            time.sleep(0.05)
            return super().embed_passages(texts)

    def tell(now):
        print(now.done, flush=True)

    settings = Settings(home=Path({home!r}), chunk_tokens=32)
    with Library.open(settings) as library:
        reembed(library, Slow(), settings, progress=tell)
    print("whole", flush=True)
""")


def test_kills_at_any_moment_lose_a_batch_at_most(library: Library, settings: Settings, home: Path) -> None:
    code = RUN.format(root=str(ROOT), here=str(Path(__file__).parent), home=str(home))
    command = [sys.executable, "-c", code]
    done = [0]
    for batches in (2, 1, 3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            assert process.stdout is not None
            begun = int(process.stdout.readline())
            assert begun >= done[-1], "what was made before the kill is gone"
            done += [int(process.stdout.readline()) for _ in range(batches)]
            os.killpg(process.pid, signal.SIGKILL)
        assert library.embedder_name == "topics"
        assert check(library) == []
        assert nearest(library, "room") == {"room"}
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(ended.stdout.splitlines()[0]) >= done[-1]
    assert ended.stdout.endswith("whole\n")
    assert library.embedder_name == "reversed topics"
    assert check(library) == []
    assert nearest(library, "room") == {"room"}


def test_two_at_once_are_refused(library: Library, settings: Settings) -> None:
    def second(_now: Progress) -> None:
        with pytest.raises(LibraryLocked, match="another process"):
            reembed(library, ReversedEmbedder(), settings)

    assert reembed(library, ReversedEmbedder(), settings, progress=second)


def test_what_cannot_be_done_is_said_and_changes_nothing(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="'topics' is the embedder of the library 'default' already"):
        reembed(library, TopicEmbedder(), settings)
    full = shutil.disk_usage(library.folder)._replace(free=1_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    with pytest.raises(LibraryError, match="MB are free"):
        reembed(library, ReversedEmbedder(), settings)
    assert library.embedder_name == "topics"
    empty = settings.model_copy(update={"library": "empty"})
    with Library.open(empty, create=True) as other, pytest.raises(NoDocuments):
        reembed(other, ReversedEmbedder(), empty)


def test_replaced_versions_with_old_vectors_are_let_go(library: Library, settings: Settings, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    for text in ("The first note.", "The second note."):
        note.write_text(text)
        ingest([note], library, TopicEmbedder(), settings)
    assert library.replaced_versions()
    reembed(library, ReversedEmbedder(), settings)
    assert library.replaced_versions() == []
    assert check(library) == []
