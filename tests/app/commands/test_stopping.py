"""Signals to real processes, at moments from the first import on: a quick end, one line, no child left."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.app.programs import Program

STOPPED = "lectern: stopped.\n"


@pytest.fixture(scope="module")
def filled(home_with):
    return home_with("The Marigold was built in 1974. Her tank holds 180 litres.")


@pytest.fixture(autouse=True)
def here(filled, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(filled))


@pytest.fixture
def alone(monkeypatch):
    """A program loads its models itself rather than ask a process that it shares with others."""
    monkeypatch.setenv("LECTERN_ENGINE_MINUTES", "0")


@pytest.mark.parametrize("moment", [0.0, 0.15, 0.4, 0.8])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_it_starts_ends_it_with_one_line(moment, number):
    program = Program("ask", "When was the Marigold built?")
    program.wait_for(program.runs_our_code)
    time.sleep(moment)
    assert program.ended(number) == (128 + number, "", STOPPED)


@pytest.mark.parametrize("command", ["ask", "chat", "spans", "summarise", "ingest"])
def test_ctrl_c_while_a_model_is_loaded_ends_it_with_one_line(tmp_path, alone, command):
    file = tmp_path / "tide.txt"
    file.write_text("The tide turns at noon. The ferry leaves an hour later. Nobody goes on to the reef alone.")
    question = "When does the tide turn?"
    arguments = {"ask": [question], "chat": [], "spans": [question, str(file)]}.get(command, [str(file)])
    program = Program(command, *arguments, stdin=subprocess.PIPE)
    program.stdin.write(question + "\n")
    program.stdin.flush()
    program.wait_for(lambda: program.loads("libtorch_cpu.so"))
    code, out, err = program.ended(signal.SIGINT)
    assert (code, out) == (130, "")
    assert err.endswith(STOPPED)
    # A chat says how to get help, and that a better model could answer.
    assert len(err.splitlines()) == (3 if command == "chat" else 1)


def test_ctrl_c_in_a_terminal_leaves_one_line_and_the_cursor(alone):
    ours, theirs = os.openpty()
    program = Program("ask", "When was the Marigold built?", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    program.wait_for(lambda: program.loads("libtorch_cpu.so"))
    assert program.ended(signal.SIGINT)[0] == 130
    shown = b""
    with suppress(OSError):  # EIO: all that had it open are gone
        while more := os.read(ours, 1 << 16):
            shown += more
    os.close(ours)
    assert b"\x1b[?25l" in shown  # the waiting was shown: the cursor was hidden
    assert shown.endswith(b"\r\x1b[2K\x1b[?25hlectern: stopped.\r\n")


def test_ctrl_c_while_sqlite_waits_for_another_process(filled):
    holder = sqlite3.connect(filled / "libraries" / "default" / "library.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        program = Program("docs", "remove", "harbour.md")
        program.wait_for(lambda: program.has_open(filled / "libraries" / "default" / "library.sqlite"))
        time.sleep(0.2)  # it waits up to 30 s from about here
        assert program.ended(signal.SIGINT) == (130, "", STOPPED)
    finally:
        holder.close()


def test_nohup_keeps_it_running_when_the_terminal_closes(alone):
    ignores = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    program = Program("ask", "When was the Marigold built?", **ignores)
    program.wait_for(program.runs_our_code)
    program.send_signal(signal.SIGHUP)
    program.wait_for(lambda: program.loads("libtorch_cpu.so"))
    assert program.ended(signal.SIGINT) == (130, "", STOPPED)


def test_the_second_ctrl_c_ends_it_with_its_children():
    """As an answer that cannot be cancelled: the block is not left, and the model's process does not listen."""
    code = """
import subprocess, sys, threading, time
from app import stopping
stopping.watch()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "generate.worker"])
cancel = threading.Event()
with stopping.softly(lambda: cancel.set() or True):
    print("begun", flush=True)
    cancel.wait()
    print("cancelled", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout.readline() == b"begun\n"
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == b"cancelled\n"
        program.send_signal(signal.SIGINT)  # at once: the same press, passed on by another program
        time.sleep(0.5)
        assert program.poll() is None
        program.send_signal(signal.SIGINT)
        # No end of its output is read before the child, which has it too, is gone.
        _, err = program.communicate(timeout=5)
    assert (program.returncode, err.decode()) == (130, STOPPED)


@pytest.mark.parametrize("listens", [False, True])
def test_ctrl_c_ends_the_page_while_the_models_are_loaded(listens):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Program("serve", "--no-browser", "--port", str(port))
    assert program.stdout.readline() == "The page is starting ...\n"
    if listens:  # the address is said once it answers, so that who follows it sees the page
        assert f"Lectern is at http://127.0.0.1:{port} " in program.stdout.readline()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == 0
    assert program.ended(signal.SIGINT) == (130, "", STOPPED)


FULL = "lectern: the results cannot be written: No space left on device. Make room, or send them elsewhere.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("list >/dev/full", 1, FULL),
        ("list >&-", 0, ""),
        ("list <&- >&- 2>&-", 0, ""),
        ("list | true; exit ${PIPESTATUS[0]}", 0, ""),
        ("show harbour.md --text | true; exit ${PIPESTATUS[0]}", 0, ""),
        ("list --library none 2>&-", 1, ""),
        ("list --library none 2>/dev/full", 1, ""),
        ("list --library none 2>&1 | true; exit ${PIPESTATUS[0]}", 1, ""),
    ],
)
def test_a_stream_that_is_full_or_closed(arguments, code, said):
    command = f"{sys.executable} -m app.cli docs {arguments}"
    done = subprocess.run(["bash", "-c", command], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_chat_whose_input_is_closed_or_no_text_ends_as_at_its_end():
    command = f"{sys.executable} -m app.cli chat --no-llm"
    for streams in ("<&-", "<<< $'\\xff\\n/quit'"):
        done = subprocess.run(["bash", "-c", f"{command} {streams}"], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, "")
        assert "Traceback" not in done.stderr
