"""Kills an ingest at random moments and checks the library after each: what was lost, what is half there?

    python benchmarks/kill.py --kills 200 PATH...

Uses the real embedder and a home of its own that is deleted at the end. Exit code 0 where nothing was lost.
"""

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.settings import Settings
from index.library import Library

INGEST = """
import sys
from pathlib import Path
from core.settings import load_settings
from index.build import ingest
from index.embed import load_embedder
from index.library import Library
settings = load_settings()
embedder = load_embedder(settings)
embedder.warm_up()
with Library.open(settings, create=True) as library:
    print("ready", flush=True)
    ingest([Path(path) for path in sys.argv[1:]], library, embedder, settings)
"""


def start(home: Path, paths: list[Path]) -> subprocess.Popen[str]:
    """An ingest in a process group of its own, past its start-up, so that every kill falls into its work."""
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, *map(str, paths)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "LECTERN_HOME": str(home)},
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise SystemExit("the ingest did not start")
    return process


def state(settings: Settings) -> tuple[dict[str, tuple[int, int]], int, list[str]]:
    """Documents by id with their chunks and characters, how many vectors there are, and what is wrong."""
    with Library.open(settings) as library:
        problems = [str(problem) for problem in library.check()]
        documents = {record.id: (record.chunks, record.characters) for record in library.documents()}
        return documents, library.counts().vectors, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds of work before a kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    paths = [path.absolute() for path in options.paths]
    chance = random.Random(options.seed)
    home = Path(tempfile.mkdtemp(prefix="lectern-kill-"))
    settings = Settings(home=home)
    lost = broken = finished = rounds = 0
    before: dict[str, tuple[int, int]] = {}
    vectors_before = 0
    checks = []
    try:
        for number in range(1, options.kills + 1):
            process = start(home, paths)
            time.sleep(chance.uniform(0.0, options.longest))
            done = process.poll() is not None
            if not done:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            started = time.perf_counter()
            now, vectors, problems = state(settings)
            checks.append(time.perf_counter() - started)
            lost += len(before.items() - now.items()) + (vectors < vectors_before)
            broken += len(problems)
            before, vectors_before = now, vectors
            print(f"{number:4} {'done  ' if done else 'killed'} {len(now):4} documents {vectors:6} vectors  {problems}")
            if done:  # begin again, so that every moment of an ingest is met
                finished += 1
                shutil.rmtree(settings.libraries_dir)
                before, vectors_before = {}, 0
            rounds += 1
        start(home, paths).wait()
        final, _, problems = state(settings)
        names = len(final)
        broken += len(problems)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(
        f"{rounds} kills or ends ({finished} came to the end first): lost {lost}, problems {broken};"
        f" {names} documents at the end; a check took {statistics.median(checks):.2f} s (median)"
    )
    return int(bool(lost or broken))


if __name__ == "__main__":
    sys.exit(main())
