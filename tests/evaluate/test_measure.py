"""`lectern eval` on made sets with the real embedder, index and search."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from evaluate.program import run as lectern
from index.search.retriever import Retriever

pytestmark = pytest.mark.usefixtures("loaded")


def evaluate(*arguments: str | Path) -> int:
    return lectern(["eval", *map(str, arguments)])


def test_retrieval_is_measured_stage_by_stage(passage_set: Path, tmp_path: Path, capsys: Any) -> None:
    json_file, csv_file, page = tmp_path / "r.json", tmp_path / "r.csv", tmp_path / "r.html"
    code = evaluate("retrieval", "--data", passage_set, "--json", json_file, "--csv", csv_file, "--html", page)
    assert code == 0
    found = json.loads(json_file.read_text())
    assert (found["set"], found["command"], found["questions"]) == ("station", "retrieval", 6)
    assert list(found["stages"]) == ["dense", "words", "fused", "distinct", "passages"]
    for stage in found["stages"].values():
        assert stage["hit@5"] == 1.0
        assert stage["ndcg@10"] > 0.8
        assert 0 < stage["ms_p50"] <= stage["ms_p95"]
    low, high = found["intervals"]["fused"]["hit@1"]
    assert low <= found["stages"]["fused"]["hit@1"] <= high
    assert found["record"]["identity"]["models"]["embedder"]
    assert "station: 6 questions" in capsys.readouterr().out

    with csv_file.open(newline="") as lines:
        rows = {(row["stage"], row["metric"]): row["value"] for row in csv.DictReader(lines)}
    assert float(rows["words", "hit@5"]) == 1.0

    html = page.read_text()
    assert "<svg" in html
    assert not any(remote in html for remote in ("<script", "src=", "<link", "@import", "url(http"))

    library = next((tmp_path / "home" / "evaluation" / "libraries").iterdir()) / "library.sqlite"
    before = library.stat().st_mtime_ns
    assert evaluate("retrieval", "--data", passage_set, "--sample", "2") == 0
    assert library.stat().st_mtime_ns == before, "a second run must use the library that is there"


def test_an_interrupted_run_asks_only_what_is_left(
    passage_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    trace = Retriever.trace

    def stopped(self: Retriever, question: str, k: int | None = None) -> Any:
        if len(asked) == 4:
            raise KeyboardInterrupt
        asked.append(question)
        return trace(self, question, k)

    monkeypatch.setattr(Retriever, "trace", stopped)
    assert evaluate("retrieval", "--data", passage_set) == 130
    _warm_up, *done = asked
    asked.clear()

    def watched(self: Retriever, question: str, k: int | None = None) -> Any:
        asked.append(question)
        return trace(self, question, k)

    monkeypatch.setattr(Retriever, "trace", watched)
    json_file = tmp_path / "r.json"
    assert evaluate("retrieval", "--data", passage_set, "--json", json_file) == 0
    assert len(asked[1:]) == 3
    assert not set(asked[1:]) & set(done)
    resumed = json.loads(json_file.read_text())["stages"]
    assert evaluate("retrieval", "--data", passage_set, "--fresh", "--json", json_file) == 0
    fresh = json.loads(json_file.read_text())["stages"]
    assert {stage: values["ndcg@10"] for stage, values in resumed.items()} == {
        stage: values["ndcg@10"] for stage, values in fresh.items()
    }


def test_a_second_configuration_is_compared_question_by_question(
    passage_set: Path, tmp_path: Path, capsys: Any
) -> None:
    json_file = tmp_path / "r.json"
    code = evaluate("retrieval", "--data", passage_set, "--compare", "dense_weight=0", "--json", json_file)
    assert code == 0
    comparison = json.loads(json_file.read_text())["comparison"]
    assert comparison["changed"] == {"dense_weight": "0"}
    difference = comparison["differences"]["fused"]["mrr@10"]
    assert difference["verdict"] == "not shown"
    assert difference["change"] == pytest.approx(difference["second"] - difference["first"])
    assert "does dense_weight=0 help?" in capsys.readouterr().out

    assert evaluate("runs") == 0
    runs = capsys.readouterr().out
    first = json.loads(json_file.read_text())["run"]
    assert first in runs
    assert comparison["run"] in runs
    assert evaluate("compare", first, comparison["run"]) == 0
    assert "does dense_weight=0.0 help?" in capsys.readouterr().out


def test_chunks_are_measured_alone_and_as_they_are_retrieved(span_set: Path, tmp_path: Path) -> None:
    json_file = tmp_path / "c.json"
    assert evaluate("chunks", "--data", span_set, "--json", json_file) == 0
    stages = json.loads(json_file.read_text())["stages"]
    assert stages["chunks"]["recall"] == 1.0
    assert stages["passages"]["recall"] == 1.0
    assert stages["chunks"]["iou"] == pytest.approx(stages["chunks"]["precision"])
    assert stages["words"]["precision"] <= stages["chunks"]["precision"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["retrieval", "--data", "nowhere"], "There is no folder nowhere"),
        (["retrieval", "--data", "EMPTY"], "is not a set of questions"),
        (["retrieval", "--data", "SET", "--compare", "dense_weight"], "is not NAME=VALUE"),
        (["retrieval", "--data", "SET", "--compare", "dense_weight=lots"], "setting 'dense_weight'"),
        (["retrieval", "--data", "SET", "--compare", "dense_weight=2"], "setting 'dense_weight'"),
        (["retrieval", "--data", "SET", "--compare", "proximity=0.6"], "--compare changes nothing"),
        (["retrieval", "--data", "SET", "--compare", "no_such=1"], "setting 'no_such'"),
        (["retrieval", "--data", "SET", "--json", "no/such/folder/r.json"], "There is no folder"),
        (["chunks", "--data", "SET"], "has no exact spans"),
        (["compare", "abc", "def"], "no finished run 'abc'"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(
    passage_set: Path, tmp_path: Path, capsys: Any, arguments: list[str], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"SET": str(passage_set), "EMPTY": str(tmp_path / "empty")}
    assert evaluate(*(places.get(argument, argument) for argument in arguments)) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_a_missing_extra_is_named(passage_set: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ir_measures", None)
    assert evaluate("retrieval", "--data", passage_set, "--sample", "1") == 2
    assert "lectern[eval]" in capsys.readouterr().err


def test_clear_deletes_sets_and_leaves_libraries(passage_set: Path, home: Path, capsys: Any) -> None:
    own = home / "libraries" / "default"
    own.mkdir(parents=True)
    assert evaluate("retrieval", "--data", passage_set, "--sample", "1") == 0
    assert (home / "evaluation").exists()
    assert evaluate("clear") == 0
    assert not (home / "evaluation").exists()
    assert own.exists()
