#!/usr/bin/env python3
"""What each file of `app/answer/rules/` wins and loses, and how many hand-written rules there are.

    python benchmarks/rules.py count [--files] [FOLDER]
    python benchmarks/rules.py measure SET... --score SCORER --out FILE [--model standard] [--questions 100] [--each]
    python benchmarks/rules.py table FILE [--half odd] [--against OTHER]

``count`` counts regular expressions, entries of word lists and thresholds; see `benchmarks.rule_count`.

``measure`` asks questions of each set, drawn by hash, once with all rules, once without those of each file and once
without any; with ``--each`` also without each single rule. A question is searched for once. Without ``--model`` no chat
model answers, which is what a model that only phrases does unless it is chosen; outputs of a model are kept by their
prompt, so that only prompts that a rule changes cost its time. SCORER is a Python file with a scorer of such sets
(docs/evaluation.md). Rows are written as they come: the same command goes on from there.

``table`` prints of each variant how much more it has than all rules together, with 95 % intervals, * where they hold no
0; a variant that changes nothing in a set is left out. Half "even" are the
questions of documents whose name's MD5 is even, for choosing; "odd" is for reporting. ``--against`` compares all rules
of two files instead: before and after a change.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.rule_count import print_count
from benchmarks.rule_scores import ALL, METRICS, load_scorer, set_rows
from evaluate.chance import compare, means


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    count = commands.add_parser("count")
    count.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent.parent)
    count.add_argument("--files", action="store_true", help="a line for each file")
    asked = commands.add_parser("measure")
    asked.add_argument("sets", type=Path, nargs="+")
    asked.add_argument("--score", type=Path, required=True)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--questions", type=int, default=100, help="of each set (default: %(default)s)")
    asked.add_argument("--model", default="", help="the chat model that answers (default: none)")
    asked.add_argument("--each", action="store_true", help="switch each rule off by itself, too")
    shown = commands.add_parser("table")
    shown.add_argument("file", type=Path)
    shown.add_argument("--half", choices=("even", "odd", "both"), default="odd")
    shown.add_argument("--against", type=Path)
    given = parser.parse_args()
    if given.command == "count":
        print_count(given.folder, by_file=given.files)
    elif given.command == "measure":
        measure(given.sets, load_scorer(given.score), given.out, given.questions, given.model, each=given.each)
    else:
        show(given.file, given.half, given.against)


def measure(sets: list[Path], scorer: ModuleType, out: Path, questions: int, model: str, *, each: bool) -> None:
    from benchmarks.rule_variants import Asker, variants

    done = {(row["set"], row["id"]) for row in read(out)} if out.exists() else set()
    books = variants(each=each)
    for folder in sets:
        left = [row for row in set_rows(folder, questions) if (folder.name, row.id) not in done]
        if not left:
            continue
        with Asker(folder, model, questions) as asker, out.open("a", encoding="utf-8") as lines:
            for number, row in enumerate(left, 1):
                found = asker.answers(row, books)
                values = {name: scored.values(scorer, row, folder) for name, scored in found.items()}
                texts = {name: scored.text for name, scored in found.items() if scored.text != found[ALL].text}
                kept = {"set": folder.name, "id": row.id, "group": row.group, "half": half_of(row.group)}
                kept |= {"question": row.text, "answer": found[ALL].text, "values": values, "other": texts}
                lines.write(json.dumps(kept, ensure_ascii=False) + "\n")
                lines.flush()
                print(f"{folder.name}: {number} of {len(left)}", end="\r", file=sys.stderr)


def half_of(group: str) -> str:
    """ "even" or "odd", by the MD5 of what the question is about."""
    return ("even", "odd")[int(hashlib.md5(group.encode(), usedforsecurity=False).hexdigest(), 16) % 2]


def show(file: Path, half: str, against: Path | None) -> None:
    rows = [row for row in read(file) if half in (row["half"], "both")]
    other = {(row["set"], row["id"]): row for row in read(against)} if against else {}
    if against:
        rows = [row for row in rows if (row["set"], row["id"]) in other]
    names = ["after"] if against else [name for name in rows[0]["values"] if name != ALL]
    table = Table(title=f"{len(rows)} questions, half {half}", box=None)
    for column in ("set", "variant", *METRICS):
        table.add_column(column, no_wrap=True)
    for name in (*dict.fromkeys(row["set"] for row in rows), "all sets"):
        chosen = [row for row in rows if name in (row["set"], "all sets")]
        before = values_of(chosen, ALL)
        table.add_row(name, f"{ALL} (n = {len(chosen)})", *(f"{value:.3f}" for value in means(before)))
        groups = [f"{row['set']}/{row['group']}" for row in chosen]
        for variant in names:
            now = [other[row["set"], row["id"]] for row in chosen] if against else chosen
            after = values_of(now, ALL if against else variant)
            if np.array_equal(before, after, equal_nan=True):
                continue  # nothing that it says changes an answer
            found = compare(before, after, groups, METRICS)
            table.add_row("", variant, *(change(one.change, one.low, one.high) for one in found))
    Console(width=260).print(table)


def change(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "-"
    return "=" if low == high == 0 else f"{value:+.3f} ({low:+.2f}..{high:+.2f}){'*' if low > 0 or high < 0 else ''}"


def values_of(rows: list[dict[str, Any]], variant: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Shape (rows, metrics); NaN where a metric does not apply."""
    return np.array(
        [[np.nan if (v := row["values"][variant].get(metric)) is None else v for metric in METRICS] for row in rows]
    )


def read(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    main()
