"""The engine that programs share: found, started once, left, killed, idle, and ended; the real SmolLM2."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import EngineStopped, ModelDamaged
from core.settings import Settings
from core.types import Message, Sampling
from generate.client import EngineClient
from generate.running import forget_everywhere, running_processes, runtime_folder, stop_shared

SYSTEM = Message("system", "You answer in one short sentence.")
CAPITAL = [SYSTEM, Message("user", "What is the capital of France?")]
STORY = [SYSTEM, Message("user", "Tell me a very long story about a lighthouse and its keeper.")]
TIDES = [SYSTEM, Message("user", "The bridge is up while the tide is high. " * 40 + "When is the bridge up?")]
FEW = Sampling(max_tokens=8)
LONG = Sampling(max_tokens=300, grammar="root ::= [a-z ]{2000}")
"""An answer that does not end by itself before it is stopped, or is that long."""
SOON_S = 20.0


@pytest.fixture
def program(engine, tmp_path_factory, monkeypatch):
    """Makes clients that share an engine, as programs of one user do; none is left afterwards."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("r")))
    clients = []

    def make(**settings):
        settings = {"home": engine.home, "engine_minutes": 10, **settings}
        clients.append(EngineClient(Settings(**settings), shared=True))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
    stop_shared()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition):
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def written(client, messages, sampling=FEW, **kwargs):
    writing = client.generate(messages, sampling, **kwargs)
    return "".join(writing), writing.usage


def test_the_second_program_finds_the_model_loaded_and_the_conversation_read(program):
    first = program()
    answer, cold = written(first, TIDES, conversation="tides")
    pid = first.running().pid
    first.close()
    second = program()
    began = time.monotonic()
    second.load()
    assert time.monotonic() - began < 0.5
    again, warm = written(second, TIDES, conversation="tides")
    assert second.running().pid == pid
    assert again == answer
    assert (cold.reused, warm.reused) == (0, 384)


def test_programs_that_start_at_once_start_one_engine(program):
    clients = [program() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(lambda client: client.running().pid, clients))) == 1
    (engine,) = running_processes()
    assert (engine.pid, engine.clients, engine.window) == (clients[0].running().pid, 6, clients[0].window)


def test_another_window_or_file_is_another_engine(program):
    assert program().running().pid != program(context_tokens=1024).running().pid
    assert len(running_processes()) == 2


def test_programs_take_turns_and_know_their_place(program):
    first, second, third = program(), program(), program()
    pieces = iter(first.generate(STORY, LONG, conversation="a"))
    next(pieces)
    places = []
    waiting = [second.generate(CAPITAL, FEW, conversation="b", on_queue=places.append)]
    waiting.append(third.generate(CAPITAL, FEW, conversation="c"))
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit("".join, waiting[0])
        until(lambda: waiting[0].place == 1)
        two = pool.submit("".join, waiting[1])
        until(lambda: waiting[1].place == 2)
        first.close()  # who leaves takes its own answer along, and no other's
        assert "Paris" in one.result(SOON_S)
        assert "Paris" in two.result(SOON_S)
    assert places == [1, 0]
    with pytest.raises(EngineStopped, match="closed"):
        list(pieces)


def test_a_program_that_leaves_does_not_disturb_the_answer_of_another(program):
    first, second = program(), program()
    writing = second.generate(STORY, LONG)
    pieces = iter(writing)
    next(pieces)
    waiting = first.generate(STORY, FEW)
    threading.Thread(target=lambda: outcome(waiting)).start()
    until(lambda: waiting.place == 1)
    first.close()
    assert list(pieces)
    assert (writing.usage.answer, writing.usage.stopped) == (300, "length")


def outcome(writing):
    try:
        return "".join(writing)
    except EngineStopped as error:
        return str(error)


def test_a_killed_engine_is_told_to_all_and_its_successor_is_shared(program):
    first, second = program(), program()
    pieces = iter(first.generate(STORY, LONG))
    next(pieces)
    waiting = second.generate(CAPITAL, FEW)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit("".join, waiting)
        until(lambda: waiting.place == 1)
        killed = first.running().pid
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(EngineStopped, match="memory"):
            list(pieces)
        assert "Paris" in other.result(SOON_S)
    assert "Paris" in written(first, CAPITAL)[0]
    assert first.running().pid == second.running().pid != killed


def test_a_crash_is_told_with_its_signal(program):
    client = program()
    pieces = iter(client.generate(STORY, LONG))
    next(pieces)
    os.kill(client.running().pid, signal.SIGSEGV)
    with pytest.raises(EngineStopped, match="SIGSEGV"):
        list(pieces)


def test_it_ends_when_idle_and_the_next_question_starts_another(program):
    client = program(engine_minutes=1 / 60)
    written(client, STORY, Sampling(max_tokens=200))  # longer than the idle time, and not broken off
    pid = client.running().pid
    until(lambda: not alive(pid))
    assert running_processes() == []
    assert list(runtime_folder().glob("*.sock")) == []
    assert "Paris" in written(client, CAPITAL)[0]
    assert client.running().pid != pid


def test_it_is_ended_at_once_where_that_is_asked(program):
    client = program()
    pieces = iter(client.generate(STORY, LONG))
    next(pieces)
    pid = client.running().pid
    assert stop_shared() == 1
    with pytest.raises(EngineStopped, match="closed"):
        list(pieces)
    until(lambda: not alive(pid))


def test_what_was_deleted_is_forgotten_also_where_another_program_read_it(program):
    first, second = program(), program()
    written(first, TIDES, conversation="tides")
    second.forget()
    assert written(first, TIDES, conversation="tides")[1].reused == 0
    first.close()
    forget_everywhere()
    assert written(second, TIDES, conversation="tides")[1].reused == 0


def test_it_outlives_the_program_that_started_it_and_is_not_ended_by_its_terminal(program, engine):
    code = (
        "import time\nfrom core.settings import load_settings\nfrom generate.client import EngineClient\n"
        "from core.types import Message, Sampling\n"
        "client = EngineClient(load_settings(), shared=True)\nprint(client.running().pid, flush=True)\n"
        "for piece in client.generate([Message('user', 'Tell a long story.')], Sampling(max_tokens=3000)): pass\n"
    )
    settings = {"LECTERN_HOME": str(engine.home), "LECTERN_ENGINE_MINUTES": "10"}
    environment = {**os.environ, **settings, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, start_new_session=True) as starter:
        pid = int(starter.stdout.readline())
        client = program()
        assert client.running().pid == pid
        os.killpg(starter.pid, signal.SIGINT)
        starter.wait(SOON_S)
    assert "Paris" in written(client, CAPITAL)[0]
    assert client.running().pid == pid


def test_a_damaged_model_is_told_and_leaves_nothing_behind(program, engine, tmp_path):
    whole = engine.card.path.read_bytes()
    (tmp_path / "torn.gguf").write_bytes(whole[: len(whole) // 2])
    for _ in range(2):
        with pytest.raises(ModelDamaged, match="torn"):
            program(model=str(tmp_path / "torn.gguf")).load()
    until(lambda: not running_processes())


def test_only_its_user_can_open_it(program, tmp_path, monkeypatch):
    client = program()
    client.load()
    folder = runtime_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(not path.stat().st_mode & 0o077 for path in folder.iterdir())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "lectern").symlink_to(elsewhere)
    with monkeypatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "planted"))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        assert runtime_folder() != tmp_path / "planted" / "lectern"


def test_what_a_killed_engine_left_behind_is_no_engine(program):
    client = program()
    os.kill(client.running().pid, signal.SIGKILL)
    until(lambda: running_processes() == [])
    assert list(runtime_folder().glob("*.sock"))
    other = program()
    assert "Paris" in written(other, CAPITAL)[0]
    assert len(running_processes()) == 1


def test_where_no_socket_can_be_made_each_program_runs_its_own(program, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    first, second = program(), program()
    assert first.running().pid != second.running().pid
    assert "Paris" in written(first, CAPITAL)[0]
    pid = first.running().pid
    first.close()
    assert not alive(pid)


def test_a_program_that_talks_nonsense_harms_no_other(program):
    client = program()
    client.load()
    (path,) = runtime_folder().glob("*.sock")
    for said in (b"no JSON\n", b'{"op": "unknown"}\n', b'{"path": 1}\n[1, 2]\n', b"half a line"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(path))
            stranger.sendall(said)
    assert "Paris" in written(client, CAPITAL)[0]
    pieces = iter(client.generate(STORY, LONG))
    next(pieces)
    os.kill(client.running().pid, signal.SIGKILL)
    with pytest.raises(EngineStopped, match="memory"):  # whatever stood in its log before
        list(pieces)


def test_the_first_answer_finds_the_system_text_read_in_whichever_program(program):
    system = Message("system", "You answer questions about a lighthouse, from what its keeper wrote down. " * 4)
    first, second = program(), program()
    first.warm(system.content)
    time.sleep(2)
    _, usage = written(second, [system, *CAPITAL[1:]])
    assert 40 < usage.reused < usage.prompt
    second.forget()
    time.sleep(2)
    assert written(second, [system, *STORY[1:]])[1].reused == usage.reused, "it holds nothing that was deleted"
