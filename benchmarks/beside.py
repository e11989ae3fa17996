"""How fast the bundled model answers while a folder is being ingested, beside how fast it does on its own.

    python benchmarks/beside.py [--rounds 8] [--files 300 | --docs FOLDER]

Starts two real `lectern ingest` of a folder: one into the home of the answers, one into another home, which so does
not see that an answer is being written and gives way by its priority alone. They are stopped and continued (SIGSTOP,
SIGCONT), so that each round takes an answer alone, beside the first and beside the second. Everything happens in a
temporary folder; run it on an idle machine.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import NoDocuments
from core.settings import Settings
from core.types import Message, Sampling, Usage
from generate.client import EngineClient
from generate.perplexity import calibration_text
from index.store.library import Library

ROOT = Path(__file__).resolve().parent.parent
PROMPT_WORDS = 350
ANSWER_TOKENS = 80
"""As long as the program lets the bundled model write."""

FILE_WORDS = 6_000
"""Some 50 chunks: about a second of an ingest."""


class Ingest:
    """A running `lectern ingest` with its reader, held while it is not wanted."""

    def __init__(self, docs: Path, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "ingest", str(docs.absolute())],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "LECTERN_HOME": str(home)},
            start_new_session=True,
        )
        self._home = home

    @property
    def share(self) -> float:
        """How far it is, 0..1, as its job says."""
        with suppress(NoDocuments), Library.open(Settings(home=self._home)) as library:
            return max((job.progress.share for job in library.jobs.all()), default=0.0)
        return 0.0

    def get_going(self) -> None:
        """Wait until it embeds, and hold it there."""
        while not self.share:
            self._check()
            time.sleep(0.1)
        self._signal(signal.SIGSTOP)

    @contextmanager
    def running(self) -> Iterator[None]:
        """It runs meanwhile."""
        self._signal(signal.SIGCONT)
        yield
        self._check()
        self._signal(signal.SIGSTOP)

    def end(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _check(self) -> None:
        if self._process.poll() is not None:
            sys.exit("the ingest ended: it needs more files")

    def _signal(self, number: int) -> None:
        os.killpg(self._process.pid, number)


def make_files(folder: Path, count: int) -> None:
    """Text files that have no chunk in common."""
    words, chance = calibration_text().split(), random.Random(4)
    folder.mkdir()
    for number in range(count):
        lines = (" ".join(chance.choices(words, k=60)) for _ in range(FILE_WORDS // 60))
        (folder / f"{number:04}.txt").write_text(".\n\n".join(lines))


def answered(engine: EngineClient, messages: list[Message]) -> Usage:
    """The cost of an answer whose prompt is read cold."""
    engine.forget()
    writing = engine.generate(messages, Sampling(max_tokens=ANSWER_TOKENS, repeat_penalty=1.0), conversation="beside")
    "".join(writing)
    return writing.usage


def speed(usage: Usage) -> float:
    """Tokens a second, from the first one on."""
    return (usage.answer - 1) * 1000 / (usage.total_ms - usage.first_token_ms)


def measure(engine: EngineClient, ingests: dict[str, Ingest], rounds: int) -> dict[str, list[Usage]]:
    words = calibration_text().split()[:PROMPT_WORDS]
    messages = [
        Message("system", "You are helpful."),
        Message("user", " ".join(words) + "\nTell a long story about it."),
    ]
    answered(engine, messages)
    costs: dict[str, list[Usage]] = {"alone": [], **{name: [] for name in ingests}}
    chance = random.Random(5)
    for _ in range(rounds):
        costs["alone"].append(answered(engine, messages))
        for name, ingest in ingests.items():
            with ingest.running():
                time.sleep(chance.uniform(0.5, 1.5))  # the answer begins anywhere in its work
                costs[name].append(answered(engine, messages))
    return costs


def report(costs: dict[str, list[Usage]], ingests: dict[str, Ingest]) -> None:
    print("| an answer | written, tokens/s | share of alone | first token, ms | whole, ms |\n|---|---|---|---|---|")
    for name, usages in costs.items():
        shares = [speed(one) / speed(alone) for one, alone in zip(usages, costs["alone"], strict=True)]
        row = [statistics.median(map(speed, usages)), statistics.median(shares)]
        row += [statistics.median(u.first_token_ms for u in usages), statistics.median(u.total_ms for u in usages)]
        print("| {} | {:.1f} | {:.2f} | {:.0f} | {:.0f} |".format(name, *row))
    for name, ingest in ingests.items():
        print(f"{name}: {ingest.share:.0%} of it done at the end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--docs", type=Path, help="ingest this folder instead: PDFs keep the reader busy, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, other, docs = Path(folder) / "home", Path(folder) / "other", given.docs or Path(folder) / "docs"
        if not given.docs:
            make_files(docs, given.files)
        ingests: dict[str, Ingest] = {}
        with EngineClient(Settings(home=home)) as engine:
            try:
                for name, place in {"beside an ingest": home, "beside one that does not see it": other}.items():
                    ingests[name] = Ingest(docs, place)
                    ingests[name].get_going()
                report(measure(engine, ingests, given.rounds), ingests)
            finally:
                for ingest in ingests.values():
                    ingest.end()


if __name__ == "__main__":
    main()
