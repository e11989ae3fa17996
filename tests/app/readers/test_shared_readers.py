"""The process that embeds and points at answers for all programs of a user: found, started once, killed, idle, left."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.chat.models import Models
from app.readers.client import SharedEmbedder, SharedSpanReader
from core.errors import EmbedderMismatch, EngineStopped, ModelDamaged
from core.settings import load_settings
from generate.running import running_processes, runtime_folder, stop_shared
from index.embed import SentenceEmbedder
from index.reader.span_reader import SpanReader
from index.store.library import Library
from tests.index.made_models import save_embedder

TEXT = "The Marigold was built in 1974. The fuel tank of the Marigold holds 180 litres. Her engine gives 42 horsepower."
QUESTION = "How much does the fuel tank of the Marigold hold?"
TEXTS = ["The tank holds 180 litres.", "Der Kessel fasst 180 Liter.", "", "tide " * 400]
HEAVY = {"torch", "transformers", "sentence_transformers"}
SOON_S = 30.0

ASK = (
    "import sys\nfrom app.cli import run\nassert run(['ask', sys.argv[1], '--no-llm', '--json']) == 0\n"
    f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
)


@pytest.fixture(scope="module")
def library(home_with):
    return home_with(TEXT)


@pytest.fixture
def program(library, tmp_path_factory, monkeypatch):
    """Makes the models of programs of one user, who shares nothing with other tests; nothing is left afterwards."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("r")))
    monkeypatch.setenv("LECTERN_HOME", str(library))
    monkeypatch.setenv("LECTERN_ENGINE_MINUTES", "10")
    made = []

    def make(**settings):
        made.append(Models(load_settings(**settings)))
        return made[-1]

    yield make
    for models in made:
        models.close()
    stop_shared()


def until(condition):
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def same(one, other):
    """Whether vectors differ in rounding at most: torch adds in another order with another number of threads."""
    return one.shape == other.shape and np.allclose(one, other, atol=1e-3)


def asked():
    done = subprocess.run([sys.executable, "-c", ASK, QUESTION], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return {key: value for key, value in answer.items() if "seconds" not in key}, done.stderr.splitlines()[-1]


def test_a_question_loads_no_torch_and_is_answered_as_by_a_program_that_does(program, monkeypatch):
    first, loaded = asked()
    assert first["words"]["text"] == "180 litres"
    assert loaded == "[]"
    (process,) = running_processes()
    second, loaded = asked()
    assert loaded == "[]"
    assert [each.pid for each in running_processes()] == [process.pid]
    monkeypatch.setenv("LECTERN_ENGINE_MINUTES", "0")
    alone, loaded = asked()
    assert loaded == "['torch']"
    for answer in (second, alone):
        assert (answer["answer"], answer["words"]) == (first["answer"], first["words"])
        assert answer["answerable"] == pytest.approx(first["answerable"], abs=0.01)
        assert [each["quote"] for each in answer["evidence"]] == [each["quote"] for each in first["evidence"]]


def test_vectors_and_spans_are_those_of_the_embedder_and_the_reader(program, embedder):
    models = program()
    shared = models.embedder
    assert isinstance(shared, SharedEmbedder)
    assert (shared.name, shared.dimension, shared.window) == (embedder.name, embedder.dimension, embedder.window)
    assert same(shared.embed_passages(TEXTS), embedder.embed_passages(TEXTS))
    assert same(shared.embed_question(QUESTION), embedder.embed_question(QUESTION))
    assert shared.embed_passages([]).shape == (0, embedder.dimension)
    assert shared.count_tokens(TEXT) == embedder.count_tokens(TEXT)
    reading = models.span_reader().read(QUESTION, [TEXT, ""], [0.7, 0.1])
    assert reading.best[1].text == "180 litres"
    assert reading.spans[1] == ()
    here = program(engine_minutes=0)
    assert isinstance(here.span_reader(), SpanReader)
    by_itself = here.span_reader().read(QUESTION, [TEXT, ""], [0.7, 0.1])
    assert [span.text for span in reading.spans[0]] == [span.text for span in by_itself.spans[0]]
    assert reading.answerable == pytest.approx(by_itself.answerable, abs=0.01)
    assert models.span_reader().familiarity("नौका") == here.span_reader().familiarity("नौका") < 0.9


def test_programs_that_start_at_once_start_one_process(program):
    models = [program() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda each: each.embedder.embed_question(QUESTION), models))
    assert all(same(vector, vectors[0]) for vector in vectors)
    (process,) = running_processes()
    assert (process.clients, process.model) == (4, "all-MiniLM-L6-v2 and span reader")


def test_a_killed_process_is_replaced(program):
    models, other = program(), program()
    before, reader = models.embedder.embed_question(QUESTION), other.span_reader()
    (killed,) = running_processes()
    os.kill(killed.pid, signal.SIGKILL)
    assert same(models.embedder.embed_question(QUESTION), before)
    assert reader.read(QUESTION, [TEXT]).best[1].text == "180 litres"
    (successor,) = running_processes()
    assert successor.pid != killed.pid
    assert successor.clients == 2


def test_it_ends_when_idle_and_the_next_question_starts_another(program):
    models = program(engine_minutes=1 / 60)
    before = models.embedder.embed_question(QUESTION)
    until(lambda: not running_processes())
    assert list(runtime_folder().glob("*.sock")) == []
    assert same(models.embedder.embed_question(QUESTION), before)


def test_it_is_ended_where_that_is_asked_and_the_next_question_starts_another(program):
    models = program()
    before = models.embedder.embed_question(QUESTION)
    assert stop_shared() == 1
    until(lambda: not running_processes())
    assert same(models.embedder.embed_question(QUESTION), before)


def test_where_no_socket_can_be_made_all_is_computed_here(program, monkeypatch, embedder):
    monkeypatch.delattr(socket, "AF_UNIX")
    models = program()
    assert same(models.embedder.embed_question(QUESTION), embedder.embed_question(QUESTION))
    assert same(models.embedder.embed_passages(TEXTS), embedder.embed_passages(TEXTS))
    assert isinstance(models.span_reader(), SpanReader)


def test_only_its_user_can_open_it(program):
    program().start_readers()
    folder = runtime_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.glob("*.sock"))
    assert all(not path.stat().st_mode & 0o077 for path in folder.iterdir())


def test_a_library_of_another_embedder_is_refused_before_anything_is_searched(program, tmp_path):
    models = program(embedder=str(save_embedder(tmp_path)))
    with Library.open(models.settings) as library, pytest.raises(EmbedderMismatch, match="all-MiniLM"):
        library.check_embedder(models.embedder)
    prompted = program(embedder_passage_prompt="passage: ")
    with Library.open(models.settings) as library, pytest.raises(EmbedderMismatch, match="passage"):
        library.check_embedder(prompted.embedder)


def test_another_embedder_is_another_process_and_one_whose_files_change_too(program, tmp_path):
    folder = save_embedder(tmp_path)
    described = json.loads((folder / "sentence_bert_config.json").read_text()) | {"max_seq_length": 16}
    (folder / "sentence_bert_config.json").write_text(json.dumps(described))
    models = program(embedder=str(folder))
    assert isinstance(models.embedder, SharedEmbedder)
    before = models.embedder.embed_question("kelp pump room")
    program().start_readers()
    assert len(running_processes()) == 2
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    torn = program(embedder=str(folder))
    with pytest.raises(ModelDamaged, match="cannot be loaded"):
        torn.embedder.embed_question("kelp pump room")
    weights.write_bytes(whole)
    again = program(embedder=str(folder)).embedder
    assert same(again.embed_question("kelp pump room"), before)


def test_an_embedder_whose_files_do_not_tell_its_window_is_computed_here(program, tmp_path):
    folder = save_embedder(tmp_path)
    (folder / "sentence_bert_config.json").write_text("{}")
    models = program(embedder=str(folder))
    assert isinstance(models.embedder, SentenceEmbedder)
    assert models.embedder.embed_question("kelp pump room").shape == (32,)
    assert isinstance(models.span_reader(), SpanReader)


def test_a_program_that_talks_nonsense_harms_no_other(program):
    models = program()
    before = models.embedder.embed_question(QUESTION)
    (path,) = runtime_folder().glob("*.sock")
    told = json.dumps(next(iter(models._readers.values()))._told).encode() + b"\n"
    for said in (b"no JSON\n", told + b'{"id": 1, "op": "embed", "kind": "passages", "texts": 7}\n', told + b"[1]\n"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(path))
            stranger.sendall(said)
    assert same(models.embedder.embed_question(QUESTION), before)


def test_models_that_were_closed_start_no_process(program):
    models = program()
    assert isinstance(models.span_reader(), SharedSpanReader)
    models.close()
    stop_shared()
    until(lambda: not running_processes())
    with pytest.raises(EngineStopped, match="closed"):
        models.embedder.embed_question(QUESTION)
    assert running_processes() == []
