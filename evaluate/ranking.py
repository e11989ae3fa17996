"""Rankings -> hit@k, recall@k, MRR@k, nDCG@k and MAP, question by question, by ir-measures."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluate.extra import need

CUTOFFS = (1, 3, 5, 10)
"""Places that a person looks at: the first, the first few, a prompt's passages, a page of results."""
SHOWN = ("hit@1", "hit@5", "recall@5", "mrr@10", "ndcg@10", "map")
"""What a table has room for; files hold all."""

IR_NAMES = {"hit": "Success", "recall": "R", "mrr": "RR", "ndcg": "nDCG"}


def metric_names(cutoffs: Sequence[int] = CUTOFFS) -> tuple[str, ...]:
    """Names of the metrics in the order of the columns: hit@1, ..., ndcg@10, map."""
    return (*(f"{name}@{k}" for name in IR_NAMES for k in cutoffs), "map")


def score_rankings(
    rankings: Mapping[str, Sequence[str]],
    relevant: Mapping[str, Mapping[str, int]],
    cutoffs: Sequence[int] = CUTOFFS,
) -> NDArray[np.float64]:
    """One row a question, in the order of ``relevant``; one column a metric of ``metric_names(cutoffs)``.

    ``rankings`` holds the names of each question's documents, best first and each once; ``relevant`` their grades.
    map is average precision over the whole ranking that is given. Formulas: Järvelin & Kekäläinen 2002 for nDCG,
    with gain = grade and discount log2(rank + 1), as trec_eval counts it.
    """
    ir = need("ir_measures")
    columns = {}
    for column, name in enumerate(metric_names(cutoffs)):
        kind, _, k = name.partition("@")
        columns[ir.parse_measure(f"{IR_NAMES[kind]}@{k}" if k else "AP")] = column
    rows = {question: row for row, question in enumerate(relevant)}
    scores = np.zeros((len(rows), len(columns)))
    run = {
        question: {name: float(-place) for place, name in enumerate(rankings.get(question, ()))}
        for question in relevant
    }
    qrels = {question: dict(grades) for question, grades in relevant.items()}
    for value in ir.iter_calc(list(columns), qrels, run):
        scores[rows[value.query_id], columns[value.measure]] = value.value
    return scores


def first_of_each(names: Sequence[str]) -> list[str]:
    """Documents by their best passage: what a ranking of passages says about documents."""
    return list(dict.fromkeys(names))


def by_place(names: Sequence[str]) -> list[str]:
    """The places of passages kept: a second passage of a document takes its place and answers nothing more."""
    seen: set[str] = set()
    placed = []
    for place, name in enumerate(names):
        placed.append(f"{name}\t{place}" if name in seen else name)
        seen.add(name)
    return placed
