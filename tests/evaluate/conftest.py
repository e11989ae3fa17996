"""Sets small enough to know every answer, and a home of their own for each test."""

import json
from pathlib import Path

import pytest

from core.protocols import Embedder

PASSAGES = {
    "boat#0": ("Boathouse", "The lease of the boathouse was signed by Ada Marsh on 3 March 2021."),
    "boat#1": ("Boathouse", "Rent for the boathouse is 420 pounds a month, due on the first Monday."),
    "kelp#0": ("Kelp survey", "Divers counted 1,310 kelp plants along the northern reef in August."),
    "kelp#1": ("Kelp survey", "Sea urchins had eaten most of the kelp near the harbour wall."),
    "pump#0": ("Pump manual", "Pump P3 must be primed with two litres of fresh water before it is started."),
    "pump#1": ("Pump manual", "A worn impeller makes pump P3 rattle and lose pressure."),
}
QUESTIONS = [
    ("q0", "Who signed the lease of the boathouse?", ["Ada Marsh"], "boat#0"),
    ("q1", "How much is the rent for the boathouse?", ["420 pounds"], "boat#1"),
    ("q2", "How many kelp plants did the divers count?", ["1,310"], "kelp#0"),
    ("q3", "What ate the kelp near the harbour wall?", ["Sea urchins", "urchins"], "kelp#1"),
    ("q4", "How is pump P3 primed?", ["with two litres of fresh water"], "pump#0"),
    ("q5", "Why does pump P3 rattle?", ["a worn impeller"], "pump#1"),
]
UNANSWERABLE = ("q6", "Who painted the ceiling of the opera house in Vienna?", [], "boat#0")


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a home of its own and a terminal that is wide enough for its tables."""
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def loaded(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Embedder:
    """The real embedder, loaded once for all commands of all tests."""
    monkeypatch.setattr("index.embed.load_embedder", lambda settings: embedder)
    return embedder


@pytest.fixture
def passage_set(tmp_path: Path) -> Path:
    """Six passages, a question on each and one that nothing answers, in the layout of BEIR."""
    folder = tmp_path / "station"
    folder.mkdir()
    rows = [{"_id": name, "title": title, "text": text} for name, (title, text) in PASSAGES.items()]
    write_jsonl(folder / "corpus.jsonl", rows)
    queries = [
        {"_id": key, "text": text, "answers": answers, "passage": passage}
        for key, text, answers, passage in [*QUESTIONS, UNANSWERABLE]
    ]
    write_jsonl(folder / "queries.jsonl", queries)
    lines = ["query-id\tcorpus-id\tscore", *(f"{key}\t{passage}\t1" for key, _, _, passage in QUESTIONS)]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def span_set(tmp_path: Path) -> Path:
    """One text of two far-apart facts with the exact spans that answer, in the layout of chunking_evaluation."""
    folder = tmp_path / "spans"
    (folder / "corpora").mkdir(parents=True)
    filler = "The tide came in and went out again as it does twice a day. " * 40
    text = f"The lease was signed by Ada Marsh.\n\n{filler}\n\nPump P3 needs two litres of water.\n"
    (folder / "corpora" / "notes.md").write_bytes(text.encode())
    lines = ["question,references,corpus_id"]
    for question, quote in (
        ("Who signed the lease?", "signed by Ada Marsh"),
        ("What does pump P3 need?", "two litres"),
    ):
        start = text.index(quote)
        reference = json.dumps([{"content": quote, "start_index": start, "end_index": start + len(quote)}])
        lines.append(f'{question},"{reference.replace(chr(34), chr(34) * 2)}",notes')
    (folder / "questions_df.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
