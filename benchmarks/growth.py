"""How the library behaves as it grows: kinds of FAISS index against each other, then words and both in whole libraries.

    python benchmarks/growth.py SET... --sizes 10000,100000,1000000 --work DIR [--only kinds|library]

SET is a folder in BEIR layout. DIR keeps what is dear to make (embeddings, libraries; about 7 GB for a million chunks),
so that the next run begins where this one measures. Each row is measured in a process of its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from grown import load_real, open_grown
from growth_kinds import KINDS, compare_kinds
from growth_library import measure_library
from growth_measures import table, truth_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", choices=("kinds", "library"))
    parser.add_argument("--kinds", default=",".join(KINDS))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    real = load_real(options.sets, options.work)
    columns: dict[int, list[tuple[str, str]]] = {}
    for size in map(int, options.sizes.split(",")):
        if options.only != "library":
            compare_kinds(real, size, options.work, options.kinds.split(","))
        if options.only != "kinds":
            settings, seconds = open_grown(options.work, real, size)
            truth = truth_of(real, size, options.work)
            columns[size] = measure_library(real, settings, truth)
            print(f"library of {size:,} chunks, made in {seconds:.0f} s", *columns[size], sep="\n", flush=True)
    if columns:
        names = list(dict.fromkeys(name for found in columns.values() for name, _ in found))
        facts = {size: dict(found) for size, found in columns.items()}
        rows = [{"": name, **{f"{size:,} chunks": facts[size].get(name, "") for size in facts}} for name in names]
        table("Libraries", rows)


if __name__ == "__main__":
    main()
