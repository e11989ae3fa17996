"""How well the span reader's probability tells questions with an answer from questions without one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluate.span_bench import PASSAGES, Bench
from evaluate.span_scores import calibration_error, declined_at


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities that the question's article answers it, and what they are made of: float64 (questions,).

    ``score`` is the best span's score, ``cosine`` the best passage's. ``truth`` says whether the passages that were
    read hold the question's own, for questions that have an answer.
    """

    kind: NDArray[np.str_]
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]
    cosine: NDArray[np.float64]
    probability: NDArray[np.float64]


def judge(bench: Bench) -> Judged:
    """Read every question on its own article, and those with an answer also on the next article of the split."""
    articles = sorted({passage.title for passage in bench.passages if passage.side == bench.questions[0].side})
    members = {
        title: np.array([n for n, passage in enumerate(bench.passages) if passage.title == title]) for title in articles
    }
    titles = {passage.id: passage.title for passage in bench.passages}
    kinds, truths, values = [], [], []
    for row, question in enumerate(bench.questions):
        own = titles[question.passage]
        other = articles[(articles.index(own) + 1) % len(articles)]
        for title in (own, other):
            if title == other and not question.answers:
                continue
            chosen = [int(number) for number in bench.scores.top(row, PASSAGES, members[title])]
            reading = bench.read(row, chosen)
            off_topic = "off_topic" if title == other else "adversarial"
            kinds.append("answerable" if question.answers and title == own else off_topic)
            truths.append(kinds[-1] == "answerable" and any(bench.passages[n].id == question.passage for n in chosen))
            cosine = max(float(bench.scores.cosines[row, number]) for number in chosen)
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
