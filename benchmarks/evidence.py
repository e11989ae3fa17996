"""How often the evidence holds the answer, and what its scores say about questions that have none.

    python benchmarks/evidence.py FOLDER                   choose: the curve, and constants to copy
    python benchmarks/evidence.py FOLDER --split test      report: the shares at the constants in force
    python benchmarks/evidence.py FOLDER --split test --per-article

FOLDER is SQuAD 2.0's development set in BEIR layout. Questions are the development slice's: articles that the span
reader never learnt from, and that are not for testing; with --split test those that are. "Adversarial" are SQuAD 2.0's
own unanswerable ones; "off-topic" are the answerable ones, asked of a library without their articles. Libraries hold a
dozen articles, with --per-article one. The constants are those of app/answer/answerability.py and
app/answer/verdict.py.
"""

import argparse
import hashlib
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from remembering import RememberingEmbedder, RememberingReader

from app.answer.answerability import SCORE_WEIGHT, is_answerable, sureness
from app.answer.evidence import Evidence, find_evidence, holds_words
from core.settings import Settings, load_settings
from core.types import Citation, Document, Page, Passage, Strictness
from evaluate.span_data import Side, SpanPassage, SpanQuestion, SpanSet, load_set
from evaluate.span_scores import declined_at, find_answers, word_f1
from index.add import add_documents
from index.bundled import bundled_folder
from index.embed import load_embedder
from index.reader.loader import load_span_reader
from index.reader.span_evidence import PRIOR, PieceReading, locate_spans, rank_with_spans, read_pieces
from index.search.retriever import Retriever
from index.search.sentence_ranking import MOST_SENTENCES, rank_sentences
from index.store.library import Library

SHARES = (0.99, 0.98, 0.95, 0.93, 0.90, 0.85, 0.80)
"""Of the answerable questions that are answered: points of the curve."""

POINTS: Mapping[Strictness, float] = {"lenient": 0.98, "balanced": 0.90, "strict": 0.80}
WEIGHTS = (0.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
ARTICLES = 12
"""Most articles of a library. Those that are not asked about are of the training side."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A question with what was found for it: the sentences ranked without the reader, the pieces that it read (None
    where it is out of its domain), the evidence with all together, and that without the reader."""

    kind: str
    question: SpanQuestion
    passages: tuple[Passage, ...]
    ranked: tuple[Citation, ...]
    read: PieceReading | None
    evidence: Evidence
    plain: Evidence

    def found(self, read: bool) -> Evidence:
        """The evidence with the reader, or without."""
        return self.evidence if read else self.plain

    @property
    def answers(self) -> tuple[str, ...]:
        return self.question.answers if self.kind == "answerable" else ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=100, help="of each kind (default: %(default)s)")
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="which articles (default: %(default)s)")
    parser.add_argument("--per-article", action="store_true", help="one library an article")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run (default: nowhere)")
    options = parser.parse_args()
    data = load_set(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        asker = Asker(data, options.per_article, load_settings(home=options.home or Path(folder)))
        seen = look(data, options.split, options.questions, asker)
    kinds = {kind: [one for one in seen if one.kind == kind] for kind in ("answerable", "adversarial", "off-topic")}
    if options.split == "test":
        held(kinds["answerable"])
        at_thresholds(kinds)
        curve(kinds)
        return
    rankings(kinds["answerable"])
    constants(curve(kinds, best_weight(kinds)))
    confidence(kinds["answerable"])


def look(data: SpanSet, side: Side, count: int, asker: "Asker") -> list[Seen]:
    """``count`` questions of each kind, asked of a library with and of one without their articles."""
    titles = {passage.id: passage.title for passage in data.passages}
    questions = list(data.questions_of(side))
    random.Random(0).shuffle(questions)
    answerable = [question for question in questions if question.answers][:count]
    adversarial = [question for question in questions if not question.answers][:count]
    inside, outside = asker.libraries(side)
    return [
        *(asker.ask("answerable", one, inside[titles[one.passage]]) for one in answerable),
        *(asker.ask("adversarial", one, inside[titles[one.passage]]) for one in adversarial),
        *(asker.ask("off-topic", one, outside[titles[one.passage]]) for one in answerable),
    ]


class Asker:
    """Libraries of paragraphs, made where they do not exist, and the models to ask them."""

    def __init__(self, data: SpanSet, per_article: bool, settings: Settings) -> None:
        self._data, self._per_article, self._settings = data, per_article, settings
        embedder = load_embedder(settings)
        self._embedder = RememberingEmbedder(embedder)
        words = embedder.word_embeddings()
        self._span_reader = RememberingReader(load_span_reader(bundled_folder(settings.home), words))
        self._open: dict[str, Retriever] = {}

    def libraries(self, side: Side) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """For each article of the side the titles of the library that holds it, and of one that does not."""
        own = sorted({passage.title for passage in self._data.passages_of(side)})
        others = sorted({passage.title for passage in self._data.passages_of("train")})
        random.Random(1).shuffle(others)
        if self._per_article:
            return {title: [title] for title in own}, dict(zip(own, ([t] for t in others), strict=False))
        inside = [*own, *others[: ARTICLES - len(own)]]
        outside = [title for title in others if title not in inside][:ARTICLES]
        return dict.fromkeys(own, inside), dict.fromkeys(own, outside)

    def ask(self, kind: str, question: SpanQuestion, titles: Sequence[str]) -> Seen:
        passages = self._retriever(titles).search(question.text).passages
        embedder, span_reader = self._embedder, self._span_reader
        ranked = rank_sentences(question.text, passages, embedder, MOST_SENTENCES)
        read = read_pieces(question.text, passages, ranked, span_reader, cosines=True)
        evidence = find_evidence(question.text, passages, embedder, span_reader)
        return Seen(kind, question, passages, ranked, read, evidence, find_evidence(question.text, passages, embedder))

    def _retriever(self, titles: Sequence[str]) -> Retriever:
        name = hashlib.md5("\n".join(titles).encode(), usedforsecurity=False).hexdigest()
        if name not in self._open:
            settings = self._settings.model_copy(update={"library": name})
            library = Library.open(settings, create=True)
            if not library.documents():
                chosen = [as_document(passage) for passage in self._data.passages if passage.title in titles]
                add_documents(chosen, library, self._embedder, settings)
            self._open[name] = Retriever(library, self._embedder, settings)
        return self._open[name]


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
                ranked = rank_with_spans(ranked, seen.read.pieces, seen.read.reading, weight * seen.read.trust, PRIOR)
                placed = locate_spans(seen.read.pieces, seen.read.reading)
                words = next((found.text for found in placed if holds_words(ranked[0], found)), "")
            one_.append(holds(ranked[:1], seen.answers))
            three.append(holds(ranked[:3], seen.answers))
            f1.append(word_f1(words, seen.answers))
        print(f"  SPAN_WEIGHT {weight:3.1f}: {mean(one_):.3f} / {mean(three):.3f} / {mean(f1):.3f}")


def held(own: Sequence[Seen]) -> None:
    """Print how often the best sentences that are shown hold the answer, with the reader and without."""
    print(f"{len(own)} questions with an answer: best sentence / one of the best three holds it")
    for read in (True, False):
        best, three = ([holds(one.found(read).sentences[:count], one.answers) for one in own] for count in (1, 3))
        print(f"  {'with' if read else 'without'} the reader: {mean(best):.3f} / {mean(three):.3f}")


def at_thresholds(kinds: dict[str, list[Seen]]) -> None:
    """Print the shares at the thresholds in force, as app.answer.answerability decides."""
    print("\n| strictness | reader | answered | adversarial declined | off-topic declined |")
    print("|---|---|---|---|---|")
    for point in POINTS:
        for read in (True, False):
            shares = {
                kind: mean([is_answerable(one.found(read), point) for one in ones]) for kind, ones in kinds.items()
            }
            cells = (shares["answerable"], 1 - shares["adversarial"], 1 - shares["off-topic"])
            print(
                f"| {point} | {'with' if read else 'without'} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"
            )


def best_weight(kinds: dict[str, list[Seen]]) -> float:
    """The SCORE_WEIGHT under which most is declined."""
    return max(WEIGHTS, key=lambda each: mean_declined(kinds, each))


def curve(kinds: dict[str, list[Seen]], weight: float = SCORE_WEIGHT) -> "Curves":
    """Print what is declined by how much is answered; how sure each question is, with the reader and without."""
    read = {kind: np.array([sure(one, weight) for one in ones]) for kind, ones in kinds.items()}
    plain = {kind: np.array([one.plain.score for one in ones]) for kind, ones in kinds.items()}
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
    return Curves(weight, read["answerable"], plain["answerable"])


@dataclass(frozen=True, slots=True)
class Curves:
    """How sure the questions that have an answer are, each of shape (questions,): with the reader, and without."""

    weight: float
    read: NDArray[np.float64]
    plain: NDArray[np.float64]


def constants(curves: Curves) -> None:
    """Print the constants of app/answer/answerability.py."""
    print(f"\nTo copy:\nSCORE_WEIGHT = {curves.weight}")
    for name, scores in (("READ_THRESHOLDS", curves.read), ("SCORE_THRESHOLDS", curves.plain)):
        points = {point: float(np.quantile(scores, 1 - share)) for point, share in POINTS.items()}
        print(f"{name} = { ({point: round(value, 2) for point, value in points.items()}) }")


def confidence(own: Sequence[Seen]) -> None:
    """Print how good the words are from a probability on: CONFIDENT of app/answer/verdict.py is where F1 reaches .8."""
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
    """How sure the evidence is; the score alone out of the span reader's domain, which is rare here."""
    found = one.evidence
    if found.answerable is None:
        return weight * found.score
    return sureness(found.answerable, found.score, weight)


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    main()
