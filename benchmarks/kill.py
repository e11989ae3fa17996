"""Kills what writes at random moments and checks the library after each: what was lost, what is half there?

    python benchmarks/kill.py --kills 300 [--real]

Each kill (SIGKILL) meets a fresh copy of a small library: at a random time, before a random statement of SQL or change
to a file, or at a random seam between two transactions. What the process said was done must be there, all else whole
or not at all; half of the operations are killed again while they go on; then they come to their end. The embedder is
a quick one and files are read in the process itself, so that the moments are dense; ``--real`` takes the real
embedder, loaded before the work, and the real reader. Exit code 1 where something was lost or is half there.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # processes are forked here, which threads of libraries would not survive

import numpy as np
from numpy.typing import NDArray

import index.store.vectors  # noqa: F401 - once for all children
from core.protocols import Embedder
from core.settings import Settings
from core.types import Answer, AnswerSentence, Citation, Document, Timings, Usage
from index import read_ahead
from index.build import ingest
from index.embed import load_embedder
from index.store import uploads
from index.store.chats import ChatMessage, Chats
from index.store.database import Database
from index.store.incoming import Desk, waiting
from index.store.library import Library
from index.store.quotes import TAKEN_OUT
from index.store.schema import STEPS
from ingest.locate import locate
from ingest.read import read_file

KINDS = ("ingest", "replace", "remove", "chat", "migrate", "bring back", "prune", "upload")
FILES = 5
"""In the folder, and as many uploads."""

QUOTED = "own0.txt"
"""The upload of which the chat's only answer is made."""

MESSAGES = 9
"""That the chat comes to."""

LATER = (
    "DROP TABLE messages; DROP TABLE conversations;",
    "DROP TABLE tags; DROP TABLE dates; DROP TABLE chunk_pages;",
    "DROP TABLE former_vectors; DROP TABLE former; DROP INDEX sources_name;",
    "ALTER TABLE messages ADD COLUMN citations TEXT NOT NULL DEFAULT '[]';",
)
"""What undoes the steps of index/store/schema.py after the first."""

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
"""Names of Python's audit events, beside "open" for writing."""


class Letters:
    """An embedder that counts letters."""

    name = "letters"
    dimension = 26
    window = 256

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[1 + text.lower().count(chr(97 + letter)) for letter in range(26)] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector


class InProcess(read_ahead.ReaderPool):
    def read(self, path: Path, name: str | None = None, cancel: threading.Event | None = None) -> Document:  # noqa: ARG002
        return read_file(path, name)


@dataclass(frozen=True)
class State:
    """What a library holds: names with texts, replaced versions by their texts, and what its chat says."""

    documents: frozenset[tuple[str, str]]
    former: frozenset[str] = frozenset()
    chat: tuple[str, ...] = ()

    def put(self, name: str, text: str) -> "State":
        kept = {one for one in self.documents if one[0] != name}
        lost = {old for other, old in self.documents - kept if old != text}
        return replace(self, documents=frozenset(kept | {(name, text)}), former=(self.former | lost) - {text})

    def without(self, name: str, chat: tuple[str, ...] | None = None) -> "State":
        kept = frozenset(one for one in self.documents if one[0] != name)
        return replace(self, documents=kept, chat=self.chat if chat is None else chat)

    def pruned(self, name: str) -> "State":
        taken_out = {text for other, text in self.documents if other == name}
        return replace(self.without(name), former=self.former | taken_out)


@dataclass
class Trial:
    """One home on the disk and what is done to it."""

    kind: str
    home: Path
    real: bool

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, chunk_tokens=32)

    @property
    def docs(self) -> Path:
        return self.home.parent / "docs"

    def embedder(self) -> Embedder:
        if not self.real:
            return Letters()
        embedder = load_embedder(self.settings)
        embedder.warm_up()
        return embedder

    def files(self) -> list[tuple[str, str]]:
        return [(path.name, path.read_text()) for path in sorted(self.docs.iterdir())]

    # What is done, by the process that is killed; ``say`` tells that a step is committed.

    def work(self, embedder: Embedder, say: Callable[[], None]) -> None:
        with Library.open(self.settings, create=True) as library:
            if self.kind in ("ingest", "replace", "prune"):
                prune = self.kind == "prune"
                ingest([self.docs], library, embedder, self.settings, told=lambda _report: say(), prune=prune)
            elif self.kind == "remove":
                for name in self.doomed(library):
                    library.remove_ids([library.find(name)], quotes=True)
                    say()
            elif self.kind == "chat":
                for number in range(len(read_state(library).chat), MESSAGES):
                    Chats(library).append(chat_id(library), ChatMessage("user", f"{number}?", f"{number}?"))
                    say()
            elif self.kind == "bring back":
                for former in library.former():
                    library.bring_back(former.document_id)
                    say()
            elif self.kind == "upload":
                self.upload(library, embedder, say)

    def upload(self, library: Library, embedder: Embedder, say: Callable[[], None]) -> None:
        desk = Desk(library.incoming_dir)
        paths = desk.take_over()
        known = {text for _, text in read_state(library).documents} | {path.read_text() for path in paths}
        for name, text in new_uploads():
            if text not in known:
                paths.append(desk.keep(name, text.encode()))
                say()
        ingest(sorted(paths, key=lambda path: path.name), library, embedder, self.settings, told=lambda _report: say())
        desk.close()

    def doomed(self, library: Library) -> list[str]:
        names = [name for name, _ in sorted(read_state(library).documents)]
        return [name for name in names if name.endswith(("0.txt", "1.txt"))]

    # What may be there after it

    def steps(self, state: State) -> list[tuple[State, bool]]:
        """The states that the work passes, the present one first, each with whether the process says so."""
        found = [(state, True)]
        if self.kind in ("ingest", "replace", "prune", "upload"):
            state = replace(state, former=frozenset())
            found.append((state, False))
        if self.kind in ("ingest", "replace", "prune"):
            for name, text in self.files():
                state = state.put(name, text)
                found.append((state, True))
        if self.kind == "prune":
            for name in sorted(
                {name for name, _ in state.documents if name.startswith("file")} - set(dict(self.files()))
            ):
                state = state.pruned(name)
            found.append((state, False))
        if self.kind == "remove":
            for name, _ in sorted(state.documents):
                if name.endswith(("0.txt", "1.txt")):
                    state = state.without(name, (TAKEN_OUT,) if name == QUOTED else None)
                    found.append((state, True))
        if self.kind == "chat":
            for number in range(len(state.chat), MESSAGES):
                state = replace(state, chat=(*state.chat, f"{number}?"))
                found.append((state, True))
        if self.kind == "bring back":
            for name, text in sorted((name_of(text), text) for text in state.former):
                state = State(state.documents | {(f"{name[:-4]} (2).txt", text)}, state.former - {text}, state.chat)
                found.append((state, True))
        return found + (self.upload_steps(state) if self.kind == "upload" else [])

    def upload_steps(self, state: State) -> list[tuple[State, bool]]:
        found = []
        with Library.open(self.settings) as library:
            left = {path.read_text() for path in waiting(library.incoming_dir)}
        known = {text for _, text in state.documents}
        found += [(state, True) for _, text in new_uploads() if text not in left | known]
        for name, text in new_uploads():
            if text not in known or text in left:
                state = state.put(name, text)
                found.append((state, True))
        return found


# What is in it


def text_of(name: str, version: int = 1) -> str:
    """About four chunks with a word of their own; versions of a text resemble each other."""
    words = " ".join(f"{name[:-4]}word{number}" for number in range(100))
    return f"{name} holds {words} and zq{name[:-4]}v{version}q"


def name_of(text: str) -> str:
    return text.split()[0]


def new_uploads() -> list[tuple[str, str]]:
    """One that is a newer version, and two that are new."""
    return [("own0.txt", text_of("own0.txt", 2)), ("own8.txt", text_of("own8.txt")), ("own9.txt", text_of("own9.txt"))]


def chat_id(library: Library) -> str:
    return Chats(library).list()[0].id


def read_state(library: Library) -> State:
    documents = frozenset((record.name, library.text(record.id)) for record in library.documents())
    former = {one.name for one in library.former()}
    chats = Chats(library).list()
    chat = tuple(message.text for message in Chats(library).load(chats[0].id).messages) if chats else ()
    return State(documents, frozenset(text_of(name) for name in former), chat)


def answer_from(document: Document) -> Answer:
    text = document.text
    place = locate(document.pages, text, 0)
    quote = Citation(document.id, document.name, place, text, 0, len(text), 1.0)
    sentence = AnswerSentence(text, (quote,))
    return Answer("Where?", text, True, (sentence,), (quote,), (), (), Timings(), Usage(), "", "direct")


def prepare(trial: Trial, base: Path, chance: random.Random) -> None:
    """A copy of the base at the same place, and around it what the operation is about."""
    for name in ("home", "docs"):
        shutil.rmtree(trial.home.parent / name, ignore_errors=True)
        shutil.copytree(base / name, trial.home.parent / name)
    if trial.kind == "ingest":
        if chance.random() < 0.5:  # into a library that is there, or into none
            shutil.rmtree(trial.home)
        for number in range(FILES, FILES + 4):
            (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt"))
    elif trial.kind == "replace":
        replace_files(trial)
    elif trial.kind == "prune":
        for number in (1, 3):
            (trial.docs / f"file{number}.txt").unlink()
    elif trial.kind == "migrate":
        version = chance.randrange(1, len(STEPS))
        db = sqlite3.connect(trial.settings.libraries_dir / "default" / "library.sqlite")
        for undone in reversed(LATER[version - 1 :]):
            db.executescript(undone)
        db.execute(f"PRAGMA user_version = {version}")
        db.close()


def replace_files(trial: Trial) -> None:
    for number in range(3):
        (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt", 2))


def build(trial: Trial) -> None:
    """The library that all begin with."""
    trial.docs.mkdir()
    for number in range(FILES):
        (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt"))
    embedder = trial.embedder()
    with Library.open(trial.settings, create=True) as library:
        desk = Desk(library.incoming_dir)
        names = [f"own{number}.txt" for number in range(FILES)]
        paths = [desk.keep(name, text_of(name).encode()) for name in names]
        ingest([trial.docs, *paths], library, embedder, trial.settings)
        desk.close()
        answer = answer_from(library.document(QUOTED))
        Chats(library).create("Where?", ChatMessage("assistant", answer.text, answer.text, answer))


# How it is killed


@dataclass
class Ending:
    """How a process ended: what it said, whether it was killed, and how many moments and seams it came to."""

    said: int
    killed: bool
    moments: int
    seams: int
    failure: str
    seconds: float


def run(trial: Trial, *, moment: int = 0, seam: int = 0, after: float = 0.0) -> Ending:
    """The trial's work in a process of its own; killed at that moment or seam, or after some seconds, 0 for never."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        code = 1
        try:
            os.setsid()
            embedder = trial.embedder()
            count = count_moments(moment, seam)
            os.write(there, b"B")
            trial.work(embedder, lambda: os.write(there, b".") and None)
            os.write(there, "#{} {}".format(*count()).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - the child tells it and ends, whatever it is
            os.write(there, b"!" + traceback.format_exc().encode())
        finally:
            os._exit(code)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        pipe.read(1)
        started = time.perf_counter()
        if after:
            time.sleep(after)
            os.killpg(pid, signal.SIGKILL)
        said = pipe.read().decode()
    seconds = time.perf_counter() - started
    _, status = os.waitpid(pid, 0)
    steps, _, failure = said.partition("!")
    steps, _, counted = steps.partition("#")
    moments, seams = map(int, counted.split() or (0, 0))
    return Ending(len(steps), os.WIFSIGNALED(status), moments, seams, failure, seconds)


def count_moments(deadly: int, deadly_seam: int) -> Callable[[], tuple[int, int]]:
    """Counts statements of SQL and changes to files in this process; kills it before the ``deadly``-th.

    Seams are those of these moments that transactions do not cover: changes to files, and what follows a commit.
    """
    moments = seams = 0
    committed = False

    def tick(statement: str = "") -> None:
        nonlocal moments, seams, committed
        moments += 1
        seams += committed or not statement
        committed = statement == "COMMIT"
        if moments == deadly or seams == deadly_seam != 0:
            os.killpg(0, signal.SIGKILL)

    def audit(event: str, values: tuple[object, ...]) -> None:
        if event in CHANGES or (
            event == "open" and isinstance(values[2], int) and values[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            tick()

    connect = Database._connect

    def traced(database: Database) -> sqlite3.Connection:
        db = connect(database)
        db.set_trace_callback(tick)
        return db

    Database._connect = traced  # type: ignore[method-assign]
    sys.addaudithook(audit)
    return lambda: (moments, seams)


# What is found afterwards


@dataclass
class Found:
    """What the kills led to, over all."""

    kills: Counter[str]
    lost: list[str]
    broken: list[str]
    checks: list[float]


def examine(trial: Trial, ending: Ending, steps: Sequence[tuple[State, bool]], found: Found) -> State:
    """Hold the library against what was said; returns what it holds."""
    if ending.failure:
        found.broken.append(ending.failure)
    told = [number for number, (_, says) in enumerate(steps) if says]
    least = told[ending.said]
    most = told[ending.said + 1] if ending.said + 1 < len(told) else len(steps) - 1
    started = time.perf_counter()
    with Library.open(trial.settings, create=True) as library:
        found.broken += [str(problem) for problem in library.check()]
        state = read_state(library)
    found.checks.append(time.perf_counter() - started)
    passed = [number for number, (step, _) in enumerate(steps) if step == state]
    if not passed:
        found.broken.append(f"{state} is none of the states between two steps")
    elif passed[-1] < least:
        found.lost.append(f"step {least} was said to be done, the library is at {passed[-1]}")
    elif passed[0] > most:
        found.broken.append(f"at step {passed[0]}, before {most} was said")
    return state


def examine_end(trial: Trial, state: State, found: Found) -> None:
    """After the work came to its end: originals, nothing that waits, and no byte of what is gone."""
    texts = {text for _, text in state.documents}
    with Library.open(trial.settings) as library:
        for record in library.documents():
            if any(source.startswith("upload:") for source in record.sources):
                files = [path.read_text() for path in uploads.folder_of(library.uploads_dir, record.id).glob("*")]
                if files != [library.text(record.id)]:
                    found.lost.append(f"the original of {record.name}")
        found.broken += [f"{path.name} still waits" for path in waiting(library.incoming_dir)]
        files = b"".join(path.read_bytes() for path in library.folder.rglob("*") if path.is_file())
        for name in [f"{kind}{number}.txt" for kind in ("file", "own") for number in range(10)]:
            for text in (text_of(name), text_of(name, 2)):
                if text not in texts | state.former and text.split()[-1].encode() in files and text not in state.chat:
                    found.broken.append(f"{name} is gone and its words are on the disk")


def put_to_trial(trial: Trial, base: Path, chance: random.Random, measured: dict[str, Ending], found: Found) -> None:
    """Kill one operation at least once, and let it come to its end."""
    prepare(trial, base, chance)
    again = True
    while True:
        state = present(trial)
        steps = trial.steps(state)
        ending = run(trial, **deadly(measured[trial.kind], chance) if again else {})
        found.kills[trial.kind] += ending.killed
        state = examine(trial, ending, steps, found)
        if not ending.killed:
            break
        again = chance.random() < 0.5
    if state != steps[-1][0]:
        found.broken.append(f"{state} at the end of {trial.kind}")
    examine_end(trial, state, found)


def deadly(whole: Ending, chance: random.Random) -> Mapping[str, int | float]:
    """When to kill an operation that takes as long as that ``whole`` one."""
    choices: tuple[Mapping[str, int | float], ...] = (
        {"moment": chance.randrange(1, whole.moments + 1)},
        {"seam": chance.randrange(1, whole.seams + 1)},
        {"after": chance.uniform(0.001, whole.seconds)},
    )
    return chance.choice(choices)


def present(trial: Trial) -> State:
    """What the library holds, without opening what is to be migrated first."""
    file = trial.settings.libraries_dir / "default" / "library.sqlite"
    if not file.exists():
        return State(frozenset())
    if trial.kind != "migrate":
        with Library.open(trial.settings) as library:
            return read_state(library)
    with sqlite3.connect(file) as db:
        documents = frozenset(db.execute("SELECT name, text FROM documents").fetchall())
        chat = ()
        if db.execute("PRAGMA user_version").fetchone()[0] > 1:
            chat = tuple(row[0] for row in db.execute("SELECT text FROM messages ORDER BY id"))
    db.close()
    return State(documents, chat=chat)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--real", action="store_true", help="the real embedder and the real reader")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    if not options.real:
        read_ahead.ReaderPool = InProcess  # type: ignore[misc]
    work = Path(tempfile.mkdtemp(prefix="lectern-kill-"))
    found = Found(Counter(), [], [], [])
    started = time.perf_counter()
    try:
        bases = make_bases(work, real=options.real)
        trials = [Trial(kind, work / "trial" / "home", options.real) for kind in KINDS]
        measured, rounds = {}, 0
        for trial in trials:
            prepare(trial, bases[trial.kind], random.Random(0))
            measured[trial.kind] = run(trial)
        while found.kills.total() < options.kills and not (found.lost or found.broken):
            trial = trials[rounds % len(trials)]
            rounds += 1
            put_to_trial(trial, bases[trial.kind], chance, measured, found)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for kind in KINDS:
        whole = measured[kind]
        print(f"{found.kills[kind]:5} {kind} ({whole.moments} moments, {whole.seams} seams, {whole.seconds:.2f} s)")
    for problem in (*found.lost, *found.broken):
        print(problem)
    print(
        f"{found.kills.total()} kills: lost {len(found.lost)}, half there {len(found.broken)};"
        f" a check took {statistics.median(found.checks):.3f} s (median), all {time.perf_counter() - started:.0f} s"
    )
    return int(bool(found.lost or found.broken))


def make_bases(work: Path, *, real: bool) -> dict[str, Path]:
    """For each kind a folder with "home" and "docs" that were made where the trials are."""
    trial = Trial("replace", work / "trial" / "home", real)
    trial.home.parent.mkdir()
    start = in_a_child if real else call  # the real embedder starts threads: the process that forks has none
    start(lambda: build(trial))
    shutil.copytree(trial.home.parent, work / "base")
    replace_files(trial)
    start(lambda: trial.work(trial.embedder(), lambda: None))
    shutil.copytree(trial.home.parent, work / "replaced")
    return {kind: work / ("replaced" if kind == "bring back" else "base") for kind in KINDS}


def call(work: Callable[[], None]) -> None:
    """All that is imported for it is there for the children, too."""
    work()


def in_a_child(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the child tells it and ends, whatever it is
            traceback.print_exc()
        finally:
            os._exit(code)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("the library could not be made")


if __name__ == "__main__":
    sys.exit(main())
