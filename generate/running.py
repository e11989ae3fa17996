"""The processes that programs of this user share: where they are found, started, listed and ended.

Such a process, an engine or what reads for the evidence, listens on a Unix socket in a folder that only its user can
open. Its name is made from all on which its answers depend: model files, window, threads, program. Who needs one first
starts it, under a lock, and hands it the socket that listens already: whoever connects from then on waits in line until
its models are loaded.
"""

import hashlib
import json
import os
import platform
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from core.files import private_file, private_folder, write_atomically
from generate.links import SharedLink, start_python
from generate.threads import WAITING

try:
    import fcntl
except ImportError:  # Windows: each program runs its own child there
    fcntl = None  # type: ignore[assignment]

LONGEST_PATH = 100
"""Bytes that the path of a Unix socket may have: 107 on Linux, 103 on macOS."""

ROOT = Path(__file__).resolve().parent.parent

BACKLOG = 64
"""Programs that may wait to be let in while a process starts."""

ANSWER_S = 2.0
"""Seconds to wait for a process's answer about itself."""

_started: list["subprocess.Popen[bytes]"] = []
"""Processes that this program started: kept, so that the system can let go of one that ended."""


@dataclass(frozen=True, slots=True)
class SharedProgram:
    """What a shared process runs: a module that calls `generate.sharing.serve`, the folders that its code is in, and
    environment variables for it, where the environment does not set them itself."""

    module: str
    folders: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)


ENGINE = SharedProgram("generate.shared", ("core", "generate"), WAITING)


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A shared process that runs: its number, its models' name and window in tokens, the programs connected, and
    seconds since its last work (0.0 while it works or loads)."""

    pid: int
    model: str
    window: int
    clients: int
    idle_s: float


def connect_shared(first: dict[str, Any], program: SharedProgram = ENGINE, dead: int = 0) -> SharedLink | None:
    """A connection to the process of ``program`` with the models that ``first`` tells, started where none runs.

    ``first`` is the line that the process is told first; of its fields, "path" is the model's file or folder, "weights"
    further files, "window" in tokens, and "label" what people call it, the file's name without one. ``dead`` is the
    number of a process that was seen to end: the system may be about to close its socket still. None where this system
    has no such sockets, or no folder for one. Raises OSError where it cannot be started.
    """
    folder = runtime_folder()
    if folder is None:
        return None
    name = process_name(first, program)
    if link := _connect(folder, name, dead):
        return link
    with locked(folder):
        meanwhile = _connect(folder, name, dead)
        return _start(folder, name, first, program) if meanwhile is None else meanwhile


def running_processes() -> list[RunningProcess]:
    """The shared processes of this user that run now."""
    found = []
    for about, reply in _ask_all("status"):
        status = reply.get("result", {})
        found.append(
            RunningProcess(
                about["pid"],
                about.get("model", "another version's model"),
                about["window"],
                status.get("clients", 0),
                status.get("idle_s", 0.0),
            )
        )
    return found


def stop_shared() -> int:
    """End every shared process of this user at once, also while it answers; returns how many there were."""
    return len(list(_ask_all("end")))


def forget_everywhere() -> None:
    """Let every shared process of this user drop what it has cached: a document or conversation was deleted."""
    list(_ask_all("forget"))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within it no other program starts a process or takes one away; the lock goes with the program."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def socket_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.sock"


def about_file(folder: Path, name: str) -> Path:
    """What is known of a process without asking it: its number, models and window."""
    return folder / f"{name}.json"


def log_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def process_name(first: dict[str, Any], program: SharedProgram = ENGINE) -> str:
    """A name for the process of ``program`` that is told ``first``, on this machine. Raises OSError."""
    fields = {key: value for key, value in first.items() if key != "idle_s"}
    files = [_file_states(Path(path)) for path in (first["path"], *first.get("weights", ()))]
    known = [program.module, fields, files, platform.node(), sys.executable, _program_version(program.folders)]
    return hashlib.blake2b(json.dumps(known, sort_keys=True).encode(), digest_size=8).hexdigest()


def _file_states(path: Path) -> list[tuple[str, int, int]]:
    """Path, size and time of a model's file, or of all files in its folder."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    states = [(str(file), file.stat()) for file in files]
    return [(name, state.st_size, state.st_mtime_ns) for name, state in states]


@cache
def _program_version(folders: tuple[str, ...]) -> list[tuple[str, int]]:
    """What tells one state of a program from another, so that an update never meets the old one's process."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return [(str(file), file.stat().st_mtime_ns) for file in sorted(files)]


def runtime_folder() -> Path | None:
    """The folder of the sockets, made where it does not exist: this user's own, and closed to all others.

    None where there is no such folder whose path is short enough, or no such socket on this system.
    """
    if not hasattr(socket, "AF_UNIX"):
        return None
    session = os.environ.get("XDG_RUNTIME_DIR")
    folders = [Path(session) / "lectern"] if session else []
    folders.append(Path(platformdirs.user_cache_dir("lectern")) / "run")
    folders.append(Path(tempfile.gettempdir()) / f"lectern-{os.getuid()}")
    for folder in folders:
        if len(os.fsencode(socket_file(folder, "x" * 16))) <= LONGEST_PATH and _is_private(folder):
            return folder
    return None


def _is_private(folder: Path) -> bool:
    """Whether the folder is there, or could be made, and is this user's alone."""
    try:
        private_folder(folder)
        known = folder.lstat()
    except OSError:
        return False
    ours = stat.S_ISDIR(known.st_mode) and known.st_uid == os.getuid() and not known.st_mode & 0o077
    return ours and os.access(folder, os.W_OK)


def _connect(folder: Path, name: str, dead: int = 0) -> SharedLink | None:
    """A connection to the process of that name; None where it does not run, or is number ``dead``."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(socket_file(folder, name)))
        about = json.loads(about_file(folder, name).read_bytes())
        if about["pid"] != dead:
            return SharedLink(connection, about["pid"], log_file(folder, name).open("rb"))
    except (OSError, ValueError):  # none, one that is just ending, or what a killed one left behind
        pass
    connection.close()
    return None


def _start(folder: Path, name: str, first: dict[str, Any], program: SharedProgram) -> SharedLink:
    """Start the process and connect to it; the lock is held. Raises OSError."""
    path, log = socket_file(folder, name), log_file(folder, name)
    path.unlink(missing_ok=True)
    log.unlink(missing_ok=True)  # programs that were connected to the last process have it open still
    private_file(log)
    with socket.socket(socket.AF_UNIX) as listener, log.open("ab") as words:
        listener.bind(str(path))
        path.chmod(0o600)
        process = start_python(
            ("-m", program.module, str(folder), name),
            stdin=listener.fileno(),
            stdout=words,
            stderr=words,
            cwd="/",
            environment=program.environment,
        )
        model = first.get("label") or Path(first["path"]).stem
        about = {"pid": process.pid, "model": model, "window": first["window"]}
        write_atomically(about_file(folder, name), json.dumps(about).encode())
        listener.listen(BACKLOG)  # last: who can connect finds the rest
    _started[:] = [other for other in _started if other.poll() is None] + [process]
    link = _connect(folder, name)
    if link is None:
        raise OSError("its socket cannot be reached")
    return link


def _ask_all(op: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What is known of each process that runs, and its reply to ``op``, {} where none came in time."""
    folder = runtime_folder()
    for path in sorted(folder.glob("*.sock")) if folder else ():
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError, ValueError):
            connection.settimeout(ANSWER_S)
            connection.connect(str(path))
            about = json.loads(about_file(path.parent, path.stem).read_bytes())
            connection.sendall(json.dumps({"id": 0, "op": op}).encode() + b"\n")
            reply: dict[str, Any] = {}
            with suppress(OSError, ValueError), connection.makefile("rb") as lines:
                reply = json.loads(lines.readline() or b"{}")
            yield about, reply
