"""Fits the weight of the dense side to questions with known answers, an embedder at a time, and tells what it finds.

    python benchmarks/fusion.py DATA --cache FOLDER [--embedders bundled multilingual] [--sample 300] [--only SET ...]

DATA holds the sets of FITTED and REPORTED as folders. Fitted on the questions whose document's name has an even MD5,
and on the same ones "reworded": without some of the terms that the right chunk holds, as people ask who do not know a
document's words. Told on the odd ones, and on sets that nothing is fitted to. FOLDER keeps libraries and candidates:
the first run embeds every set once, the next takes seconds. The weight fitted is printed; the one in force is that of
index/search/dense.py, and "passages" are of searches with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from fusion_candidates import FIRST_PASSAGES, Found, find_all
from fusion_sets import SoughtSet, across, sought_sets
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from core.settings import load_settings
from index.embed import load_embedder
from index.search.dense import usual_weight

FITTED = ("squad2-dev", "nq-oracle", "xquad-en", "xquad-ar", "dialogues", "multihop")
REPORTED = ("everyday", "field-answers", "xquad-hi", "xquad-zh", "sec-10-q")
PARALLEL = ("xquad-en", "xquad-ar", "xquad-hi", "xquad-zh")
KINDS = ("paraphrase", "cross_language")
REWORDED_SHARE = 0.5
"""What a set's reworded questions count beside its own."""

Candidates = Mapping[tuple[str, bool], Sequence[Found]]
"""By the set's name, and whether its questions are reworded."""


def fused(found: Found, weight: float) -> NDArray[np.float64]:
    known = weight * found.known
    share = known / (known + 1 - weight) if known else 0.0
    return share * np.array(found.near) + (1 - share) * np.array(found.words)


def fit(candidates: Candidates) -> float:
    """The weight under which the right chunks are likeliest: a softmax over each question's candidates."""
    parts: list[tuple[float, Found]] = []
    for (name, reworded), rows in candidates.items():
        rows = [row for row in rows if row.half == "tune" and any(row.right)] if name in FITTED else []
        parts += [((REWORDED_SHARE if reworded else 1.0) / len(rows), row) for row in rows]

    def loss(point: NDArray[np.float64]) -> float:
        weight, scale = float(expit(point[0])), float(np.exp(point[1]))
        total = 0.0
        for share, row in parts:
            scores = scale * fused(row, weight)
            total += share * float(logsumexp(scores) - logsumexp(scores[np.array(row.targets)]))
        return total

    return float(expit(minimize(loss, np.array([0.5, 3.0]), method="Nelder-Mead").x[0]))


def hit_at_5(found: Found, scores: Sequence[float] | NDArray[np.float64]) -> bool:
    """Whether a right document is among the first five documents, each by its best chunk."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    first = list(dict.fromkeys(found.documents[at] for at in order))[:5]
    return any(number in first for number, right in zip(found.documents, found.right, strict=True) if right)


def report(name: str, candidates: Candidates, weight: float, in_force: float, console: Console) -> None:
    columns = ("set", "questions", "dense", "words", "fused", "passages: document", f"quote in {FIRST_PASSAGES}")
    table = Table(*columns, title=f"{name}: weight fitted {weight:.2f}, in force {in_force:.2f}; hit@5")
    for title, rows in _rows(candidates):
        shares = [
            np.mean([hit_at_5(row, row.near) for row in rows]),
            np.mean([hit_at_5(row, row.words) for row in rows]),
            np.mean([hit_at_5(row, fused(row, in_force)) for row in rows]),
            *np.mean([row.passages for row in rows], axis=0),
        ]
        table.add_row(title, str(len(rows)), *(f"{share:.3f}" for share in shares))
    console.print(table)


def _rows(candidates: Candidates) -> Iterator[tuple[str, Sequence[Found]]]:
    for (name, reworded), rows in candidates.items():
        if reworded:
            continue
        odd = [row for row in rows if row.half == "report"]
        if name in FITTED and odd:
            yield f"{name}, odd half", odd
        yield f"{name}, all", rows
        for kind in KINDS:
            if of_kind := [row for row in rows if row.kind == kind]:
                yield f"{name}, {kind}", of_kind


def gather(data: Path, cache: Path, name: str, sample: int, only: Sequence[str], console: Console) -> Candidates:
    settings = load_settings(embedder=name, home=cache)
    embedder = load_embedder(settings)
    found: dict[tuple[str, bool], list[Found]] = {}

    def add(sought: SoughtSet, reworded: bool = False) -> None:
        rows = find_all(sought, embedder, settings, cache, reworded=reworded)  # type: ignore[arg-type]
        found.setdefault((sought.name, reworded), []).extend(rows)

    for folder in (data / each for each in (*FITTED, *REPORTED) if each in only):
        for sought in sought_sets(folder, sample):
            add(sought)
            if folder.name in FITTED:
                add(sought, reworded=True)
        console.log(name, folder.name)
    if "across" in only:
        for sought in across([data / each for each in PARALLEL], sample):
            add(sought)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for libraries and candidates")
    parser.add_argument("--embedders", nargs="*", default=["bundled", "multilingual"])
    parser.add_argument("--sample", type=int, default=300, help="questions of a set of passages (default: %(default)s)")
    parser.add_argument("--only", nargs="*", default=[*FITTED, *REPORTED, "across"], help="sets (default: all)")
    given = parser.parse_args()
    console = Console(width=130)
    given.cache.mkdir(parents=True, exist_ok=True)
    for name in given.embedders:
        candidates = gather(given.data, given.cache.absolute(), name, given.sample, given.only, console)
        in_force = usual_weight(load_embedder(load_settings(embedder=name, home=given.cache.absolute())))
        report(name, candidates, fit(candidates), in_force, console)


if __name__ == "__main__":
    main()
