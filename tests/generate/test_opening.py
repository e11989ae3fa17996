"""Documents that are kept open: read once, kept on disk, taken up again with the very same answer, and deleted."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from llama_cpp import llama_cpp as native

from core.settings import Settings
from core.state_files import drop_states, header_of, state_files, unfinished_files
from core.types import Message, Sampling
from generate import state_file
from generate.client import EngineClient
from generate.engine import Engine
from generate.opening_reader import read_opening
from generate.openings import Opening
from generate.perplexity import calibration_text
from generate.state_file import read_state, write_state

WORDS = calibration_text().split()
OPEN = (
    Message("system", "You answer from the text."),
    Message("user", " ".join(WORDS[:300])),
    Message("assistant", "I have read it."),
)
QUESTION = [*OPEN, Message("user", "What is told here?")]
OTHER = [OPEN[0], Message("user", " ".join(WORDS[400:560]) + "\nWhat is told here?")]
SHORT = Sampling(max_tokens=16, repeat_penalty=1.0)
SOON_S = 100.0


@pytest.fixture
def load(path):
    """Makes engines that have read nothing."""
    loaded = []

    def make():
        loaded.append(Engine(path, window=1024, threads=2))
        return loaded[-1]

    yield make
    for engine in loaded:
        engine.close()


def opening(folder, documents=("d1",)):
    return Opening(OPEN, documents, folder)


def state_of(size, filled_with=0):
    return (ctypes.c_uint8 * size)(*[filled_with] * size)


def asked(engine, messages=QUESTION, conversation="talk"):
    """The answer, and the scores of the whole vocabulary where each piece of it was chosen."""
    pieces, scores = [], []
    for piece in engine.write(messages, SHORT, conversation, len(OPEN)):
        found = native.llama_get_logits_ith(engine.context, -1)
        scores.append(np.ctypeslib.as_array(found, shape=(engine.model.size,)).copy())
        pieces.append(piece)
    return "".join(pieces), np.array(scores)


def test_from_memory_from_disk_and_read_afresh_it_is_the_same_answer_to_the_bit(load, tmp_path):
    fresh = load()
    answer, scores = asked(fresh)
    assert fresh.usage.reused == 0

    read = opening(tmp_path / "open")
    first = load()
    read_opening(first, "k", read)
    assert read.ready
    assert read.kept
    assert read.read == read.tokens > 300
    again, its_scores = asked(first)
    assert (again, first.usage.reused) == (answer, read.tokens)
    assert np.array_equal(its_scores, scores)
    asked(first, OTHER, "other")
    asked(first, conversation="a new talk")
    assert first.usage.reused == read.tokens, "every new conversation begins from it"

    second = load()
    at_once = opening(tmp_path / "open")
    extend, second.cache.extend = second.cache.extend, lambda _tokens: pytest.fail("it was read again")
    read_opening(second, "k", at_once)
    second.cache.extend = extend
    assert at_once.ready
    again, its_scores = asked(second)
    assert (again, second.usage.reused) == (answer, read.tokens)
    assert np.array_equal(its_scores, scores)


def test_a_question_breaks_the_reading_off_and_it_goes_on_from_there(load, tmp_path):
    engine, read = load(), opening(tmp_path / "open")
    extend = engine.cache.extend

    def stop_after_two(tokens):
        extend(tokens)
        if len(engine.cache.tokens) == 2 * engine.cache.block:
            engine.stop()

    engine.cache.extend = stop_after_two
    read_opening(engine, "k", read)
    engine.cache.extend = extend
    assert not read.ready
    assert read.read == 2 * engine.cache.block < read.tokens
    assert list(state_files(tmp_path / "open")) == []
    engine.resume()
    asked(engine, OTHER, "other")
    before = []
    engine.cache.extend = lambda tokens: (before.append(len(engine.cache.tokens)), extend(tokens))
    read_opening(engine, "k", read)
    assert read.ready
    assert read.kept
    assert before[0] == 2 * engine.cache.block


def test_another_text_window_or_model_is_another_state(load, path, tmp_path):
    folder = tmp_path / "open"
    engine = load()
    read_opening(engine, "k", opening(folder))
    other = Opening((*OPEN[:1], Message("user", " ".join(WORDS[1:301])), OPEN[2]), ("d2",), folder)
    read_opening(engine, "other", other)
    assert len(list(state_files(folder))) == 2
    wider = Engine(path, window=2048, threads=2)
    again = opening(folder)
    began = []
    extend = wider.cache.extend
    wider.cache.extend = lambda tokens: (began.append(len(tokens)), extend(tokens))
    read_opening(wider, "k", again)
    wider.close()
    assert sum(began) == again.tokens, "nothing was taken from the files of the other window"
    assert len(list(state_files(folder))) == 3


@pytest.mark.parametrize("harm", ["a byte", "the end", "the header"])
def test_a_damaged_file_is_read_again_and_written_anew(load, tmp_path, harm):
    folder = tmp_path / "open"
    read_opening(load(), "k", opening(folder))
    (kept,) = state_files(folder)
    whole = kept.read_bytes()
    changed = bytearray(whole)
    changed[{"a byte": len(whole) // 2, "the end": -1, "the header": 5}[harm]] ^= 255
    kept.write_bytes(changed[:-1000] if harm == "the end" else changed)
    engine, again = load(), opening(folder)
    read_opening(engine, "k", again)
    assert again.kept
    assert engine.cache.tokens[: again.tokens]
    assert kept.read_bytes()[-1000:] == whole[-1000:]


def test_the_state_of_a_deleted_document_is_gone(load, tmp_path):
    folder = tmp_path / "open"
    read_opening(load(), "k", opening(folder, ("lease", "rules")))
    (kept,) = state_files(folder)
    unfinished = kept.with_name(f".{kept.name}.1.tmp")
    unfinished.write_bytes(kept.read_bytes()[:5000])
    assert not kept.stat().st_mode & 0o077
    drop_states(folder, lambda document: document == "another")
    assert kept.exists()
    drop_states(folder, lambda document: document == "rules")
    assert not list(folder.iterdir())


def test_the_disk_holds_no_more_than_the_bound_and_the_longest_unused_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(state_file, "DISK_BYTES", 2500)
    buffers = [state_of(1000, number) for number in range(3)]
    paths = [tmp_path / f"{name}.state" for name in "abc"]
    for age, (path, buffer) in enumerate(zip(paths[:2], buffers, strict=False)):
        assert write_state(path, buffer, 1000, ["d"], lambda: False)
        os.utime(path, (100 + age, 100 + age))
    assert bytes(read_state(paths[0])) == bytes(buffers[0])  # it counts as used now
    assert write_state(paths[2], buffers[2], 1000, ["d"], lambda: False)
    assert [path.exists() for path in paths] == [True, False, True]
    with pytest.raises(OSError, match="is the most"):
        write_state(tmp_path / "d.state", state_of(3000), 3000, ["d"], lambda: False)


def test_what_does_not_fit_on_the_disk_stays_open_and_says_so(load, tmp_path, monkeypatch):
    monkeypatch.setattr(state_file, "DISK_BYTES", 1000)
    engine, read = load(), opening(tmp_path / "open")
    read_opening(engine, "k", read)
    assert read.ready
    assert not read.kept
    assert "cannot be kept on disk" in read.problem
    asked(engine, OTHER, "other")
    asked(engine)
    assert engine.usage.reused == read.tokens


def test_a_process_that_is_killed_while_it_saves_leaves_nothing_that_is_taken_for_whole(tmp_path):
    code = (
        "import ctypes, os, sys\nfrom pathlib import Path\nfrom generate import state_file\n"
        "state_file.PIECE = 1 << 16\nsize = 1 << 20\nlooks = iter(range(100))\n"
        "kill = lambda: next(looks) == 24 and os.kill(os.getpid(), 9)\n"
        "state_file.write_state(Path(sys.argv[1]), (ctypes.c_uint8 * size)(), size, ['d'], kill)\n"
    )
    path = tmp_path / "a.state"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run([sys.executable, "-c", code, str(path)], env=environment)
    assert ended.returncode == -signal.SIGKILL
    (left,) = unfinished_files(tmp_path)
    assert 100_000 < left.stat().st_size < 1 << 20
    assert header_of(left)["documents"] == ["d"], "so that it goes with its document"
    assert list(state_files(tmp_path)) == []
    assert read_state(path) is None
    os.utime(left, (1, 1))
    assert write_state(tmp_path / "b.state", state_of(8), 8, ["d"], lambda: False)
    assert not left.exists()


@pytest.mark.parametrize("size", ["8", [8], {}, None, -1, 1e400, 1 << 70, True])
def test_a_file_whose_header_was_damaged_is_removed(tmp_path, size):
    path = tmp_path / "a.state"
    path.write_text(json.dumps({"documents": ["d"], "bytes": size, "sha256": "x"}) + "\n12345678")
    assert read_state(path) is None
    assert not path.exists()


def test_what_is_broken_off_at_its_very_end_does_not_stay(tmp_path):
    path = tmp_path / "a.state"
    assert not write_state(path, state_of(8), 8, ["d"], path.exists)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def client(engine):
    with EngineClient(Settings(home=engine.home, context_tokens=1024)) as made:
        yield made


def until(condition):
    deadline = time.monotonic() + SOON_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_program_follows_the_reading_and_is_answered_in_the_midst_of_it(client, tmp_path):
    key = client.open(OPEN, ["d1"], tmp_path / "open")
    capital = client.generate([OPEN[0], Message("user", "What is the capital of France?")], SHORT, conversation="c")
    assert "".join(capital)
    state = until(lambda: (now := client.opening(key)) and now.kept and now)
    assert (state.read, state.problem) == (state.tokens, "")
    writing = client.generate(QUESTION, SHORT, conversation="talk")
    assert "".join(writing)
    assert writing.usage.reused == state.tokens


def test_what_was_forgotten_or_closed_is_no_longer_known(client, tmp_path):
    key = client.open(OPEN, ["d1"], tmp_path / "open")
    until(lambda: (now := client.opening(key)) and now.ready)
    client.forget()
    until(lambda: client.opening(key) is None)
    writing = client.generate(QUESTION, SHORT)
    "".join(writing)
    assert writing.usage.reused == 0, "nor is it taken up from the disk before it is opened again"
    assert client.open(OPEN, ["d1"], tmp_path / "open") == key
    until(lambda: (now := client.opening(key)) and now.kept)
    client.close_opening(key)
    until(lambda: client.opening(key) is None)
