"""What the span reader does to the evidence, in its domain and out of it.

    python benchmarks/domain.py FOLDER... [--questions 100] [--home DIR]

Each FOLDER is a set of questions with answers. The same passages are ranked into evidence with and without the span
reader. Where a set's answers are short, best1 and best3 are whether the best sentence, or one of the best three, holds
one; where they are long, which share of an answer's words the sentences hold.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.answer.evidence import find_evidence
from app.chat.models import Models
from core.settings import Settings, load_settings
from core.types import Citation
from evaluate import wording
from evaluate.chance import Values, compare, means
from evaluate.gold import can_tell
from evaluate.set_library import library_settings, open_set_library
from evaluate.sets import EvalSet, SetQuestion, choose, load_set
from index.search.retriever import Retriever

METRICS = ("best1", "best3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--questions", type=int, default=100, help="of each set (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run (default: nowhere)")
    args = parser.parse_args()
    print(f"{'':14} {'questions':>9} {'read':>5}  {'':6} {'without':>8} {'with':>8}  difference")
    with tempfile.TemporaryDirectory() as folder:
        for each in args.folders:
            report(load_set(each), args.questions, load_settings(home=args.home or Path(folder)))


def report(data: EvalSet, count: int, settings: Settings) -> None:
    """Print a line a metric: both means and the difference with its 95 % interval."""
    answered = tuple(question for question in data.questions if question.relevant and question.answers)
    questions = choose(answered, sample=count)
    without, with_reader, read = look(data, questions, settings)
    groups = [question.group for question in questions]
    found = compare(without, with_reader, groups, METRICS)
    for name, before, after, difference in zip(METRICS, means(without), means(with_reader), found, strict=True):
        interval = f"{difference.change:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
        print(
            f"{data.name:14} {len(questions):9} {read.mean():5.2f}  {name:6} {before:8.3f} {after:8.3f}  {interval}",
            flush=True,
        )


def look(data: EvalSet, questions: Sequence[SetQuestion], settings: Settings) -> tuple[Values, Values, Values]:
    """METRICS without and with the span reader, float64 (questions, 2), and whether it read, bool (questions,)."""
    models = Models(settings)
    inside = library_settings(data, settings)
    span_reader = models.span_reader()
    rows = []
    with open_set_library(data, inside, models.embedder, lambda *_: None) as library:
        retriever = Retriever(library, models.embedder, inside)
        for question in questions:
            passages = retriever.search(question.text).passages
            plain = find_evidence(question.text, passages, models.embedder)
            helped = find_evidence(question.text, passages, models.embedder, span_reader)
            rows.append((held(plain.sentences, question), held(helped.sentences, question), helped.answerable))
    models.close()
    before, after, told = zip(*rows, strict=True)
    return np.array(before), np.array(after), np.array([each is not None for each in told])


def held(sentences: Sequence[Citation], question: SetQuestion) -> tuple[float, float]:
    """How much of an answer the best sentence holds, and the best three."""
    measure = wording.contains if can_tell(question.answers) else wording.words_recalled
    texts = (sentences[0].quote if sentences else "", " ".join(sentence.quote for sentence in sentences[:3]))
    best = [max(measure(text, answer) for answer in question.answers) for text in texts]
    return best[0], best[1]


if __name__ == "__main__":
    main()
