"""How often the evidence holds the answer, and what its scores say about questions that have none.

    python benchmarks/evidence.py FOLDER [--questions 100]

FOLDER is SQuAD 2.0's development set in BEIR layout. Questions are the development slice's: articles that the span
reader never learnt from, and that are not for testing. "Adversarial" are SQuAD 2.0's own unanswerable ones;
"off-topic" are the answerable ones, asked of a library without their articles. Prints the curve and, to copy into
app/strictness.py and app/judge.py, the constants that were chosen on it.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.given import Evidence, find_evidence
from app.services import Models
from app.strictness import sureness
from core.settings import Settings, load_settings
from core.types import Document, Page
from evaluate.span_data import SpanPassage, SpanQuestion, SpanSet, load_set
from evaluate.span_scores import declined_at, find_answers, word_f1
from index.add import add_documents
from index.library import Library
from index.retrieve import Retriever

SHARES = (0.99, 0.98, 0.95, 0.93, 0.90, 0.85, 0.80)
"""Of the answerable questions that are answered: points of the curve."""

POINTS = {"lenient": 0.98, "balanced": 0.93, "strict": 0.80}
WEIGHTS = (0.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
NEIGHBOURS = 9
"""Articles of the training side beside the development slice's in the library: a dozen in all."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one question's evidence says. ``f1`` is that of its words; all three are 0 where there is no answer."""

    kind: str
    question: str
    score: float
    answerable: float
    words_score: float
    f1: float
    best: tuple[bool, bool]
    plain: tuple[bool, bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=100, help="of each kind (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run (default: nowhere)")
    parser.add_argument("--save", type=Path, help="a JSON file of what was seen; questions that it holds are not read")
    options = parser.parse_args()
    data = load_set(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        seen = look(data, options.questions, load_settings(home=options.home or Path(folder)), options.save)
    report(seen)


def look(data: SpanSet, count: int, settings: Settings, save: Path | None) -> list[Seen]:
    """``count`` questions of each kind, asked of a library with and of one without their articles."""
    own = {passage.title for passage in data.passages_of("dev")}
    others = sorted({passage.title for passage in data.passages_of("train")})
    random.Random(1).shuffle(others)
    questions = list(data.questions_of("dev"))
    random.Random(0).shuffle(questions)
    answerable = [question for question in questions if question.answers][:count]
    adversarial = [question for question in questions if not question.answers][:count]
    done = [Seen(**row) for row in json.loads(save.read_text())] if save and save.exists() else []
    models = Models(settings)
    inside = Asker(models, "inside", [p for p in data.passages if p.title in own | set(others[:NEIGHBOURS])])
    outside = Asker(models, "outside", [p for p in data.passages if p.title in others[NEIGHBOURS:]])
    asked = [
        (asker, kind, question)
        for one, two in zip(answerable, adversarial, strict=False)
        for asker, kind, question in (
            (inside, "answerable", one),
            (inside, "adversarial", two),
            (outside, "off-topic", one),
        )
    ]
    for number, (asker, kind, question) in enumerate(asked[len(done) :], 1):
        done.append(asker.ask(kind, question))
        if save and (number % 15 == 0 or len(done) == len(asked)):
            save.write_text(json.dumps([asdict(one) for one in done]))
    return done


class Asker:
    """A library of paragraphs, made where it does not exist, and the models to ask it."""

    def __init__(self, models: Models, name: str, passages: Sequence[SpanPassage]) -> None:
        self._models = models
        settings = models.settings.model_copy(update={"library": name})
        library = Library.open(settings, create=True)
        if not library.documents():
            add_documents([as_document(passage) for passage in passages], library, models.embedder, settings)
        self._retriever = Retriever(library, models.embedder, settings)

    def ask(self, kind: str, question: SpanQuestion) -> Seen:
        passages = self._retriever.search(question.text).passages
        embedder, reader = self._models.embedder, self._models.span_reader()
        read = find_evidence(question.text, passages, embedder, reader)
        answers = question.answers if kind == "answerable" else ()
        plain = find_evidence(question.text, passages, embedder, None) if answers else read
        return Seen(
            kind,
            question.text,
            read.score,
            read.answerable or 0.0,
            read.words.score if read.words else -50.0,
            word_f1(read.words.text, answers) if read.words and answers else 0.0,
            held(read, answers),
            held(plain, answers),
        )


def as_document(passage: SpanPassage) -> Document:
    text = passage.text
    return Document(passage.id, passage.id, "text/plain", passage.title, text, (Page("lines", 1, "", 0, len(text)),))


def held(evidence: Evidence, answers: Sequence[str]) -> tuple[bool, bool]:
    """Whether the best sentence, and one of the best three, holds an answer."""
    right = [bool(find_answers(sentence.quote, answers)) for sentence in evidence.sentences]
    return any(right[:1]), any(right)


def report(seen: Sequence[Seen]) -> None:
    """Print the figures, the curve, and the constants."""
    kinds = {kind: [one for one in seen if one.kind == kind] for kind in ("answerable", "adversarial", "off-topic")}
    own = kinds["answerable"]
    print(f"{len(own)} questions of each kind; the best sentence / one of the best three holds the answer:")
    for name, values in (("with the reader", [one.best for one in own]), ("without", [one.plain for one in own])):
        print(f"  {name}: {np.mean([best for best, _ in values]):.3f} / {np.mean([three for _, three in values]):.3f}")
    print(f"F1 of the words shown: {np.mean([one.f1 for one in own]):.3f}\n")
    weight = max(WEIGHTS, key=lambda each: mean_declined(kinds, each))
    read = {kind: np.array([sure(one, weight) for one in ones]) for kind, ones in kinds.items()}
    plain = {kind: np.array([one.score for one in ones]) for kind, ones in kinds.items()}
    print(
        "| answered | reader: from | adversarial declined | off-topic | score alone: from | adversarial | off-topic |"
    )
    print("|---|---|---|---|---|---|---|")
    for share in SHARES:
        cells = [
            cell
            for scores in (read, plain)
            for cell in (
                np.quantile(scores["answerable"], 1 - share),
                declined_at(scores["answerable"], scores["adversarial"], share),
                declined_at(scores["answerable"], scores["off-topic"], share),
            )
        ]
        print(f"| {share:.2f} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    print("\nTo copy:")
    print(f"SCORE_WEIGHT = {weight}")
    for name, scores in (("READ_THRESHOLDS", read), ("SCORE_THRESHOLDS", plain)):
        points = {
            point: round(float(np.quantile(scores["answerable"], 1 - share)), 2) for point, share in POINTS.items()
        }
        print(f"{name} = {points}")
    print("\nWords by score: share of the questions, mean F1 of the words from that score on")
    for score in np.quantile([one.words_score for one in own], (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)):
        above = [one.f1 for one in own if one.words_score >= score]
        print(f"  {score:6.2f}: {len(above) / len(own):.2f}  {np.mean(above):.3f}")
    print("by probability:")
    for probability in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        above = [one.f1 for one in own if one.answerable >= probability]
        print(f"  {probability:6.2f}: {len(above) / len(own):.2f}  {np.mean(above) if above else 0:.3f}")


def mean_declined(kinds: dict[str, list[Seen]], weight: float) -> float:
    """Of adversarial and off-topic questions, at 90 and 80 % answered."""
    scores = {kind: np.array([sure(one, weight) for one in ones]) for kind, ones in kinds.items()}
    return float(
        np.mean(
            [
                declined_at(scores["answerable"], scores[k], share)
                for k in ("adversarial", "off-topic")
                for share in (0.9, 0.8)
            ]
        )
    )


def sure(one: Seen, weight: float) -> float:
    return sureness(one.answerable, one.score, weight)


if __name__ == "__main__":
    main()
