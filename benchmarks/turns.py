"""How many turns of conversations are told that are no search, and how many questions are taken for one.

    python benchmarks/turns.py DIALOGUES [--embedder bundled]

DIALOGUES has dialogues.jsonl: turns with "user", "kind" and "standalone", which is null where it is no search.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.query.turn_kinds import turn_kind
from core.settings import Settings
from index.embed import load_embedder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dialogues", type=Path)
    parser.add_argument("--embedder", default="auto")
    options = parser.parse_args()
    dialogues = map(json.loads, (options.dialogues / "dialogues.jsonl").read_text("utf-8").splitlines())
    turns = [turn for dialogue in dialogues for turn in dialogue["turns"][1:]]
    with tempfile.TemporaryDirectory() as home:
        embedder = load_embedder(Settings(home=Path(home), embedder=options.embedder))
        told = [turn_kind(turn["user"], embedder) for turn in turns]
    others = [kind == turn["kind"] for turn, kind in zip(turns, told, strict=True) if turn["standalone"] is None]
    lost = [kind != "search" for turn, kind in zip(turns, told, strict=True) if turn["standalone"] is not None]
    table = Table("embedder", "no search: told", "questions: taken for another turn")
    table.add_row(embedder.name, f"{sum(others)} of {len(others)}", f"{sum(lost)} of {len(lost)}")
    Console().print(table)


if __name__ == "__main__":
    main()
