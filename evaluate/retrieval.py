"""Questions -> what every stage of the retriever found -> how good its ranking is.

Of a set of passages, documents are ranked by their best chunk, as BEIR does it. Of a set of files, places are those
of passages: a second passage of the same file takes a place and answers nothing more, as it does in a prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluate.ranking import CUTOFFS, by_place, first_of_each, metric_names, score_rankings
from evaluate.runs import Row, Run
from evaluate.scores import Scores
from evaluate.sets import EvalSet, Kind, SetQuestion, Span
from evaluate.spans import NAMES as SPAN_NAMES
from evaluate.spans import score_spans, touching

if TYPE_CHECKING:
    from index.search.retriever import Retriever

DEPTH = max(CUTOFFS)
"""Passages asked of the last stage; the stages before it show all that they hand on."""
SPAN_PASSAGES = 5
"""Stretches that count for spans, as in the published numbers."""


def trace_all(
    questions: Sequence[SetQuestion],
    data: EvalSet,
    retriever: Retriever,
    run: Run,
    advance: Callable[[], None],
    k: int,
) -> None:
    """Trace every question that ``run`` does not have yet and keep what each stage found.

    A row is {"id", "stages": {stage: {"found": [[key, start, end], ...], "ms"}}}; ms counts from the question.
    """
    for question in questions:
        if question.id not in run.rows:
            trace = retriever.trace(question.text, k)
            stages: dict[str, Any] = {
                stage.name: {
                    "found": [[data.key(hit.document_id, hit.file), hit.start, hit.end] for hit in stage.places],
                    "ms": round(stage.milliseconds, 3),
                }
                for stage in trace.stages
            }
            run.add({"id": question.id, "stages": stages})
        advance()


def score_retrieval(questions: Sequence[SetQuestion], rows: Mapping[str, Row], kind: Kind) -> Scores:
    """Ranking metrics of every stage over ``questions``, each of which must have a relevant document."""
    order = by_place if kind == "files" else first_of_each
    relevant = {question.id: question.relevant for question in questions}
    stages = {}
    for stage in stage_names(questions, rows):
        rankings = {q.id: order([found[0] for found in _found(rows[q.id], stage)]) for q in questions}
        stages[stage] = score_rankings(rankings, relevant)
    return Scores(
        questions=tuple(relevant),
        groups=tuple(question.group for question in questions),
        metrics=metric_names(),
        stages=stages,
        milliseconds=_milliseconds(questions, rows, stages),
    )


def score_chunks(
    questions: Sequence[SetQuestion], rows: Mapping[str, Row], chunks: Sequence[Span], passages: int = SPAN_PASSAGES
) -> Scores:
    """Recall, precision and IoU of spans: of the chunks alone (stage "chunks") and of every stage's first passages.

    The chunks alone are scored as if a retriever had returned exactly those that hold a part of the answer: what the
    cutting itself makes possible (the paper's precision omega).
    """
    best = [score_spans(touching(chunks, question.spans), question.spans) for question in questions]
    stages = {"chunks": np.array(best, dtype=np.float64)}
    for stage in stage_names(questions, rows):
        found = [_found(rows[question.id], stage)[:passages] for question in questions]
        scores = [score_spans(spans, question.spans) for spans, question in zip(found, questions, strict=True)]
        stages[stage] = np.array(scores, dtype=np.float64)
    return Scores(
        questions=tuple(question.id for question in questions),
        groups=tuple(question.group for question in questions),
        metrics=SPAN_NAMES,
        stages=stages,
        milliseconds=_milliseconds(questions, rows, stages),
    )


def stage_names(questions: Sequence[SetQuestion], rows: Mapping[str, Row]) -> tuple[str, ...]:
    """The stages in the order in which a question meets them; one that only some questions meet stands too."""
    return tuple(dict.fromkeys(stage for question in questions for stage in rows[question.id]["stages"]))


def _found(row: Row, stage: str) -> list[Span]:
    return [(key, start, end) for key, start, end in row["stages"].get(stage, {}).get("found", ())]


def _milliseconds(
    questions: Sequence[SetQuestion], rows: Mapping[str, Row], stages: Mapping[str, object]
) -> dict[str, list[float]]:
    return {
        stage: [float(times[stage]["ms"]) for question in questions if stage in (times := rows[question.id]["stages"])]
        for stage in stages
    }
