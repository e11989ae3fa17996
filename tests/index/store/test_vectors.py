"""A removal is final and a generation never goes back, whichever process sleeps or dies; damaged files harm nobody."""

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from test_growth import Named, add, unit

from core.errors import LibraryDamaged, LibraryError
from core.settings import Settings
from index.store import faiss_index, removals, vector_files
from index.store.check import check
from index.store.library import Library
from index.store.vectors import VectorIndex

ROOT = Path(__file__).parents[3]


@pytest.fixture
def library(home: Path):
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        yield library


SECRET = unit(3, seed=666)
"""Vectors of the document that is removed."""


def traces(library: Library) -> list[str]:
    """The library's files that hold a vector of the removed document."""
    held = [vector.tobytes() for vector in SECRET]
    found = [file for file in library.folder.rglob("*") if file.is_file()]
    return [file.name for file in found if any(vector in file.read_bytes() for vector in held)]


def found(index: VectorIndex) -> list[int]:
    return [key for key, score in index.search(SECRET[0], 5) if score > 0.999]


WRITER = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from core.settings import Settings
    from index.store import vector_files
    from index.store.library import Library
    from index.store.vectors import VectorIndex

    def stop():
        print("stopped", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

    def stopping(step, before):
        def wrapped(*given, **named):
            if before:
                stop()
            result = step(*given, **named)
            if not before:
                stop()
            return result
        return wrapped

    with Library.open(Settings(home=Path({home!r}))) as library:
        index = VectorIndex(library)
        index.ids()
        if {moment!r} == "before the file is made":
            os.open = stopping(os.open, before=True)
        elif {moment!r} == "before it asks":
            vector_files._standing = stopping(vector_files._standing, before=True)
        elif {moment!r} == "when it has asked":
            vector_files._standing = stopping(vector_files._standing, before=False)
        elif {moment!r} == "when it is written":
            os.fsync = stopping(os.fsync, before=False)
        elif {moment!r} == "when it is renamed":
            Path.replace = stopping(Path.replace, before=False)
        print("saved" if vector_files.write(library, index._index, index.generation) else "given up", flush=True)
""")

MOMENTS = (
    "before the file is made",
    "before it asks",
    "when it has asked",
    "when it is written",
    "when it is renamed",
)


def writer(library: Library, moment: str) -> subprocess.Popen[str]:
    """A process that saves an index of the present generation, and is stopped (SIGSTOP) at that moment."""
    code = WRITER.format(root=str(ROOT), home=str(library.folder.parent.parent), moment=moment)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    return process


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("lists", [False, True])
def test_a_writer_that_slept_through_a_removal_brings_nothing_back(
    library: Library, monkeypatch: pytest.MonkeyPatch, moment: str, killed: bool, lists: bool
) -> None:
    if lists:
        monkeypatch.setattr(faiss_index, "EXACT_MOST", 100)
    add(library, "kept", unit(150, seed=1))
    add(library, "secret", SECRET)
    if lists:
        VectorIndex(library).save()
        add(library, "more", unit(3, seed=2))  # the writer has something to write
    process = writer(library, moment)
    searching = VectorIndex(library)
    assert len(found(searching)) == 1
    library.remove("secret")
    assert found(searching) == []
    assert traces(library) == []
    os.kill(process.pid, signal.SIGKILL if killed else signal.SIGCONT)
    process.wait(60)
    assert process.stdout is not None
    if not killed and moment != "when it is renamed":
        assert process.stdout.read() == "given up\n", "the removed vectors were on the disk for a while"
    process.stdout.close()
    assert traces(library) == []
    assert found(searching) == []
    assert found(VectorIndex(library)) == []
    rounding = (
        "of the vector index are not the library's"  # made to change its kind at 120 vectors, it learns from too few
    )
    assert [problem for problem in map(str, check(library)) if rounding not in problem] == []
    ids = set(VectorIndex(library).ids().tolist())
    for one in vector_files.saved(library):
        assert set(faiss_index.ids_of(vector_files.read(one.path)).tolist()) <= ids


def test_a_late_writer_neither_replaces_nor_deletes_a_newer_file(library: Library) -> None:
    add(library, "first", unit(20, seed=1))
    process = writer(library, "when it is written")
    add(library, "second", unit(20, seed=2))
    VectorIndex(library).save()
    newest = vector_files.saved(library)[0]
    os.kill(process.pid, signal.SIGCONT)
    process.wait(60)
    assert process.stdout is not None
    process.stdout.close()
    assert vector_files.saved(library) == [newest]
    assert newest.generation == library.generation


def test_what_a_killed_removal_left_goes_with_the_next_search(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(library, "kept", unit(20, seed=1))
    add(library, "secret", SECRET)
    VectorIndex(library).save()
    with monkeypatch.context() as patch:
        patch.setattr(removals, "scrub", lambda _: None)
        library.remove("secret")
    assert vector_files.saved(library)
    assert found(VectorIndex(library)) == []
    assert vector_files.saved(library) == []


def test_a_former_library_at_the_same_place_leaves_the_new_one_alone(library: Library) -> None:
    add(library, "former", SECRET)
    former = VectorIndex(library)
    former.save()
    for file in library.folder.iterdir():
        file.unlink()
    with Library.open(Settings(home=library.folder.parent.parent), create=True) as new:
        new.bind_embedder(Named())  # type: ignore[arg-type]
        add(new, "new", unit(20, seed=2))
        VectorIndex(new).save()
        (file,) = vector_files.saved(new)
        former.save()
        library.remove("former")
        assert [one.name for one in new.folder.glob("*.faiss")] == [file.path.name]
        assert traces(new) == []


def copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_library_that_was_put_back_from_a_copy_is_searched_as_it_is(
    library: Library, tmp_path: Path, later: int
) -> None:
    """Its generation goes back; with ``later`` changes it is the one that the index had, or beyond."""
    add(library, "kept", unit(20, seed=1))
    copy_database(library.database.path, tmp_path / "copy")
    add(library, "secret", SECRET)
    searching = VectorIndex(library)
    searching.save()
    assert len(found(searching)) == 1
    copy_database(tmp_path / "copy", library.database.path)
    for number in range(later):
        add(library, f"other {number}", unit(3, seed=5 + number))
    assert found(searching) == []
    fresh = VectorIndex(library)
    assert found(fresh) == []
    assert len(fresh) == library.counts().chunks
    assert [str(problem) for problem in check(library)] == []


def torn(data: bytes) -> bytes:
    return data[: len(data) // 2]


def zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def random_bytes(data: bytes) -> bytes:
    return random.Random(1).randbytes(len(data))


def huge(data: bytes) -> bytes:
    """The count of vectors, which FAISS believes, is changed."""
    return data[:8] + b"\xff" * 6 + data[14:]


def one_bit(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 64]) + data[201:]


def empty(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [torn, zeroed, random_bytes, huge, one_bit, empty])
def test_a_damaged_file_is_noticed_and_goes(library: Library, damage) -> None:
    add(library, "secret", SECRET)
    VectorIndex(library).save()
    (file,) = vector_files.saved(library)
    file.path.write_bytes(damage(file.path.read_bytes()))
    index = VectorIndex(library)
    assert index.search(SECRET[0], 1)[0][1] == pytest.approx(1.0, abs=1e-5)
    assert not file.path.exists()
    index.save()
    assert vector_files.read(file.path).ntotal == 3


def test_a_file_of_vectors_of_another_length_is_passed_over(library: Library) -> None:
    add(library, "secret", SECRET)
    other = faiss_index.exact(7)
    faiss_index.add(other, np.eye(7, dtype=np.float32)[:3], np.arange(1, 4))
    assert vector_files.write(library, other, library.generation)
    assert VectorIndex(library).search(SECRET[0], 1)[0][1] == pytest.approx(1.0, abs=1e-5)


def test_a_stored_vector_of_another_length_is_told_and_how_to_mend_it(library: Library) -> None:
    add(library, "secret", SECRET)
    with library.database.writing() as db:
        db.execute("UPDATE embeddings SET vector = zeroblob(12)")
    with pytest.raises(LibraryDamaged, match="lectern doctor --library 'default' --repair"):
        VectorIndex(library).search(SECRET[0], 1)


def test_a_full_disk_is_told_and_leaves_the_former_file(library: Library) -> None:
    import resource

    add(library, "first", unit(50, seed=1))
    index = VectorIndex(library)
    index.save()
    before = [one.path.name for one in vector_files.saved(library)]
    add(library, "second", unit(500, seed=2))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limits[1]))  # the kernel refuses to let any file grow beyond
    try:
        with pytest.raises(LibraryError, match=os.strerror(errno.EFBIG)):
            index.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in library.folder.iterdir() if ".faiss" in path.name] == before
    assert len(index.search(unit(1, seed=3)[0], 550)) == 550
    index.save()
    assert vector_files.saved(library)[0].generation == library.generation


CROWD = textwrap.dedent("""
    import os, random, sys, time
    from pathlib import Path
    sys.path[:0] = [{root!r}, {here!r}]
    from test_growth import add, unit
    from core.settings import Settings
    from index.store import faiss_index
    from index.store.library import Library
    from index.store.vectors import VectorIndex

    faiss_index.EXACT_MOST = 120
    me = int(sys.argv[1])
    chance = random.Random(me)
    until = time.monotonic() + 3.0
    with Library.open(Settings(home=Path({home!r}))) as library:
        index = VectorIndex(library)
        mine = []
        number = 0
        while time.monotonic() < until:
            step = chance.random()
            if step < 0.4:
                number += 1
                add(library, f"{{me}}-{{number}}", unit(8, seed=1000 * me + number))
                mine.append(number)
            elif step < 0.6 and len(mine) > 2:
                gone = mine.pop(chance.randrange(len(mine)))
                library.remove(f"{{me}}-{{gone}}")
                vector = unit(8, seed=1000 * me + gone)[3]
                assert all(score < 0.9999 for _, score in index.search(vector, 3)), "removed and found"
            elif mine:
                vector = unit(8, seed=1000 * me + chance.choice(mine))[3]
                assert index.search(vector, 1)[0][1] > 0.9999, "there and not found"
            if step > 0.7:
                index.save()
            if step > 0.95:
                index = VectorIndex(library)
        print(number, *mine)
""")


def test_a_crowd_that_adds_removes_and_searches_leaves_no_trace_of_what_was_removed(library: Library) -> None:
    code = CROWD.format(root=str(ROOT), here=str(Path(__file__).parents[1]), home=str(library.folder.parent.parent))
    crowd = [
        subprocess.Popen([sys.executable, "-c", code, str(me)], stdout=subprocess.PIPE, text=True) for me in (1, 2, 3)
    ]
    kept, removed = [], []
    for me, process in enumerate(crowd, 1):
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        last, *mine = map(int, output.split())
        for number in range(1, last + 1):
            (kept if number in mine else removed).append((me, number))
    assert len(removed) > 3
    assert {record.name for record in library.documents()} == {f"{me}-{number}" for me, number in kept}
    assert library.database.truncate_log()  # a removal beside readers leaves the log's end to the next one
    everything = {file.name: file.read_bytes() for file in library.folder.rglob("*") if file.is_file()}
    for me, number in removed:
        for vector in unit(8, seed=1000 * me + number):
            assert [name for name, content in everything.items() if vector.tobytes() in content] == []
    rounding = (
        "of the vector index are not the library's"  # made to change its kind at 120 vectors, it learns from too few
    )
    assert [problem for problem in map(str, check(library)) if rounding not in problem] == []
    ids = set(VectorIndex(library).ids().tolist())
    assert len(vector_files.saved(library)) <= 1
    for one in vector_files.saved(library):
        assert set(faiss_index.ids_of(vector_files.read(one.path)).tolist()) <= ids
