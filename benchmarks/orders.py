"""What the rules for orders to a model find, and what they flag where nobody gives any.

    python benchmarks/orders.py ATTACKS [FOLDER ...]

ATTACKS holds text_attack_train.json, as of BIPIA (Yi et al. 2023). The first FIRST_READ attacks and those with an even
number were read when the rules were written, the others were not. Each FOLDER holds corpus.jsonl (passages as they
stand there) or docs/ (files, in chunks as in a library); their passages give no orders.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.settings import load_settings
from index.embed import load_embedder
from ingest.chunk import chunk
from ingest.orders import find_orders, gives_orders
from ingest.read import read_file

TASKS = (
    "Information Retrieval",
    "Content Creation",
    "Learning and Tutoring",
    "Language Translation",
    "Programming Help",
)
"""Attacks that ask for something else ("What is the capital of Brazil?") and do not speak of an answer."""


FIRST_READ = 45
"""Attacks at the file's beginning that were read together."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", type=Path)
    parser.add_argument("folders", type=Path, nargs="*")
    options = parser.parse_args()
    console = Console()
    console.print(found(options.attacks))
    flagged = Table("set", "passages", "flagged", "ms a passage", title="Flagged where nobody gives orders")
    for folder in options.folders:
        texts = list(passages(folder))
        started = time.perf_counter()
        wrong = [(text, span) for text in texts if (spans := find_orders(text)) for span in spans[:1]]
        each = (time.perf_counter() - started) * 1000 / len(texts)
        flagged.add_row(folder.name, str(len(texts)), f"{len(wrong)} = {len(wrong) / len(texts):.2%}", f"{each:.2f}")
        for text, (start, end) in wrong:
            console.print(f"{folder.name}: {text[start:end]}", style="dim", markup=False)
    console.print(flagged)


def found(folder: Path) -> Table:
    attacks = json.loads((folder / "text_attack_train.json").read_text(encoding="utf-8"))
    listed = [(category in TASKS, text) for category, texts in attacks.items() for text in texts]
    read = [number < FIRST_READ or number % 2 == 0 for number in range(len(listed))]
    table = Table("attacks", "read", "not read", title="Attacks that the rules find")
    for name, other in (("on the answer", False), ("other questions and tasks", True)):
        parts = [
            [
                gives_orders(text)
                for (is_task, text), was in zip(listed, read, strict=True)
                if (is_task, was) == (other, part)
            ]
            for part in (True, False)
        ]
        table.add_row(name, *(f"{sum(part)} of {len(part)}" for part in parts))
    return table


def passages(folder: Path) -> Iterator[str]:
    corpus = folder / "corpus.jsonl"
    if corpus.exists():
        yield from (json.loads(line)["text"] for line in corpus.open(encoding="utf-8"))
        return
    settings = load_settings()
    embedder = load_embedder(settings)
    for path in sorted((folder / "docs").iterdir()):
        yield from (part.text for part in chunk(read_file(path), embedder, settings.chunk_tokens))


if __name__ == "__main__":
    main()
