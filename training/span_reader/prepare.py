"""Data sets -> examples to train on: ``python -m training.span_reader.prepare --data DIR --out DIR``.

Writes passages.jsonl, examples.jsonl and manifest.json. The test side of no set is written.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.digests import sha256_of
from core.errors import LecternError
from core.protocols import Embedder
from core.settings import load_settings
from evaluate.span_data import Side, SpanSet, load_set, read_jsonl
from evaluate.span_retrieval import score
from evaluate.span_scores import find_answers
from index.embed import load_embedder

NEGATIVES = 12
"""Passages kept for a question as not its own, from the top of a retrieval: enough to draw others in every pass."""
RETRIEVED = 40
"""Passages retrieved to find them in."""
MOST_SPANS = 8
"""Places of an answer in its passage that are kept: more is a common word rather than an answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the passage it belongs to, and where in it the answer may stand (characters, end exclusive).

    Without ``spans`` the passage does not answer it. ``negatives`` are ids of passages that do not answer it
    either but look as if they might, best first.
    """

    id: str
    set: str
    side: Side
    question: str
    passage: str
    answers: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    negatives: tuple[str, ...]


def examples_of_set(data: SpanSet, embedder: Embedder) -> Iterator[Example]:
    """The training and development questions of a set, each with the passages retrieved for it that are not its own."""
    passages = data.passages_of("train", "dev")
    texts = {passage.id: passage.text for passage in passages}
    questions = data.questions_of("train", "dev")
    scores = score([question.text for question in questions], [passage.text for passage in passages], embedder)
    sides = {passage.id: passage.side for passage in passages}
    for row, question in enumerate(questions):
        spans = find_answers(texts[question.passage], question.answers)
        if question.answers and not spans:
            continue
        negatives = []
        for place in scores.top(row, RETRIEVED):
            candidate = passages[place].id
            same_side = question.side == "dev" or sides[candidate] == "train"
            if candidate != question.passage and same_side and not find_answers(texts[candidate], question.answers):
                negatives.append(candidate)
        yield Example(
            question.id,
            data.name,
            question.side,
            question.text,
            question.passage,
            question.answers,
            spans[:MOST_SPANS],
            tuple(negatives[:NEGATIVES]),
        )


def examples_of_sentences(folder: Path) -> tuple[dict[str, str], list[Example]]:
    """QAMR: its sentences by id, and its questions; the negatives are the other sentences of the same article."""
    sentences = {row["_id"]: row["text"] for row in read_jsonl(folder / "sentences.jsonl")}
    articles: dict[str, list[str]] = defaultdict(list)
    for key in sentences:
        articles[_article(key)].append(key)
    for keys in articles.values():
        keys.sort(key=lambda key: [int(part) for part in key.split(":")[2:]])
    examples = []
    for number, row in enumerate(read_jsonl(folder / "questions.jsonl")):
        key, span = row["sentence"], (row["start"], row["end"])
        others = sorted(
            (other for other in articles[_article(key)] if other != key),
            key=lambda other: abs(articles[_article(key)].index(other) - articles[_article(key)].index(key)),
        )
        examples.append(
            Example(
                f"qamr-{number}",
                "qamr",
                "train",
                row["question"],
                key,
                (row["answer"],),
                (span,),
                tuple(others[:NEGATIVES]),
            )
        )
    return sentences, examples


def _article(key: str) -> str:
    return key.rsplit(":", 2)[0]


def prepare(data: Path, out: Path) -> dict[str, int]:
    """Write the examples of all sets below ``data`` into ``out``; the number of examples by set and side.

    Raises UsageError where a set is missing.
    """
    embedder = load_embedder(load_settings(embedder="bundled"))
    sets = [load_set(data / name) for name in ("squad2-dev", "nq-oracle")]
    texts, examples = examples_of_sentences(data / "qamr")
    for each in sets:
        texts |= {passage.id: passage.text for passage in each.passages_of("train", "dev")}
        examples.extend(examples_of_set(each, embedder))
    out.mkdir(parents=True, exist_ok=True)
    with (out / "passages.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"_id": key, "text": text}) + "\n" for key, text in texts.items())
    with (out / "examples.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(example)) + "\n" for example in examples)
    counts: dict[str, int] = defaultdict(int)
    for example in examples:
        counts[f"{example.set} {example.side}"] += 1
    sources = sorted(path for name in ("qamr", "squad2-dev", "nq-oracle") for path in (data / name).glob("*.[jt]s*"))
    manifest = {
        "sources": {str(path.relative_to(data)): sha256_of(path) for path in sources},
        "examples": sha256_of(out / "examples.jsonl"),
        "passages": sha256_of(out / "passages.jsonl"),
        "counts": dict(counts),
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return dict(counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds qamr, squad2-dev and nq-oracle")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the examples to")
    args = parser.parse_args()
    try:
        for name, count in prepare(args.data, args.out).items():
            print(f"{count:7,} {name}")
    except LecternError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
