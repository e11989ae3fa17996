"""How well the span reader points at the words that answer, and knows when none do.

gold       the passage that a question was written on
retrieved  four passages out of all
judged     four passages out of the question's own article, of questions that it answers, that it only seems to
           answer (adversarial), and of another article's (off-topic)

    python -m evaluate.span_reader --data DIR/squad2-dev --split test --json FILE
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import LecternError
from core.files import write_atomically
from core.protocols import ChatEngine, Embedder
from core.settings import load_settings
from core.types import Locator, Passage
from evaluate.span_data import Side, SpanPassage, SpanQuestion, load_set
from evaluate.span_phrasing import phrasing_recall
from evaluate.span_plot import draw_reliability
from evaluate.span_retrieval import Scores, score
from evaluate.span_scores import bootstrap, calibration_error, declined_at, exact_match, find_answers, word_f1
from generate.client import EngineClient
from index.bundled import bundled_folder
from index.embed import load_embedder
from index.reader.domain import question_kind
from index.reader.loader import load_span_reader
from index.reader.span_evidence import WORDS_WEIGHT, rank_with_words
from index.reader.span_reader import Reading, SpanReader
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences

PASSAGES = 4
"""Passages that a question is read on."""
TIMED = 40
"""Questions whose reading is timed, one at a time."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities that the question's article answers it, and what they are made of: float64 (questions,).

    ``score`` is the best words' score, ``cosine`` the best passage's. ``truth`` says whether the passages that were
    read hold the question's own, for questions that have an answer.
    """

    kind: NDArray[np.str_]
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]
    cosine: NDArray[np.float64]
    probability: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bench:
    """A set with its reader: passages to retrieve from, and the questions of a split."""

    reader: SpanReader
    passages: tuple[SpanPassage, ...]
    questions: tuple[SpanQuestion, ...]
    scores: Scores

    def read(self, row: int, chosen: Sequence[int]) -> Reading:
        texts = [self.passages[number].text for number in chosen]
        return self.reader.read(self.questions[row].text, texts, [float(self.scores.cosines[row, n]) for n in chosen])


def bench(folder: Path, split: Side, reader: SpanReader, embedder: Embedder, limit: int = 0) -> Bench:
    """The set in ``folder``; the development side is retrieved from what is not for testing.

    ``limit`` questions are drawn, the same ones every time; 0 takes all. Raises UsageError where the set is missing.
    """
    data = load_set(folder)
    passages = data.passages if split == "test" else data.passages_of("train", "dev")
    questions = data.questions_of(split)
    if limit and len(questions) > limit:
        questions = tuple(random.Random(0).sample(questions, limit))  # noqa: S311
    scores = score([question.text for question in questions], [passage.text for passage in passages], embedder)
    return Bench(reader, passages, questions, scores)


def run(
    folder: Path,
    split: Side,
    reader: SpanReader,
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
    tested = bench(folder, split, reader, embedder, limit)
    figures = {
        "set": folder.name,
        "split": split,
        "questions": len(tested.questions),
        **pointing(tested, embedder, progress, engine),
    }
    if any(not question.answers for question in tested.questions):
        judged = judge(tested)
        figures |= judgement(judged)
        if plot:
            own = judged.kind != "off_topic"
            draw_reliability(judged.probability[own], judged.truth[own], plot)
    return figures


def pointing(
    tested: Bench, embedder: Embedder, progress: Progress = print, engine: ChatEngine | None = None
) -> dict[str, object]:
    """What the reader points at, and what the chat model makes of it: the figures of the questions with an answer.

    ``kinds`` parts the figures of the gold passages by the kind of question (``index.reader.domain.question_kind``).
    """
    progress(f"{len(tested.questions)} questions, {len(tested.passages)} passages")
    own = read_all(tested, _gold_passage)
    gold = matches(tested, own)
    progress(f"gold passage: EM {gold[:, 0].mean():.3f}, F1 {gold[:, 1].mean():.3f}")
    kinds = np.array([question_kind(question.text) for question in tested.questions if question.answers])
    readings = read_all(tested, _retrieved_passages)
    found = matches(tested, readings)
    progress(f"{PASSAGES} retrieved: EM {found[:, 0].mean():.3f}, F1 {found[:, 1].mean():.3f}")
    held = evidence(tested, readings, embedder)[:, 0].astype(np.float64)
    progress(f"best sentence {held[:, 0].mean():.3f}, best three {held[:, 1].mean():.3f}")
    figures: dict[str, Any] = {
        "gold": _means(gold, ("em", "f1")),
        "kinds": {
            kind: {"questions": int((kinds == kind).sum()), **_means(gold[kinds == kind], ("em", "f1"))}
            for kind in sorted(set(kinds.tolist()))
        },
        "retrieved": _means(found, ("em", "f1")),
        "own_passage": passage_found(tested, readings),
        "evidence": _means(held, ("best1", "best3")),
        "ms_p50": milliseconds(tested),
        "intervals": {
            "gold": _intervals(gold, ("em", "f1")),
            "retrieved": _intervals(found, ("em", "f1")),
            "evidence": _intervals(held, ("best1", "best3")),
        },
    }
    if engine:
        for name, read, choose in (
            ("voice_recall", own, _gold_passage),
            ("voice_recall_retrieved", readings, _retrieved_passages),
        ):
            recalled = recall_of_phrasing(tested, read, choose, engine)
            said, alone = recalled.mean(axis=0)
            progress(f"{name}: the chat model holds {said:.3f} of the answer's words, the words alone {alone:.3f}")
            figures[name] = float(said)
            figures["intervals"][name] = bootstrap(recalled[:, 0])
    return figures


def recall_of_phrasing(
    tested: Bench, readings: Mapping[int, Reading], choose: Callable[[Bench, int], list[int]], engine: ChatEngine
) -> NDArray[np.float64]:
    """``evaluate.span_phrasing.phrasing_recall`` of the readings of the passages that ``choose`` gives."""
    asked = {row: (tested.questions[row].text, tested.questions[row].answers) for row in readings}
    passages = {row: [tested.passages[n].text for n in choose(tested, row)] for row in readings}
    return phrasing_recall(asked, {row: (reading, passages[row]) for row, reading in readings.items()}, engine)


def read_all(tested: Bench, choose: Callable[[Bench, int], list[int]]) -> dict[int, Reading]:
    """The reading of every question with an answer, on the passages that ``choose`` gives, by the question's row."""
    return {
        row: tested.read(row, choose(tested, row)) for row, question in enumerate(tested.questions) if question.answers
    }


def matches(tested: Bench, readings: Mapping[int, Reading]) -> NDArray[np.float64]:
    """Exact match and F1 of the best words of each reading: float64 (readings, 2)."""
    rows = []
    for row, reading in readings.items():
        words, answers = reading.best[1].text if reading.best else "", tested.questions[row].answers
        rows.append((exact_match(words, answers), word_f1(words, answers)))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def passage_found(tested: Bench, readings: Mapping[int, Reading]) -> dict[str, float]:
    """Shares 0..1 of the questions whose own passage is among the retrieved ones, and holds the best words."""
    among, chosen = [], []
    for row, reading in readings.items():
        ids = [tested.passages[number].id for number in _retrieved_passages(tested, row)]
        among.append(tested.questions[row].passage in ids)
        chosen.append(reading.best is not None and ids[reading.best[0]] == tested.questions[row].passage)
    return {"retrieved": float(np.mean(among)), "chosen": float(np.mean(chosen))}


def _gold_passage(tested: Bench, row: int) -> list[int]:
    wanted = tested.questions[row].passage
    return [number for number, passage in enumerate(tested.passages) if passage.id == wanted]


def _retrieved_passages(tested: Bench, row: int) -> list[int]:
    return [int(number) for number in tested.scores.top(row, PASSAGES)]


def judge(tested: Bench) -> Judged:
    """What the reader thinks of every question on its own article, and on the next one of the split."""
    articles = sorted({passage.title for passage in tested.passages if passage.side == tested.questions[0].side})
    members = {
        title: np.array([n for n, passage in enumerate(tested.passages) if passage.title == title])
        for title in articles
    }
    titles = {passage.id: passage.title for passage in tested.passages}
    kinds, truths, values = [], [], []
    for row, question in enumerate(tested.questions):
        own = titles[question.passage]
        other = articles[(articles.index(own) + 1) % len(articles)]
        for title in (own, other):
            if title == other and not question.answers:
                continue
            chosen = [int(number) for number in tested.scores.top(row, PASSAGES, members[title])]
            reading = tested.read(row, chosen)
            off_topic = "off_topic" if title == other else "adversarial"
            kinds.append("answerable" if question.answers and title == own else off_topic)
            truths.append(kinds[-1] == "answerable" and any(tested.passages[n].id == question.passage for n in chosen))
            cosine = max(float(tested.scores.cosines[row, number]) for number in chosen)
            values.append((reading.best[1].score if reading.best else -50.0, cosine, reading.answerable))
    score_, cosine_, probability = np.array(values, dtype=np.float64).T
    return Judged(np.array(kinds), np.array(truths), score_, cosine_, probability)


def judgement(judged: Judged) -> dict[str, object]:
    """Declined at 90 and 80 % answered, and the calibration error over the questions of their own articles."""
    answerable = judged.probability[judged.kind == "answerable"]
    declined = {}
    for kind in ("adversarial", "off_topic"):
        others = judged.probability[judged.kind == kind]
        declined[kind] = {f"at{share:.0f}": declined_at(answerable, others, share / 100) for share in (90, 80)}
    own = judged.kind != "off_topic"
    return {"declined": declined, "ece": calibration_error(judged.probability[own], judged.truth[own])}


def evidence(
    tested: Bench, readings: Mapping[int, Reading], embedder: Embedder, weights: Sequence[float] = (WORDS_WEIGHT,)
) -> NDArray[np.bool_]:
    """Whether the best sentence, and one of the best three, holds an answer: bool (readings, weights, 2).

    ``readings`` are of the retrieved passages. What the reader adds to a sentence is tried with each of ``weights``.
    """
    rows = []
    for row, reading in readings.items():
        question = tested.questions[row]
        passages = [_as_passage(tested.passages[number]) for number in _retrieved_passages(tested, row)]
        sentences = rank_sentences(question.text, passages, embedder, limit=MOST_SENTENCES)
        held = []
        for weight in weights:
            ranked = rank_with_words(sentences, passages, reading, weight)[:3]
            right = [bool(find_answers(sentence.quote, question.answers)) for sentence in ranked]
            held.append((any(right[:1]), any(right)))
        rows.append(held)
    return np.array(rows, dtype=bool).reshape(-1, len(weights), 2)


def _as_passage(passage: SpanPassage) -> Passage:
    where = Locator(None, "")
    return Passage(
        passage.id, passage.id, passage.title, 0, len(passage.text), passage.text, where, (), 0.0, None, None
    )


def milliseconds(tested: Bench) -> float:
    """The median time of reading the four passages of a question, in milliseconds."""
    spent = []
    for row in range(min(TIMED, len(tested.questions))):
        chosen = _retrieved_passages(tested, row)
        begun = time.perf_counter()
        tested.read(row, chosen)
        spent.append((time.perf_counter() - begun) * 1000)
    return float(np.median(spent))


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
    arguments = parser.parse_args()
    try:
        settings = load_settings(embedder="bundled", model="bundled")
        reader = load_span_reader(bundled_folder(settings.home))
        with ExitStack() as stack:
            engine = stack.enter_context(EngineClient(settings)) if arguments.llm else None
            figures = run(
                arguments.data,
                arguments.split,
                reader,
                load_embedder(settings),
                arguments.limit,
                engine=engine,
                plot=arguments.plot,
            )
    except LecternError as error:
        sys.exit(str(error))
    text = json.dumps(figures, indent=1) + "\n"
    if arguments.json:
        write_atomically(arguments.json, text.encode(), private=False)
    print(text, end="")


if __name__ == "__main__":
    main()
