"""What is prepared to train on: exact places of answers, and nothing of the test side."""

import json
from pathlib import Path

import pytest

from core.errors import UsageError
from evaluate.span_data import load_set, read_jsonl
from training.span_reader.prepare import prepare

TITLES = [f"Town {number:02}" for number in range(12)]


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_set(folder: Path) -> None:
    """Two passages a town; of each town's founder a question with its answer and one without."""
    corpus, queries, relevant = [], [], ["query-id\tcorpus-id\tscore"]
    for number, title in enumerate(TITLES):
        name, mill = f"{folder.name}-{title}", f"{folder.name}-{title}-mill"
        corpus.append(
            {"_id": name, "title": title, "text": f"{title} was founded by Founder{number:02} in 18{number:02}."}
        )
        corpus.append({"_id": mill, "title": title, "text": f"A mill of {title} stands by the river."})
        asked = f"Who founded {title}?"
        queries.append({"_id": f"a{number}", "text": asked, "answers": [f"Founder{number:02}"], "passage": name})
        queries.append({"_id": f"u{number}", "text": f"Who burnt {title}?", "answers": [], "passage": name})
        relevant.append(f"a{number}\t{name}\t1")
    write_lines(folder / "corpus.jsonl", corpus)
    write_lines(folder / "queries.jsonl", queries)
    (folder / "qrels.tsv").write_text("\n".join(relevant) + "\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in ("squad2-dev", "nq-oracle"):
        write_set(folder / name)
    key = "Wiki1k:wikipedia:7:1:"
    sentences = ["Ada sells lanterns in Oslo.", "Boris mends clocks.", "It rains in June."]
    write_lines(
        folder / "qamr/sentences.jsonl", [{"_id": f"{key}{n}", "text": text} for n, text in enumerate(sentences)]
    )
    question = {"sentence": f"{key}0", "question": "What is sold?", "start": 10, "end": 18, "answer": "lanterns"}
    write_lines(folder / "qamr/questions.jsonl", [question])
    return folder


def test_the_test_side_is_not_written(data: Path, tmp_path: Path) -> None:
    prepare(data, tmp_path)
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    for name in ("squad2-dev", "nq-oracle"):
        tested = load_set(data / name).passages_of("test")
        assert tested
        assert not any(f'"{passage.id}"' in written for passage in tested)


def test_answers_stand_where_it_is_said(data: Path, tmp_path: Path) -> None:
    counts = prepare(data, tmp_path)
    assert counts["qamr train"] == 1
    texts = {row["_id"]: row["text"] for row in read_jsonl(tmp_path / "passages.jsonl")}
    for row in read_jsonl(tmp_path / "examples.jsonl"):
        assert [texts[row["passage"]][start:end] for start, end in row["spans"]] == row["answers"]
        assert row["passage"] not in row["negatives"]
        assert not any(answer in texts[key] for answer in row["answers"] for key in row["negatives"])
        assert row["negatives"]


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="squad2-dev"):
        prepare(tmp_path, tmp_path / "out")
