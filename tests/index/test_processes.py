"""Several processes on one library: killed, side by side, and beside a person who waits for an answer."""

import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from stand_in import TopicEmbedder

from core.cores import GivingWay, generating, yield_to_generation
from core.settings import Settings
from index.build import Progress, ingest
from index.passages import BATCH
from index.search.retriever import Retriever
from index.store.check import check
from index.store.library import Library

ROOT = Path(__file__).parent.parent.parent

INGEST = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    sys.path[:0] = [{root!r}, {here!r}]
    from stand_in import TopicEmbedder
    from core.settings import Settings
    from index.build import ingest
    from index.store.library import Library

    class Slow(TopicEmbedder):
        def embed_passages(self, texts):
            time.sleep({pause})
            return super().embed_passages(texts)

    settings = Settings(home=Path({home!r}), chunk_tokens=32)
    with Library.open(settings, create=True) as library:
        print("ready", flush=True)
        report = ingest([Path({docs!r})], library, Slow(), settings)
        print(len(report.failed), flush=True)
""")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(12):
        lines = (f"Line {line} of note {number}: the ferry and pump {number * 100 + line}.\n\n" for line in range(100))
        (folder / f"note-{number:02}.txt").write_text("".join(lines))
    return folder


def start(home: Path, docs: Path, pause: float) -> subprocess.Popen[str]:
    code = INGEST.format(root=str(ROOT), here=str(Path(__file__).parent), home=str(home), docs=str(docs), pause=pause)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_fifty_kills_lose_nothing_that_was_said_to_be_done_and_leave_nothing_half() -> None:
    """Of all that writes; the benchmark tells what is killed and what is looked at."""
    command = [sys.executable, str(ROOT / "benchmarks" / "kill.py"), "--kills", "50", "--seed", "20"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0, half there 0" in done.stdout
    kinds = re.findall(r"^ +(\d+) ([a-z -]+) \(", done.stdout, re.MULTILINE)
    assert len(kinds) == 10
    assert all(int(kills) > 0 for kills, _ in kinds), done.stdout


def test_a_reader_beside_an_ingest_is_never_locked_out_and_never_stale(home: Path, docs: Path) -> None:
    settings = Settings(home=home, chunk_tokens=32)
    with Library.open(settings, create=True) as library:
        library.bind_embedder(TopicEmbedder())
        retriever = Retriever(library, TopicEmbedder(), settings)
        process = start(home, docs, pause=0.1)
        seen = set()
        while process.poll() is None:
            names = [record.name for record in library.documents()]
            for name in names:
                seen.add(name)
                number = int(name[5:7])
                best = retriever.search(f"pump {number * 100 + 50}", k=3).passages
                assert any(f"pump {number * 100 + 50}." in passage.text for passage in best), name
                assert all(passage.dense is not None for passage in best), "the vectors are behind the words"
                assert library.text(best[0].document_id)[best[0].start : best[0].end] == best[0].text
            library.keep_vectors({os.urandom(32): TopicEmbedder().embed_question("x")})  # and writes at the same time
        assert process.stdout is not None
        assert process.stdout.read() == "0\n"
        process.stdout.close()
        assert len(seen) > 1  # it was seen to grow
        assert len(library.documents()) == 12
        library.remove("note-03.txt")
        assert all(p.file != "note-03.txt" for p in retriever.search("pump 350", k=12).passages)


def test_two_ingests_of_the_same_files_at_once_store_each_once(home: Path, docs: Path) -> None:
    first, second = start(home, docs, 0.01), start(home, docs, 0.01)
    for process in (first, second):
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, "0\n")
    with Library.open(Settings(home=home)) as library:
        assert len(library.documents()) == 12
        assert check(library) == []


def test_cancel_stops_between_batches_and_what_was_embedded_is_kept(home: Path, docs: Path) -> None:
    settings = Settings(home=home, chunk_tokens=32)
    cancel = threading.Event()
    told: list[Progress] = []

    embedder = TopicEmbedder()

    def stop_after_the_second_batch(progress: Progress) -> None:
        told.append(progress)
        if embedder.read >= 2 * BATCH:
            cancel.set()

    with Library.open(settings, create=True) as library:
        report = ingest([docs], library, embedder, settings, progress=stop_after_the_second_batch, cancel=cancel)
        assert report.cancelled
        assert len(report.files) < told[-1].files_total == 12
        assert library.counts().vectors == embedder.read < 4 * BATCH
        ingest([docs], library, embedder, settings)
        assert embedder.read == library.counts().chunks  # none twice
        assert len(library.documents()) == 12


def test_background_work_waits_while_an_answer_is_written(home: Path) -> None:
    assert yield_to_generation(home, limit_s=1.0) < 0.2
    with generating(home), generating(home):
        assert yield_to_generation(home, limit_s=0.3) >= 0.3
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom core.cores import generating\n"
        f"with generating(Path({str(home)!r})):\n    print('held', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    release = threading.Timer(0.3, process.kill)  # a writer that dies holds nobody up
    release.start()
    assert 0.1 < yield_to_generation(home, limit_s=20.0) < 10.0
    release.join()
    process.wait()
    process.stdout.close()


def test_giving_way_costs_nothing_while_nobody_writes_and_ends_with_stop(home: Path) -> None:
    stop = threading.Event()
    give_way = GivingWay(home, stop)
    started = time.perf_counter()
    for _ in range(100_000):
        give_way()
    assert time.perf_counter() - started < 2.0
    with generating(home):
        time.sleep(0.06)  # it looks again after .05 s
        threading.Timer(0.2, stop.set).start()
        started = time.perf_counter()
        give_way()
        assert 0.1 < time.perf_counter() - started < 5.0


def test_a_reader_that_holds_a_snapshot_does_not_stop_a_writer(home: Path) -> None:
    with Library.open(Settings(home=home), create=True) as library:
        other = sqlite3.connect(library.database.path)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM documents").fetchone()
        library.keep_vectors({b"x" * 32: TopicEmbedder().embed_question("pump")})
        assert library.counts().vectors == 1
        other.close()
