"""How well the span reader points at the words that answer, and knows when none do.

gold       the passage that a question was written on
retrieved  four passages out of all
judged     four passages out of the question's own article, of questions that it answers, that it only seems to
           answer (adversarial), and of another article's (off-topic)

    python -m evaluate.span_reader --data DIR/squad2-dev --split test --json FILE
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.query.forms import form_of
from core.errors import LecternError
from core.files import write_atomically
from core.protocols import ChatEngine, Embedder
from core.settings import load_settings
from core.types import Locator, Passage
from evaluate.span_bench import (
    PASSAGES,
    Bench,
    gold_passage,
    load_bench,
    matches,
    milliseconds,
    passage_found,
    read_all,
    retrieved_passages,
)
from evaluate.span_data import Side, SpanPassage
from evaluate.span_judgement import judge, judgement
from evaluate.span_phrasing import phrasing_recall
from evaluate.span_plot import draw_reliability
from evaluate.span_scores import bootstrap, find_answers
from generate.client import EngineClient
from index.bundled import bundled_folder
from index.embed import load_embedder
from index.reader.loader import load_span_reader
from index.reader.span_evidence import SPAN_WEIGHT, rank_with_spans
from index.reader.span_reader import ReadsSpans, SpanReading
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences

Progress = Callable[[str], None]


def run(
    folder: Path,
    split: Side,
    span_reader: ReadsSpans,
    embedder: Embedder,
    limit: int = 0,
    progress: Progress = print,
    engine: ChatEngine | None = None,
    plot: Path | None = None,
) -> dict[str, object]:
    """The figures of a set (shares 0..1, milliseconds), each with its 95 % interval under "intervals".

    ``declined`` and ``ece`` are left out where a set has no questions without an answer; their reliability diagram is
    drawn to ``plot``. Without ``engine``, the chat model, ``voice_recall`` (the gold passage's words) and
    ``voice_recall_retrieved`` are left out.
    """
    bench = load_bench(folder, split, span_reader, embedder, limit)
    figures = {
        "set": folder.name,
        "split": split,
        "questions": len(bench.questions),
        **pointing(bench, embedder, progress, engine),
    }
    if any(not question.answers for question in bench.questions):
        judged = judge(bench)
        figures |= judgement(judged)
        if plot:
            own = judged.kind != "off_topic"
            draw_reliability(judged.probability[own], judged.truth[own], plot)
    return figures


def pointing(
    bench: Bench, embedder: Embedder, progress: Progress = print, engine: ChatEngine | None = None
) -> dict[str, object]:
    """The figures of the questions with an answer: of the span reader, and of the chat model that phrases its spans.

    ``kinds`` parts the figures of the gold passages by the kind of question (``app.query.forms.form_of``).
    """
    progress(f"{len(bench.questions)} questions, {len(bench.passages)} passages")
    own = read_all(bench, gold_passage)
    gold = matches(bench, own)
    progress(f"gold passage: EM {gold[:, 0].mean():.3f}, F1 {gold[:, 1].mean():.3f}")
    kinds = np.array([form_of(question.text) for question in bench.questions if question.answers])
    readings = read_all(bench, retrieved_passages)
    found = matches(bench, readings)
    progress(f"{PASSAGES} retrieved: EM {found[:, 0].mean():.3f}, F1 {found[:, 1].mean():.3f}")
    held = evidence(bench, readings, embedder)[:, 0].astype(np.float64)
    progress(f"best sentence {held[:, 0].mean():.3f}, best three {held[:, 1].mean():.3f}")
    figures: dict[str, Any] = {
        "gold": _means(gold, ("em", "f1")),
        "kinds": {
            kind: {"questions": int((kinds == kind).sum()), **_means(gold[kinds == kind], ("em", "f1"))}
            for kind in sorted(set(kinds.tolist()))
        },
        "retrieved": _means(found, ("em", "f1")),
        "own_passage": passage_found(bench, readings),
        "evidence": _means(held, ("best1", "best3")),
        "ms_p50": milliseconds(bench),
        "intervals": {
            "gold": _intervals(gold, ("em", "f1")),
            "retrieved": _intervals(found, ("em", "f1")),
            "evidence": _intervals(held, ("best1", "best3")),
        },
    }
    if engine:
        for name, read, choose in (
            ("voice_recall", own, gold_passage),
            ("voice_recall_retrieved", readings, retrieved_passages),
        ):
            recalled = recall_of_phrasing(bench, read, choose, engine)
            phrased, spans = recalled.mean(axis=0)
            progress(f"{name}: the chat model holds {phrased:.3f} of the answer's words, the words alone {spans:.3f}")
            figures[name] = float(phrased)
            figures["intervals"][name] = bootstrap(recalled[:, 0])
    return figures


def recall_of_phrasing(
    bench: Bench, readings: Mapping[int, SpanReading], choose: Callable[[Bench, int], list[int]], engine: ChatEngine
) -> NDArray[np.float64]:
    """``evaluate.span_phrasing.phrasing_recall`` of the readings of the passages that ``choose`` gives."""
    questions = {row: (bench.questions[row].text, bench.questions[row].answers) for row in readings}
    passages = {row: [bench.passages[n].text for n in choose(bench, row)] for row in readings}
    return phrasing_recall(questions, {row: (reading, passages[row]) for row, reading in readings.items()}, engine)


def evidence(
    bench: Bench, readings: Mapping[int, SpanReading], embedder: Embedder, weights: Sequence[float] = (SPAN_WEIGHT,)
) -> NDArray[np.bool_]:
    """Whether the best sentence, and one of the best three, holds an answer: bool (readings, weights, 2).

    ``readings`` are of the retrieved passages. Each of ``weights`` is tried as the weight of the spans.
    """
    rows = []
    for row, reading in readings.items():
        question = bench.questions[row]
        passages = [_as_passage(bench.passages[number]) for number in retrieved_passages(bench, row)]
        sentences = rank_sentences(question.text, passages, embedder, limit=MOST_SENTENCES)
        held = []
        for weight in weights:
            ranked = rank_with_spans(sentences, passages, reading, weight)[:3]
            right = [bool(find_answers(sentence.quote, question.answers)) for sentence in ranked]
            held.append((any(right[:1]), any(right)))
        rows.append(held)
    return np.array(rows, dtype=bool).reshape(-1, len(weights), 2)


def _as_passage(passage: SpanPassage) -> Passage:
    where = Locator(None, "")
    return Passage(
        passage.id, passage.id, passage.title, 0, len(passage.text), passage.text, where, (), 0.0, None, None
    )


def _means(values: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
    return {name: float(values[:, column].mean()) for column, name in enumerate(names)}


def _intervals(values: NDArray[np.float64], names: Sequence[str]) -> dict[str, tuple[float, float]]:
    return {name: bootstrap(values[:, column]) for column, name in enumerate(names)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of a set: corpus, queries, qrels")
    parser.add_argument("--split", choices=("train", "dev", "test"), default="test")
    parser.add_argument("--limit", type=int, default=0, help="questions drawn; 0: all")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--plot", type=Path, help="where to draw the reliability of the probability, a PNG")
    parser.add_argument("--no-llm", dest="llm", action="store_false", help="without the chat model's recall")
    args = parser.parse_args()
    try:
        settings = load_settings(embedder="bundled", model="bundled")
        span_reader = load_span_reader(bundled_folder(settings.home))
        with ExitStack() as stack:
            engine = stack.enter_context(EngineClient(settings)) if args.llm else None
            figures = run(
                args.data, args.split, span_reader, load_embedder(settings), args.limit, engine=engine, plot=args.plot
            )
    except LecternError as error:
        sys.exit(str(error))
    text = json.dumps(figures, indent=1) + "\n"
    if args.json:
        write_atomically(args.json, text.encode(), private=False)
    print(text, end="")


if __name__ == "__main__":
    main()
