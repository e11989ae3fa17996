"""How often the evidence holds the answer, and what its score says about questions that have none.

    python benchmarks/evidence.py FOLDER [--questions 200]

FOLDER is SQuAD 2.0's development set in BEIR layout. Of its sorted titles every third is left alone for testing; of the
rest every second is the library. "Off-topic" are answerable questions of the articles that are not in it,
"adversarial" are SQuAD 2.0's own unanswerable ones.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.given import best_sentences
from core.settings import load_settings
from core.types import Citation, Document, Page
from index.add import add_documents
from index.embed import load_embedder
from index.library import Library
from index.retrieve import Retriever


def read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def as_document(row: dict[str, Any]) -> Document:
    text = row["text"]
    return Document(row["_id"], row["_id"], "text/plain", row["title"], text, (Page("lines", 1, "", 0, len(text)),))


def holds(evidence: Sequence[Citation], question: dict[str, Any]) -> bool:
    return any(answer in citation.quote for citation in evidence for answer in question["answers"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    options = parser.parse_args()
    corpus = {row["_id"]: row for row in read_lines(options.folder / "corpus.jsonl")}
    titles = sorted({row["title"] for row in corpus.values()})
    open_titles = [title for number, title in enumerate(titles) if number % 3]
    inside, outside = set(open_titles[::2]), set(open_titles[1::2])
    questions = read_lines(options.folder / "queries.jsonl")
    random.Random(0).shuffle(questions)

    def pick(among: set[str], *, answerable: bool) -> list[dict[str, Any]]:
        fit = [q for q in questions if corpus[q["passage"]]["title"] in among and bool(q["answers"]) == answerable]
        return fit[: options.questions]

    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home))
        embedder = load_embedder(settings)
        with Library.open(settings, create=True) as library:
            documents = [as_document(row) for row in corpus.values() if row["title"] in inside]
            add_documents(documents, library, embedder, settings)
            retriever = Retriever(library, embedder, settings)

            def evidence(question: dict[str, Any]) -> tuple[Citation, ...]:
                return best_sentences(question["text"], retriever.search(question["text"]).passages, embedder)

            answerable = pick(inside, answerable=True)
            found = [evidence(question) for question in answerable]
            best = np.mean([holds(e[:1], q) for e, q in zip(found, answerable, strict=True)])
            three = np.mean([holds(e, q) for e, q in zip(found, answerable, strict=True)])
            print(f"{len(answerable)} questions, {len(documents)} paragraphs:")
            print(f"the best sentence holds the answer for {best:.3f}, the best three for {three:.3f}\n")
            kinds = {
                "answerable": found,
                "adversarial": [evidence(question) for question in pick(inside, answerable=False)],
                "off-topic": [evidence(question) for question in pick(outside, answerable=True)],
            }
    print("| score | " + " | ".join(kinds) + " |\n|" + "---|" * (len(kinds) + 1))
    for score in np.arange(0.30, 0.61, 0.03):
        shares = (np.mean([bool(e) and e[0].score >= score for e in kind]) for kind in kinds.values())
        print(f"| {score:.2f} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")


if __name__ == "__main__":
    main()
