"""How often the evidence holds the answer, and what its scores say about questions that have none.

    python benchmarks/evidence.py FOLDER [--questions 100]

FOLDER is SQuAD 2.0's development set in BEIR layout. Questions are the development slice's: articles that the span
reader never learnt from, and that are not for testing. "Adversarial" are SQuAD 2.0's own unanswerable ones;
"off-topic" are the answerable ones, asked of a library without their articles. Prints the curve and, to copy into
app/strictness.py and app/judge.py, the constants that were chosen on it.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from app.given import Evidence, find_evidence, holds_words
from app.services import Models
from app.strictness import sureness
from core.settings import Settings, load_settings
from core.types import Citation, Document, Page, Passage
from evaluate.span_data import SpanPassage, SpanQuestion, SpanSet, load_set
from evaluate.span_scores import declined_at, find_answers, word_f1
from index.add import add_documents
from index.evidence import MOST_SENTENCES, rank_sentences
from index.library import Library
from index.retrieve import Retriever
from index.span_evidence import PRIOR, PiecesRead, place_words, rank_with_words, read_pieces

SHARES = (0.99, 0.98, 0.95, 0.93, 0.90, 0.85, 0.80)
"""Of the answerable questions that are answered: points of the curve."""

POINTS = {"lenient": 0.98, "balanced": 0.90, "strict": 0.80}
WEIGHTS = (0.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
NEIGHBOURS = 9
"""Articles of the training side beside the development slice's in the library: a dozen in all."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A question with what was found for it: the sentences ranked without the reader, the pieces that it read (None
    where it is not at home), and the evidence with all together."""

    kind: str
    question: SpanQuestion
    passages: tuple[Passage, ...]
    ranked: tuple[Citation, ...]
    read: PiecesRead | None
    evidence: Evidence

    @property
    def answers(self) -> tuple[str, ...]:
        return self.question.answers if self.kind == "answerable" else ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=100, help="of each kind (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run (default: nowhere)")
    options = parser.parse_args()
    data = load_set(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        seen = look(data, options.questions, load_settings(home=options.home or Path(folder)))
    rankings([one for one in seen if one.kind == "answerable"])
    curve({kind: [one for one in seen if one.kind == kind] for kind in ("answerable", "adversarial", "off-topic")})
    confidence([one for one in seen if one.kind == "answerable"])


def look(data: SpanSet, count: int, settings: Settings) -> list[Seen]:
    """``count`` questions of each kind, asked of a library with and of one without their articles."""
    own = {passage.title for passage in data.passages_of("dev")}
    others = sorted({passage.title for passage in data.passages_of("train")})
    random.Random(1).shuffle(others)
    questions = list(data.questions_of("dev"))
    random.Random(0).shuffle(questions)
    answerable = [question for question in questions if question.answers][:count]
    adversarial = [question for question in questions if not question.answers][:count]
    models = Models(settings)
    inside = Asker(models, "inside", [p for p in data.passages if p.title in own | set(others[:NEIGHBOURS])])
    outside = Asker(models, "outside", [p for p in data.passages if p.title in others[NEIGHBOURS:]])
    return [
        *(inside.ask("answerable", question) for question in answerable),
        *(inside.ask("adversarial", question) for question in adversarial),
        *(outside.ask("off-topic", question) for question in answerable),
    ]


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
        ranked = rank_sentences(question.text, passages, embedder, MOST_SENTENCES)
        read = read_pieces(question.text, passages, ranked, reader, cosines=True)
        return Seen(kind, question, passages, ranked, read, find_evidence(question.text, passages, embedder, reader))


def as_document(passage: SpanPassage) -> Document:
    text = passage.text
    return Document(passage.id, passage.id, "text/plain", passage.title, text, (Page("lines", 1, "", 0, len(text)),))


def holds(sentences: Sequence[Citation], answers: Sequence[str]) -> bool:
    return any(find_answers(sentence.quote, answers) for sentence in sentences)


def rankings(own: Sequence[Seen]) -> None:
    """Print how often the best sentences hold the answer, and F1 of the words in the best one, by what the reader's
    word adds."""
    print(
        f"{len(own)} questions with an answer; best sentence / one of the best three holds it / F1 of the words in it"
    )
    for weight in (0.0, 0.1, 0.2, 0.3, 0.5, 1.0):
        one_, three, f1 = [], [], []
        for seen in own:
            ranked, words = seen.ranked, ""
            if seen.read:
                ranked = rank_with_words(ranked, seen.read.pieces, seen.read.reading, weight * seen.read.trust, PRIOR)
                placed = place_words(seen.read.pieces, seen.read.reading)
                words = next((found.text for found in placed if holds_words(ranked[0], found)), "")
            one_.append(holds(ranked[:1], seen.answers))
            three.append(holds(ranked[:3], seen.answers))
            f1.append(word_f1(words, seen.answers))
        print(f"  WORDS_WEIGHT {weight:3.1f}: {mean(one_):.3f} / {mean(three):.3f} / {mean(f1):.3f}")


def curve(kinds: dict[str, list[Seen]]) -> None:
    """Print what is declined by how much is answered, and the constants of app/strictness.py."""
    weight = max(WEIGHTS, key=lambda each: mean_declined(kinds, each))
    read = {kind: np.array([sure(one, weight) for one in ones]) for kind, ones in kinds.items()}
    plain = {kind: np.array([one.evidence.score for one in ones]) for kind, ones in kinds.items()}
    print(
        "\n| answered | reader: from | adversarial declined | off-topic | score alone: from | adversarial | off-topic |"
    )
    print("|---|---|---|---|---|---|---|")
    for share in SHARES:
        cells = [
            cell
            for scores in (read, plain)
            for cell in (
                float(np.quantile(scores["answerable"], 1 - share)),
                declined_at(scores["answerable"], scores["adversarial"], share),
                declined_at(scores["answerable"], scores["off-topic"], share),
            )
        ]
        print(f"| {share:.2f} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    print(f"\nTo copy:\nSCORE_WEIGHT = {weight}")
    for name, scores in (("READ_THRESHOLDS", read), ("SCORE_THRESHOLDS", plain)):
        points = {point: float(np.quantile(scores["answerable"], 1 - share)) for point, share in POINTS.items()}
        print(f"{name} = { ({point: round(value, 2) for point, value in points.items()}) }")


def confidence(own: Sequence[Seen]) -> None:
    """Print how good the words are from a probability on: CONFIDENT of app/judge.py is where F1 reaches .8."""
    worded = [(one.evidence.words, one.evidence.answerable or 0.0, one.answers) for one in own if one.evidence.words]
    print("\nprobability from | share of the questions | F1 of their words")
    for least in np.arange(0.3, 0.95, 0.05):
        f1 = [word_f1(words.text, answers) for words, probability, answers in worded if probability >= least]
        print(f"{least:.2f} | {len(f1) / len(own):.2f} | {mean(f1):.3f}")
    print("\nscore of the words from | to | share of the questions | F1")
    for low, high in pairwise((-50.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 50.0)):
        f1 = [word_f1(words.text, answers) for words, _, answers in worded if low <= words.score < high]
        print(f"{low:.0f} | {high:.0f} | {len(f1) / len(own):.2f} | {mean(f1):.3f}")


def mean_declined(kinds: dict[str, list[Seen]], weight: float) -> float:
    """The mean share of adversarial and off-topic questions that is declined at the three points."""
    scores = {kind: np.array([sure(one, weight) for one in ones]) for kind, ones in kinds.items()}
    own, others = scores["answerable"], (scores["adversarial"], scores["off-topic"])
    return mean([declined_at(own, other, share) for other in others for share in POINTS.values()])


def sure(one: Seen, weight: float) -> float:
    """How sure the evidence is; the score alone where the reader is not at home, which is rare here."""
    return sureness(one.evidence.answerable or 0.5, one.evidence.score, weight)


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    main()
