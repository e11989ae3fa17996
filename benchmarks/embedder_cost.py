"""What an embedder costs beside another: chunks a second, time to the first vector of a new process, memory.

    python benchmarks/embedder_cost.py DIR [--embedders bundled multilingual] [--chunks 32] [--rounds 3]

DIR is a set in BEIR's layout (../shared/data/squad2-dev). All embed the same text, each in chunks of its own tokens, in
turn in every round; the median round counts. Memory and start are those of a process of its own that embeds one
question and then the chunks: resident in all, and what of it is no mapped file.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.settings import Settings, load_settings
from index.embed import load_embedder
from index.embedders.local import LocalEmbedder

PROGRAM = """
import json, sys, time
begun = time.perf_counter()
from core.settings import load_settings
from index.embed import load_embedder
embedder = load_embedder(load_settings(embedder=sys.argv[1]))
embedder.embed_question("Which pump was serviced?")
seconds = time.perf_counter() - begun
embedder.embed_passages(json.load(sys.stdin))
known = dict(line.split(":") for line in open("/proc/self/status") if line.startswith(("VmRSS", "RssAnon")))
print(json.dumps([seconds, *(int(known[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))]))
"""


@dataclass
class Cost:
    """One embedder: its chunks, and the seconds that each round took."""

    embedder: LocalEmbedder
    chunks: list[str]
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def cut(embedder: LocalEmbedder, text: str, tokens: int, limit: int) -> list[str]:
    """The first ``limit`` stretches of ``tokens`` tokens of ``text``."""
    offsets = embedder.token_offsets(text)
    starts = range(0, len(offsets) - tokens, tokens)[:limit]
    return [text[offsets[first][0] : offsets[first + tokens - 1][1]] for first in starts]


def prepare(name: str, settings: Settings, text: str, limit: int) -> Cost:
    embedder = load_embedder(settings.model_copy(update={"embedder": name}))
    if not isinstance(embedder, LocalEmbedder):
        raise SystemExit(f"'{name}' runs elsewhere")
    cost = Cost(embedder, cut(embedder, text, settings.chunk_tokens, limit))
    embedder.embed_passages(cost.chunks[:2])
    return cost


def measure_start(name: str, chunks: Sequence[str]) -> list[float]:
    """Seconds to the first vector, resident MiB, and MiB of it that are no mapped file."""
    command = [sys.executable, "-c", PROGRAM, name]
    done = subprocess.run(command, input=json.dumps(chunks), capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedders", nargs="+", default=["bundled", "multilingual"])
    parser.add_argument("--chunks", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    settings = load_settings()
    lines = (given.folder / "corpus.jsonl").read_text("utf-8").splitlines()
    text = " ".join(json.loads(line)["text"] for line in lines[:: max(1, len(lines) // 200)])
    costs = {name: prepare(name, settings, text, given.chunks) for name in given.embedders}
    for _ in range(given.rounds):
        for cost in costs.values():
            begun = time.perf_counter()
            cost.embedder.embed_passages(cost.chunks)
            cost.seconds.append(time.perf_counter() - begun)
    columns = ("embedder", "chunks/s", "characters/s", "first vector, s", "resident, MiB", "not mapped, MiB")
    table = Table(*columns, title=f"{settings.chunk_tokens} tokens")
    for name, cost in costs.items():
        characters = sum(map(len, cost.chunks))
        seconds, resident, anonymous = measure_start(name, cost.chunks)
        speeds = (f"{len(cost.chunks) / cost.median:.1f}", f"{characters / cost.median:,.0f}")
        table.add_row(cost.embedder.name, *speeds, f"{seconds:.1f}", f"{resident:.0f}", f"{anonymous:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
