"""The figures of a span reader whose answers are known."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluate.span_reader import run
from index.reader.span_reader import AnswerSpan, SpanReading

TOWNS = ("Arden", "Breck", "Corve", "Dunmo")


class NumberReader:
    """Points at the last word of a passage that names the question's town: right where that is the year."""

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> SpanReading:
        town = question.split()[-1].rstrip("?")
        spans = []
        for text in passages:
            start = text.rindex(" ") + 1
            score = 2.0 if town in text and "built" in question else -2.0
            spans.append((AnswerSpan(start, len(text) - 1, text[start:-1], score),))
        return SpanReading(tuple(spans), 0.9 if any(each[0].score > 0 for each in spans) else 0.1)


class LetterEmbedder:
    """Counts letters: close enough for texts that share a town's name."""

    name, dimension, window = "letters", 26, 256

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_question(text) for text in texts])

    def embed_question(self, text: str) -> NDArray[np.float32]:
        counts = np.array([text.lower().count(chr(97 + n)) for n in range(26)], dtype=np.float32)
        return counts / max(float(np.linalg.norm(counts)), 1.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus, queries, relevant = [], [], ["query-id\tcorpus-id\tscore"]
    for number, town in enumerate(TOWNS):
        corpus.append({"_id": town, "title": town, "text": f"The mill of {town} was built in 190{number}."})
        queries.append({"_id": f"a{town}", "text": f"When was the mill built in {town}?", "answers": [f"190{number}"]})
        queries.append({"_id": f"u{town}", "text": f"Who burnt {town}?", "answers": [], "passage": town})
        relevant.append(f"a{town}\t{town}\t1")
    for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "qrels.tsv").write_text("\n".join(relevant) + "\n")
    return tmp_path


def test_a_reader_that_is_right_gets_full_marks(folder: Path) -> None:
    figures = run(folder, "test", NumberReader(), LetterEmbedder(), progress=lambda _: None)  # type: ignore[arg-type]
    assert figures["questions"] == 8
    assert figures["gold"] == figures["retrieved"] == {"em": 1.0, "f1": 1.0}
    assert figures["own_passage"] == {"retrieved": 1.0, "chosen": 1.0}
    assert figures["evidence"] == {"best1": 1.0, "best3": 1.0}
    assert figures["declined"] == {
        "adversarial": {"at90": 1.0, "at80": 1.0},
        "off_topic": {"at90": 1.0, "at80": 1.0},
    }
    assert figures["ece"] == pytest.approx(0.1)
    assert json.loads(json.dumps(figures))["set"] == folder.name
