"""Kills what writes at random moments and checks the library after each: what was lost, what is half there?

    python benchmarks/kill.py --kills 300 [--seconds 600] [--real]

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
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # processes are forked here, which threads of libraries would not survive

from kill_process import Ending, call, in_a_child, run
from kill_state import State, read_state, text_of
from kill_trial import InProcess, Trial, build, prepare, replace_files

import index.store.vectors  # noqa: F401 - once for all children
from index import read_ahead
from index.store import originals
from index.store.check import check
from index.store.library import Library
from index.store.upload_inbox import waiting

KINDS = ("ingest", "replace", "remove", "chat", "migrate", "bring back", "prune", "upload", "sync", "re-embed")


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
        found.broken += [str(problem) for problem in check(library)]
        state = read_state(library)
    found.checks.append(time.perf_counter() - started)
    passed = [number for number, (step, _) in enumerate(steps) if alike(trial, step, state)]
    if not passed:
        found.broken.append(f"{state} is none of the states between two steps")
    elif passed[-1] < least:
        found.lost.append(f"step {least} was said to be done, the library is at {passed[-1]}")
    elif passed[0] > most:
        found.broken.append(f"at step {passed[0]}, before {most} was said")
    return state


def alike(trial: Trial, one: State, other: State) -> bool:
    """Whether two states are the same; what an upload replaced is let go by the next job, not by one that goes on."""
    if trial.kind == "upload":
        one, other = (replace(state, replaced=frozenset()) for state in (one, other))
    return one == other


def examine_end(trial: Trial, state: State, found: Found) -> None:
    """After the work came to its end: originals, nothing that waits, and no byte of what is gone."""
    texts = {text for _, text in state.documents}
    with Library.open(trial.settings) as library:
        for record in library.documents():
            if any(source.startswith("upload:") for source in record.sources):
                files = [path.read_text() for path in originals.folder_of(library.uploads_dir, record.id).glob("*")]
                if files != [library.text(record.id)]:
                    found.lost.append(f"the original of {record.name}")
        found.broken += [f"{path.name} still waits" for path in waiting(library.incoming_dir)]
        files = b"".join(path.read_bytes() for path in library.folder.rglob("*") if path.is_file())
        for name in [f"{kind}{number}.txt" for kind in ("file", "own") for number in range(10)]:
            for text in (text_of(name), text_of(name, 2)):
                if text not in texts | state.replaced and text.split()[-1].encode() in files and text not in state.chat:
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
    if not alike(trial, state, steps[-1][0]):
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
    parser.add_argument("--seconds", type=float, default=float("inf"), help="no kill is begun after these")
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
            if time.perf_counter() - started > options.seconds:
                break
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


if __name__ == "__main__":
    sys.exit(main())
