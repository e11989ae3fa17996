"""A model's process that dies, hangs or talks nonsense: all who wait are told, and one other is started."""

import functools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.errors import Cancelled, EngineStopped
from core.settings import Settings
from core.types import Message, Sampling
from generate.child import Child
from generate.client import EngineClient
from generate.death import cause

SYSTEM = Message("system", "You answer in one short sentence.")
QUESTION = [SYSTEM, Message("user", "What is the capital of France?")]
STORY = [SYSTEM, Message("user", "Tell me a very long story about a lighthouse and its keeper.")]
SOON_S = 8.0
"""Most seconds until somebody who waits is told, on a busy machine; on an idle one it takes some tenths."""

ASKED = "say(id=number, result=5) if asked['op'] == 'check' else"
READY = "import json, os, sys, time\ndef say(**x): print(json.dumps(x), flush=True)\nsys.stdin.readline()\n"
SERVES = f"{READY}say(ready={{}})\nfor line in sys.stdin:\n    asked = json.loads(line)\n    number = asked['id']\n"
DIES_OF_EVERY_QUESTION = f"{SERVES}    {ASKED} (say(id=number, started=True), os._exit(3))\n"
STARTS_AND_IS_SILENT = f"""{READY}say(ready={{}})
queue = []
for line in sys.stdin:
    asked = json.loads(line)
    number = asked['id']
    if asked['op'] == 'check': say(id=number, result=5)
    elif asked['op'] == 'generate':
        say(id=number, **({{'place': len(queue)}} if queue else {{'started': True}}))
        queue.append(number)
"""
READS_NOTHING = f"{READY}say(ready={{}})\ntime.sleep(600)\n"


@pytest.fixture
def played():
    """Starts children that play a part: a program in place of the model's."""
    with ExitStack() as stack:

        def start(program):
            child = Child({}, ("-c", program))
            stack.callback(child.close)
            return child

        yield start


@pytest.fixture
def clients(monkeypatch, engine):
    """Makes clients, and notes the processes that they start; with a program, these play it."""
    with ExitStack() as stack:

        def make(program=""):
            started = []

            def start(model):
                started.append(Child(model, ("-c", program)) if program else Child(model))
                return started[-1]

            monkeypatch.setattr("generate.client.Child", start)
            return stack.enter_context(EngineClient(Settings(home=engine.home))), started

        yield make


def outcome(writing):
    """What came of an answer: its text, "cancelled", or the one line that its reader is told."""
    try:
        text = "".join(writing)
    except EngineStopped as error:
        return str(error).replace("\n", " and then: ")
    return "cancelled" if writing.usage.stopped == "cancelled" else text


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def until(condition):
    deadline = time.monotonic() + SOON_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_a_killed_process_ends_the_answer_and_one_other_serves_all_who_wait(clients):
    client, started = clients()
    pieces = iter(client.generate(STORY, Sampling(max_tokens=2000)))
    next(pieces)
    cancel = threading.Event()
    few = Sampling(max_tokens=8)
    waiting = [client.generate(QUESTION, few), client.generate(QUESTION, few, cancel=cancel)]
    waiting.append(client.generate(QUESTION, few))
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(outcome, pieces)
        others = [pool.submit(outcome, writing) for writing in waiting]
        until(lambda: all(writing.place for writing in waiting))
        os.kill(started[0].pid, signal.SIGKILL)
        cancel.set()
        killed = time.monotonic()
        assert "memory" in str(first.result(SOON_S))
        assert others[1].result(SOON_S) == "cancelled"
        assert time.monotonic() - killed < SOON_S
        assert "Paris" in others[0].result(60) == others[2].result(60)
    assert "Paris" in "".join(client.generate(QUESTION, few))
    assert len(started) == 2


def test_stop_ends_a_wait_for_the_process_that_is_started_again(clients, monkeypatch):
    client, started = clients(STARTS_AND_IS_SILENT)
    cancel = threading.Event()
    writing = client.generate(QUESTION, Sampling(), cancel=cancel)
    os.kill(started[0].pid, signal.SIGKILL)
    until(lambda: not started[0].alive)
    never_ready = functools.partial(Child, command=("-c", "import time; time.sleep(600)"))
    monkeypatch.setattr("generate.client.Child", never_ready)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(outcome, writing)
        until(lambda: client._child is not started[0])
        cancel.set()
        assert waiting.result(SOON_S) == "cancelled"


def test_a_model_that_dies_of_every_question_is_started_twice_and_not_once_for_each(clients):
    client, started = clients(DIES_OF_EVERY_QUESTION)
    writings = [client.generate(QUESTION, Sampling()) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        for found in pool.map(outcome, writings, timeout=SOON_S):
            assert "exit code 3" in str(found)
    assert len(started) == 2
    assert "exit code 3" in str(outcome(client.generate(QUESTION, Sampling()))), "the next question has a new one"
    assert len(started) == 3


def test_threads_that_find_it_dead_at_once_start_one(clients):
    client, started = clients(STARTS_AND_IS_SILENT)
    client.load()
    os.kill(started[0].pid, signal.SIGKILL)
    until(lambda: not started[0].alive)
    with ThreadPoolExecutor(6) as pool:
        assert {child.pid for child in pool.map(lambda _: client.running(), range(6))} <= {c.pid for c in started}
    assert client.running().alive
    assert len(started) == 2


def test_closing_ends_all_who_wait_and_starts_nothing(clients):
    client, started = clients(STARTS_AND_IS_SILENT)
    writings = [client.generate(QUESTION, Sampling()) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(outcome, writing) for writing in writings]
        until(lambda: sum(writing.place > 0 for writing in writings) == 2)
        client.close()
        for found in waiting:
            assert "was closed" in str(found.result(SOON_S))
    assert len(started) == 1
    assert not started[0].alive


def test_stop_ends_an_answer_of_a_process_that_hangs_and_the_next_has_another(clients, monkeypatch):
    monkeypatch.setattr("generate.child.STOP_PATIENCE_S", 0.5)
    monkeypatch.setattr("generate.writing.GRACE_S", 0.1)
    client, started = clients(STARTS_AND_IS_SILENT)
    cancel = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        hanging = client.generate(QUESTION, Sampling(), cancel=cancel)
        waiting = client.generate(QUESTION, Sampling())
        first = pool.submit(outcome, hanging)
        until(lambda: hanging._started)
        second = pool.submit(outcome, waiting)
        until(lambda: waiting.place)
        cancel.set()
        assert first.result(SOON_S) == "cancelled"
        until(lambda: len(started) == 2)
        client.close()
        assert "was closed" in str(second.result(SOON_S))
    assert not started[0].alive


@pytest.mark.parametrize("said", ["no JSON at all", "[1, 2]", "5", '{"neither": "this"}', '{"ready"', '{"id": []}'])
def test_nonsense_instead_of_a_loaded_model_is_told(played, said):
    child = played(f"{READY}print({said!r}, flush=True)\ntime.sleep(0.5)\n")
    with pytest.raises(EngineStopped) as told:
        child.wait()
    assert "\n" not in str(told.value)
    assert not child.alive


@pytest.mark.parametrize("said", ["no JSON at all", "[1, 2]", '{"id": [], "piece": ""}', "\\ud800"])
def test_nonsense_while_others_wait_ends_them_all(played, said):
    child = played(f"{SERVES}    if number == 3: print({said!r}, flush=True)\n")
    child.wait()
    requests = [child.begin("generate") for _ in range(3)]
    for request in requests:
        with pytest.raises(EngineStopped, match="cannot be read"):
            answer(child, request)
    with pytest.raises(EngineStopped):
        child.ask("count", texts=[])


def test_half_a_line_is_no_answer(played):
    child = played(
        f'{SERVES}    sys.stdout.write(\'{{"id": 1, "result": 5\')\n    sys.stdout.flush()\n    os._exit(4)\n'
    )
    child.wait()
    with pytest.raises(EngineStopped, match="exit code 4"):
        child.ask("count", texts=[])


def answer(child, request):
    """The last reply to a request; raises what it reports."""
    from generate.death import result

    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if reply := child.reply(request):
            return result(reply)
    raise AssertionError("it waits for ever")


def test_a_callback_that_fails_leaves_nobody_waiting(played):
    def fail():
        raise MemoryError

    child = played(f"{SERVES}    say(id=number, result=7) if number == 2 else None\n")
    child.wait()
    ended = []
    silent = [child.begin("generate", ended=fail), child.begin("generate", ended=fail)]
    third = child.begin("generate", ended=lambda: ended.append(True))
    assert answer(child, silent[1]) == 7
    for request in (silent[0], third):
        with pytest.raises(EngineStopped):
            answer(child, request)
    assert ended == [True]


def test_a_process_that_reads_nothing_holds_nobody_up(played, monkeypatch):
    child = played(READS_NOTHING)
    child.wait()
    started = time.monotonic()
    long = child.begin("count", texts=["x" * 3_000_000])
    with pytest.raises(Cancelled):
        child.ask("count", lambda: time.monotonic() - started > 0.3, texts=["x" * 1_000_000])
    assert time.monotonic() - started < SOON_S / 2
    monkeypatch.setattr("generate.child.PATIENCE_S", 0.2)
    with pytest.raises(EngineStopped, match="no longer answered"):
        child.ask("count", texts=[])
    with pytest.raises(EngineStopped, match="no longer answered"):
        answer(child, long)


def test_a_process_that_talks_and_reads_nothing_is_closed(played):
    child = played(f"{READY}say(ready={{}})\nwhile True: say(id=1, piece='x' * 1000)\n")
    child.wait()
    child.begin("count", texts=["x" * 1_000_000])
    started = time.monotonic()
    child.close()
    assert time.monotonic() - started < SOON_S
    assert not child.alive


def test_descriptors_above_1023_are_waited_for(engine):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(soft, 1200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, max(hard, most) if hard != resource.RLIM_INFINITY else hard))
    low = os.open(os.devnull, os.O_RDONLY)
    taken = [low]
    try:
        while taken[-1] < 1030:
            taken.append(os.dup(low))
        with EngineClient(Settings(home=engine.home)) as client:
            assert client.running()._link.source > 1023
            assert "Paris" in "".join(client.generate(QUESTION, Sampling(max_tokens=12)))
            cancel = threading.Event()
            pieces = iter(client.generate(STORY, Sampling(max_tokens=2000), cancel=cancel))
            next(pieces)
            cancel.set()
            list(pieces)
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_nothing_is_left_of_processes_that_ended(played):
    played(SERVES).close()
    descriptors, threads = open_descriptors(), threading.active_count()
    for program in (SERVES, READS_NOTHING, "raise SystemExit(3)", f"{READY}print('nonsense')"):
        child = played(program)
        child.begin("count", texts=["x" * 300_000])
        child.close()
    until(lambda: threading.active_count() <= threads)
    assert open_descriptors() <= descriptors


def test_where_no_process_can_be_started_it_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    descriptors = open_descriptors()
    with pytest.raises(EngineStopped, match="could not be started"):
        Child({})
    assert open_descriptors() == descriptors


def test_the_model_dies_with_its_parent_also_while_it_loads(tmp_path):
    os.mkfifo(tmp_path / "model.gguf")  # opening it waits for ever
    model = {"path": str(tmp_path / "model.gguf"), "window": 64, "threads": 1, "flash_attention": True, "optimise": ""}
    worker = subprocess.Popen(
        [sys.executable, "-m", "generate.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with worker:
        worker.stdin.write(json.dumps(model).encode() + b"\n")
        worker.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(2)
        worker.stdin.close()
        assert worker.wait(SOON_S) == 0


def test_why_it_died_is_told_with_a_remedy():
    assert "another processor" in str(cause(-signal.SIGILL, ""))
    assert "--no-binary" in cause(-signal.SIGILL, "").hint
    crashed = str(cause(-signal.SIGSEGV, "much\nGGML_ASSERT failed"))
    assert "SIGSEGV" in crashed
    assert "GGML_ASSERT failed" in crashed
    assert "signal 39" in str(cause(-39, "")), "a signal that has no name"
