"""A library that outgrows exact search: the kind of its vector index changes by itself, and no answer gets worse."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Cancelled
from core.settings import Settings
from core.types import Chunk, Document, Page
from index.store import embeddings, faiss_index, vector_files, vectors
from index.store.check import check, repair
from index.store.library import Library
from index.store.records import Entry
from index.store.vectors import VectorIndex

ROOT = Path(__file__).parent.parent.parent
SIZE = 32
MOST = 600
"""Vectors up to which search is exact in these tests."""


class Named:
    """As much of an embedder as a library asks for."""

    name = "random"
    dimension = SIZE


def unit(n: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors in 40 clusters, of shape (n, SIZE)."""
    centres = np.random.default_rng(0).standard_normal((40, SIZE))
    rng = np.random.default_rng(seed)
    found = centres[rng.integers(0, 40, n)] + 0.4 * rng.standard_normal((n, SIZE))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def add(library: Library, document: str, vectors: NDArray[np.float32]) -> None:
    """A document with a chunk for each vector."""
    texts = [f"{document} {number}" for number in range(len(vectors))]
    text = "\n".join(texts)
    chunks, start = [], 0
    for ordinal, part in enumerate(texts):
        chunks.append(Chunk(document, ordinal, start, start + len(part), part, (), 2))
        start += len(part) + 1
    hashes = [embeddings.vector_hash("random", part) for part in texts]
    pages = (Page("lines", 1, "", 0, len(text)),)
    entry = Entry(
        Document(document, document, "text/plain", "", text, pages), document, 1, tuple(chunks), tuple(hashes)
    )
    library.put([entry], dict(zip(hashes, vectors, strict=True)))


def truth(library: Library) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """All chunk ids, in order, and their vectors."""
    with library.database.reading() as db:
        rows = db.execute("SELECT id, vector FROM chunks JOIN embeddings ON hash = embedding ORDER BY id").fetchall()
    return np.array([r[0] for r in rows]), np.stack([np.frombuffer(r[1], dtype="<f4") for r in rows])


def recall(index: VectorIndex, library: Library, among: NDArray[np.int64] | None = None, k: int = 10) -> float:
    """The share of the exact ``k`` nearest that the index finds; each question gets k, with their exact cosines."""
    ids, vectors = truth(library)
    if among is not None:
        kept = np.isin(ids, among)
        ids, vectors = ids[kept], vectors[kept]
    hits = []
    for question in unit(50, seed=99):
        found = index.search(question, k, among)
        cosines = dict(zip(ids.tolist(), (vectors @ question).tolist(), strict=True))
        assert len(found) == k
        assert [score for _, score in found] == pytest.approx([cosines[key] for key, _ in found], abs=1e-5)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        best = sorted(cosines, key=lambda key: -cosines[key])[:k]
        hits.append(len({key for key, _ in found} & set(best)) / k)
    return float(np.mean(hits))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss_index, "EXACT_MOST", MOST)
    monkeypatch.setattr(faiss_index, "SCANNED_MOST", 100)


@pytest.fixture
def library(home: Path):
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        yield library


@pytest.fixture
def grown(library: Library) -> Library:
    """A library past the threshold, saved: 2,000 chunks in ten documents, inverted lists."""
    for number in range(10):
        add(library, f"d{number}", unit(200, seed=number))
    VectorIndex(library).save()
    return library


def files(library: Library) -> list[str]:
    return sorted(path.name for path in library.folder.glob("*.faiss"))


def test_crossing_the_threshold_changes_the_kind_and_answers_stay_right(library: Library) -> None:
    add(library, "first", unit(MOST, seed=1))
    index = VectorIndex(library)
    index.save()
    assert (index.lists, recall(index, library)) == (0, 1.0)
    add(library, "more", unit(1200, seed=2))
    searching = VectorIndex(library)
    assert recall(searching, library) == 1.0
    assert searching.lists == 0  # who searches does not stop to train
    index.save()
    assert index.lists == 32
    assert recall(index, library) >= 0.97
    assert [name.rsplit("-", 1)[1] for name in files(library)] == ["32.faiss"]
    add(library, "fourfold", unit(6200, seed=3))
    index.save()
    assert (index.lists, len(index)) == (64, 8000)
    assert check(library) == []


def test_adding_and_removing_after_the_change(grown: Library) -> None:
    index = VectorIndex(grown)
    lists = index.lists
    new = unit(30, seed=77)
    add(grown, "new", new)
    assert {key for key, _ in index.search(new[0], 1)} <= set(truth(grown)[0][-30:].tolist())
    gone = index.search(new[3], 1)[0][0]
    grown.remove("new")
    grown.remove("d4")
    assert gone not in {key for key, _ in index.search(new[3], 50)}
    assert gone not in index.similarities(new[3], [gone])
    assert np.array_equal(np.sort(index.ids()), truth(grown)[0])
    assert (index.lists, len(index)) == (lists, 1800)
    assert recall(index, grown) >= 0.97
    assert check(grown) == []


def test_a_removal_leaves_a_file_that_opens_at_once_and_holds_nothing_of_it(grown: Library) -> None:
    import faiss

    before = files(grown)
    grown.remove("d4")
    (name,) = files(grown)
    assert name not in before
    saved = faiss.read_index(str(grown.folder / name))
    assert np.array_equal(np.sort(faiss_index.ids_of(saved)), truth(grown)[0])


def test_nothing_left_leaves_no_file(grown: Library) -> None:
    grown.remove_ids([f"d{number}" for number in range(10)])
    assert files(grown) == []
    assert VectorIndex(grown).search(unit(1, seed=5)[0], 5) == []


def test_a_change_that_is_stopped_leaves_the_former_file(library: Library) -> None:
    add(library, "first", unit(MOST, seed=1))
    VectorIndex(library).save()
    before = files(library)
    add(library, "more", unit(1200, seed=2))

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        VectorIndex(library).save(pause=stop)
    assert files(library) == before
    assert recall(VectorIndex(library), library) == 1.0


def test_little_left_is_searched_exactly_again(grown: Library) -> None:
    grown.remove_ids([f"d{number}" for number in range(9)])
    index = VectorIndex(grown)
    index.save()
    assert (index.lists, len(index), recall(index, grown)) == (0, 200, 1.0)


def test_around_the_threshold_a_few_more_or_less_change_nothing(library: Library) -> None:
    add(library, "most", unit(MOST, seed=1))
    add(library, "few", unit(10, seed=2))
    VectorIndex(library).save()
    library.remove("few")
    index = VectorIndex(library)
    index.save()
    assert (index.lists > 0, len(index)) == (True, MOST)


def test_an_index_that_was_lost_is_made_by_the_first_search_and_kept(
    grown: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_BEHIND", 1000)
    (name,) = files(grown)
    (grown.folder / name).unlink()
    assert recall(VectorIndex(grown), grown) >= 0.97
    assert files(grown) == [name]


@pytest.mark.parametrize("share", [0.01, 0.2, 0.6])
def test_a_filter_finds_the_nearest_of_those_it_keeps(grown: Library, share: float) -> None:
    ids, _ = truth(grown)
    some = np.sort(np.random.default_rng(4).choice(ids, int(share * len(ids)), replace=False))
    assert recall(VectorIndex(grown), grown, some) >= 0.97


def test_a_filter_always_gets_k_results(grown: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss_index, "PROBED", 1 / 32)  # so that a search sees few lists
    ids, rows = truth(grown)
    index = VectorIndex(grown)
    far = np.sort(ids[np.argsort(rows @ rows[0])[:400]])  # a subject that the question is not about
    found = index.search(rows[0], 10, far)
    assert len(found) == 10
    assert {key for key, _ in found} <= set(far.tolist())
    assert len(index.search(rows[0], 300)) == 300
    assert index.search(rows[0], 10, ids[:3])[0][0] == ids[0]
    assert len(index.search(rows[0], 10, ids[:3])) == 3
    assert index.search(rows[0], 10, ids[:0]) == []


def test_an_index_that_disagrees_with_the_library_is_noticed(grown: Library) -> None:
    import faiss

    (name,) = files(grown)
    saved = faiss.read_index(str(grown.folder / name))
    ids, rows = truth(grown)
    saved.remove_ids(ids[:5])
    saved.add_with_ids(-rows[:5], ids[:5])
    (grown.folder / name).unlink()
    assert vector_files.write(grown, saved, grown.generation)
    assert [str(problem) for problem in check(grown)] == ["5 vectors of the vector index are not the library's."]
    repair(grown)
    assert check(grown) == []


CHILD = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    sys.path.insert(0, {root!r})
    import faiss
    from core.settings import Settings
    from index.store import faiss_index
    from index.store.library import Library
    from index.store.vectors import VectorIndex

    faiss_index.EXACT_MOST = {most}

    def pausing(step, moment):
        def paused(*given):
            result = step(*given)
            if moment == {moment!r}:
                print(moment, flush=True)
                time.sleep(60)
            return result
        return paused

    faiss_index.inverted = pausing(faiss_index.inverted, "making")
    faiss.write_index = pausing(faiss.write_index, "writing")
    with Library.open(Settings(home=Path({home!r}))) as library:
        VectorIndex(library).save()
""")


def child(library: Library, moment: str = "") -> subprocess.Popen[str]:
    """A process that saves the index, and waits at that moment of it."""
    home = library.folder.parent.parent
    code = CHILD.format(root=str(ROOT), most=MOST, home=str(home), moment=moment)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_another_process_changes_the_kind_and_who_searches_takes_it_up(library: Library) -> None:
    add(library, "first", unit(MOST, seed=1))
    index = VectorIndex(library)
    index.save()
    add(library, "more", unit(1000, seed=2))
    assert len(index.search(unit(1, seed=5)[0], 5)) == 5
    assert child(library).wait(60) == 0
    assert index.lists == 0
    assert recall(index, library) >= 0.97  # at once, though nothing was added since
    assert index.lists == 32
    add(library, "later", unit(10, seed=3))
    assert recall(index, library) >= 0.97
    assert len(index) == MOST + 1010


@pytest.mark.parametrize("moment", ["making", "writing"])
def test_a_kill_during_the_change_leaves_a_library_that_works(library: Library, moment: str) -> None:
    add(library, "first", unit(MOST, seed=1))
    VectorIndex(library).save()
    before = files(library)
    add(library, "more", unit(3000, seed=2))
    process = child(library, moment)
    assert process.stdout is not None
    assert process.stdout.readline() == f"{moment}\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert files(library) == before
    index = VectorIndex(library)
    assert recall(index, library) == 1.0
    left = list(library.folder.glob(".vectors-*.tmp"))
    assert bool(left) == (moment == "writing")
    for file in left:
        os.utime(file, (time.time() - 7200,) * 2)
    index.save()
    assert (index.lists, list(library.folder.glob(".vectors-*.tmp"))) == (64, [])
    assert recall(VectorIndex(library), library) >= 0.97


def test_a_file_that_another_process_is_writing_is_left_alone(grown: Library) -> None:
    add(grown, "new", unit(5, seed=9))
    writing = grown.folder / f".vectors-{grown.identity}-{grown.generation}-0.faiss.ab12.tmp"
    writing.write_bytes(b"half")
    VectorIndex(grown).save()
    assert writing.exists()
