"""Weights and their scores -> MODEL_CARD.md beside them: ``python -m training.span_reader.card --scores FILE...``.

The scores are the JSON of ``python -m evaluate.span_reader``; everything else is read from the weights themselves.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

from core.errors import LecternError
from core.files import write_atomically
from index.reader.weights import FILE, SHA256, read_weights

CARD = """# The span reader's weights

Given a question and passages, the reader points at the exact words that answer, or says that nothing does.
11 million parameters laid over the word embeddings of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), stored as
int8 with a scale for each output row. `index/reader/span_reader.py` uses them; `training/span_reader/` made them.

- File: `{name}`, {size:,} bytes, sha256 `{digest}`
- Base: all-MiniLM-L6-v2, model.safetensors sha256 `{base}`; its word embeddings are frozen and not in the file
- Examples: sha256 `{data}`; code: sha256 `{code}`
- Configuration, first training to last: {config}

## Data and licences

| set | used | licence |
|---|---|---|
| SQuAD 2.0 development set | training titles | CC BY-SA 4.0 |
| Natural Questions (open), gold passages | training titles | CC BY-SA 3.0; its repository (lost-in-the-middle) MIT |
| QAMR | all | MIT; its sentences CC BY-SA 3.0 (Wikipedia) and CC BY 2.5 (Wikinews) |

Split: of SQuAD's sorted titles every third (index % 3 == 0) is for testing, with all its questions, and of the others
those with index % 12 == 5 are the development slice; passages of Natural Questions whose title has an odd md5 are for
testing, a tenth of the others is the development slice. Nothing of the test side was trained on, tuned on or looked
at while choosing.

## Command

    make span-reader DATA=...
    python -m evaluate.span_reader --data DIR/squad2-dev --split test --limit 1600 --no-llm --json FILE
    python -m evaluate.span_reader --data DIR/nq-oracle --split test --limit 300 --no-llm --json FILE

The shipped weights went through the chain that make runs, its first training in three pieces (`stopped_at_step` above
says where one was ended and the next went on from its average). Under "mean" stand the trainings, one after another, of
each way that was averaged.

## Scores

Test side; the questions of each set are drawn, the same ones every time, and those with an answer are scored.
95 % intervals by bootstrap in brackets.

{scores}

On the development slice, where checkpoints were chosen and the probability calibrated: {dev}.

## What it cannot do

- Languages that MiniLM does not know: English alone was trained on.
- Tables and columns of numbers, "why" and "how" questions, yes and no: the training data hardly has them.
- An answer that stands in several places, or must be worked out from several: it points at one span.
- Whether what a passage says is true.
"""


def card(file: Path, sha256: str, scores: Sequence[dict[str, Any]]) -> str:
    """The card's text. Raises ModelMissing or ModelDamaged for the weights."""
    _, facts = read_weights(file, sha256)
    training: Any = facts["training"]
    with file.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    dev: Any = facts.get("dev", {})
    figures = "; ".join(
        f"{name} gold EM {each['gold']['em']:.3f} F1 {each['gold']['f1']:.3f}, "
        f"retrieved EM {each['retrieved']['em']:.3f} F1 {each['retrieved']['f1']:.3f}"
        for name, each in dev.items()
    )
    before: list[str] = json.loads(training.get("before", "[]"))
    return CARD.format(
        name=file.name,
        size=file.stat().st_size,
        digest=digest,
        base=training["base"],
        data=training["data"],
        code=training["code"],
        config=", then ".join(f"`{each}`" for each in (*before, training["config"])),
        scores="\n".join(_rows(scores)) if scores else "Not measured yet.",
        dev=figures or "not measured",
    )


def _rows(scores: Sequence[dict[str, Any]]) -> list[str]:
    rows = ["| set (questions) | | EM | F1 |", "|---|---|---|---|"]
    rest = []
    for each in scores:
        for kind, label in (("gold", "gold passage"), ("retrieved", "four retrieved passages")):
            cells = [_interval(each[kind][name], each["intervals"][kind][name]) for name in ("em", "f1")]
            rows.append(f"| {each['set']} ({each['questions']}) | {label} | {cells[0]} | {cells[1]} |")
        if "declined" in each:
            adversarial, off_topic = each["declined"]["adversarial"], each["declined"]["off_topic"]
            rest.append(
                f"{each['set']}, a library an article: declined adversarial questions at 90 / 80 % answered "
                f"{adversarial['at90']:.3f} / {adversarial['at80']:.3f}, off-topic {off_topic['at90']:.3f} / "
                f"{off_topic['at80']:.3f}; expected calibration error {each['ece']:.3f}."
            )
        held = [_interval(each["evidence"][name], each["intervals"]["evidence"][name]) for name in ("best1", "best3")]
        rest.append(f"{each['set']}: the best sentence holds the answer {held[0]}, one of the best three {held[1]}.")
    return [*rows, "", *rest]


def _interval(value: float, interval: Sequence[float]) -> str:
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", type=Path, nargs="*", default=[], help="results of evaluate.span_reader")
    args = parser.parse_args()
    try:
        text = card(FILE, SHA256, [json.loads(path.read_text(encoding="utf-8")) for path in args.scores])
    except LecternError as error:
        sys.exit(str(error))
    write_atomically(FILE.parent / "MODEL_CARD.md", text.encode(), private=False)


if __name__ == "__main__":
    main()
