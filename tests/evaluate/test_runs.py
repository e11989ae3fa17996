"""Runs: what is kept of them, and what happens to one that is interrupted."""

from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import Settings, load_settings
from evaluate.runs import Run, make_record
from index.search.parameters import DEFAULTS, SearchParameters


def record(settings: Settings | None = None, parameters: SearchParameters = DEFAULTS, **data: str) -> dict[str, object]:
    settings = settings or load_settings()
    return make_record("retrieval", settings, {"set": "made", **data}, {}, {"split": "all"}, parameters)


def test_an_interrupted_run_is_gone_on_with(home: Path) -> None:
    run = Run.start(home, record())
    run.add({"id": "q0", "value": 1})
    run.add({"id": "q1", "value": "line\u2028separator"})
    again = Run.start(home, record())
    assert again.id == run.id
    assert again.rows == run.rows


def test_a_line_that_a_killed_process_left_unfinished_is_cut_off(home: Path) -> None:
    run = Run.start(home, record())
    run.add({"id": "q0"})
    lines = run.folder / "rows.jsonl"
    with lines.open("a") as file:
        file.write('{"id": "q1", "va')
    again = Run.start(home, record())
    assert list(again.rows) == ["q0"]
    again.add({"id": "q1"})
    assert list(Run.start(home, record()).rows) == ["q0", "q1"]


def test_a_finished_run_is_begun_anew(home: Path) -> None:
    run = Run.start(home, record())
    run.add({"id": "q0"})
    run.finish({})
    assert Run.start(home, record()).rows == {}


def test_fresh_forgets_what_was_done(home: Path) -> None:
    Run.start(home, record()).add({"id": "q0"})
    assert Run.start(home, record(), fresh=True).rows == {}


def test_other_data_or_settings_are_another_run(home: Path) -> None:
    ids = {
        Run.start(home, record()).id,
        Run.start(home, record(documents="other")).id,
        Run.start(home, record(load_settings(passages=9))).id,
        Run.start(home, record(parameters=SearchParameters(dense_weight=0.9))).id,
    }
    assert len(ids) == 4


def test_the_record_says_what_it_takes_to_repeat_the_run(home: Path) -> None:
    run = Run.start(home, record())
    identity = run.record["identity"]
    assert identity["settings"]["chunk_tokens"] == load_settings().chunk_tokens
    assert identity["settings"]["dense_weight"] == DEFAULTS.dense_weight
    assert {"python", "faiss-cpu", "torch"} <= identity["versions"].keys()
    assert len(identity["program"]) == 64
    assert run.record["machine"]["cores"] >= 1


def test_a_run_is_found_by_the_beginning_of_its_id(home: Path) -> None:
    run = Run.start(home, record())
    with pytest.raises(UsageError, match="no finished run"):
        Run.load(home, run.id)
    run.finish({})
    assert Run.load(home, run.id[:6]).id == run.id
    with pytest.raises(UsageError):
        Run.load(home, "../" + run.id)
