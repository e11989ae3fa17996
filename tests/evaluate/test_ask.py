"""`lectern eval ask` on sets made here, with the real embedder and search and a model that says what it is told to."""

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import EngineStopped
from evaluate.program import run as lectern
from tests.evaluate.conftest import write_jsonl
from tests.evaluate.told import SAYS, ToldEngine

pytestmark = pytest.mark.usefixtures("loaded")

DOCS = {
    "lease.txt": "The lease of the boathouse was signed by Ada Marsh on 3 March 2021. The rent is 420 pounds a month.",
    "mill.txt": "The lease of the mill was signed by Tom Rook on 9 June 2019. The rent is 815 pounds a month.",
    "pump.txt": "Pump P3 must be primed with two litres of fresh water before it is started.",
}
SIGNED = {"id": "s-1", "question": "Who signed the lease of the boathouse?"}
PRIMED = {"id": "s-2", "question": "What must pump P3 be primed with?"}
RENT = {"id": "s-3", "question": "How high is the rent?", "document": "mill.txt"}
TALK = {"id": "t", "turns": [{"user": "Who signed the lease of the mill?"}, {"user": "And of the boathouse?"}]}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ToldEngine:
    told = ToldEngine()
    monkeypatch.setenv("LECTERN_ANSWER", "model")
    monkeypatch.setattr("generate.load.load_engine", lambda settings: told)
    monkeypatch.setattr("evaluate.ask.chat_hash", lambda settings: "sha-of-told")
    return told


@pytest.fixture
def make_set(tmp_path: Path) -> Callable[..., Path]:
    """Make a set's folder of these rows over ``DOCS``."""

    def make(*rows: dict[str, Any], name: str = "papers") -> Path:
        folder = tmp_path / name
        (folder / "docs").mkdir(parents=True)
        for file, text in DOCS.items():
            (folder / "docs" / file).write_text(text)
        for file, chosen in (
            ("questions.jsonl", [row for row in rows if "turns" not in row]),
            ("dialogues.jsonl", [row for row in rows if "turns" in row]),
        ):
            if chosen:
                write_jsonl(folder / file, chosen)
        return folder

    return make


def ask(data: Path, out: Path, *more: str) -> int:
    return lectern(["eval", "ask", "--data", str(data), "--out", str(out), *more])


def answers(out: Path) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def test_each_question_has_a_row_with_all_that_a_scorer_reads(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "a.jsonl"
    assert ask(make_set(SIGNED, PRIMED), out) == 0
    rows = answers(out)
    assert list(rows) == ["s-1", "s-2"]
    row = rows["s-1"]
    assert row["answer"] == SAYS["boathouse"]
    assert (row["found"], row["doubt"]) == (True, False)
    assert (row["citations"][0]["document"], row["citations"][0]["page"]) == ("lease.txt", None)
    assert "signed by Ada Marsh" in row["citations"][0]["quote"]
    assert 0 < row["first_token_seconds"] <= row["seconds"]
    assert row["tokens"] == {"prompt": 50, "reused": 8, "answer": 9}
    assert "2 answers" in capsys.readouterr().out


def test_what_the_documents_do_not_say_is_not_found(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    vienna = {"id": "v", "question": "Who painted the ceiling of the opera house in Vienna?"}
    assert ask(make_set(vienna), out) == 0
    row = answers(out)["v"]
    assert (row["found"], row["first_token_seconds"]) == (False, None)
    assert row["answer"]
    assert engine.prompts == []


def test_a_question_of_one_document_is_asked_of_it_alone(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    same_of_file = {"id": "s-4", "question": RENT["question"], "file": "mill.txt"}
    unknown = {"id": "s-5", "question": "How high is the rent?", "document": "barn.txt"}
    assert ask(make_set(RENT, same_of_file, unknown), out) == 0
    rows = answers(out)
    for name in ("s-3", "s-4"):
        assert {cited["document"] for cited in rows[name]["citations"]} == {"mill.txt"}
    assert all("420" not in message.content for prompt in engine.prompts for message in prompt[1:])
    assert "no document 'barn.txt'" in rows["s-5"]["error"]
    assert (rows["s-5"]["answer"], rows["s-5"]["found"]) == ("", False)


def test_the_turns_of_a_dialogue_are_one_conversation(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    assert ask(make_set(PRIMED, TALK), out) == 0
    rows = answers(out)
    assert list(rows) == ["s-2", "t#1", "t#2"]
    assert rows["t#2"]["citations"][0]["document"] == "lease.txt", (
        "the follow-up must be searched with what it is about"
    )
    first, second = engine.prompts[-2:]
    assert len(first) == 2, "another question is another conversation"
    assert [message.content for message in second][1:3] == [first[-1].content, SAYS["mill"]]


def test_passages_without_judgements_are_asked_and_cited_by_their_ids(
    passage_set: Path, engine: ToldEngine, tmp_path: Path
) -> None:
    (passage_set / "qrels.tsv").unlink()
    out = tmp_path / "a.jsonl"
    assert ask(passage_set, out) == 0
    rows = answers(out)
    assert list(rows) == [f"q{number}" for number in range(7)]
    assert rows["q0"]["citations"][0]["document"] == "boat#0"


def test_a_folder_of_sets_is_one_file_of_answers_and_a_library_each(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, home: Path
) -> None:
    make_set({"question": SIGNED["question"]}, TALK, name="sets/boats")
    pumps = make_set({"question": PRIMED["question"]}, {"question": SIGNED["question"]}, name="sets/pumps")
    (pumps / "docs" / "lease.txt").unlink()
    out = tmp_path / "a.jsonl"
    assert ask(tmp_path / "sets", out) == 0
    rows = answers(out)
    # dialogues.jsonl stands before questions.jsonl there, and its row has number 0.
    assert list(rows) == ["t#1", "t#2", "1", "2", "3"]
    assert rows["1"]["citations"][0]["document"] == "lease.txt"
    assert "lease.txt" not in {cited["document"] for cited in rows["3"]["citations"]}
    assert len(list((home / "evaluation" / "libraries").iterdir())) == 2


def test_a_sample_is_the_smallest_hashes_of_id_and_seed(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path
) -> None:
    ids = [f"a-{number:03}" for number in range(20)]
    data = make_set(*({"id": name, "question": PRIMED["question"]} for name in ids))
    expected = sorted(ids, key=lambda name: hashlib.md5(f"{name}1".encode()).hexdigest())[:3]
    out = tmp_path / "a.jsonl"
    assert ask(data, out, "--sample", "3", "--seed", "1") == 0
    assert list(answers(out)) == sorted(expected)


def test_a_run_is_gone_on_with_after_a_line_that_was_cut(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path
) -> None:
    data, out = make_set(SIGNED, PRIMED, TALK), tmp_path / "a.jsonl"
    assert ask(data, out) == 0
    whole = out.read_text().splitlines(keepends=True)
    kept = whole[0].replace("Ada Marsh", "Ada M.")
    out.write_text(kept + whole[1] + whole[2] + whole[3][:40])
    assert ask(data, out, "--resume") == 0
    rows = answers(out)
    assert list(rows) == ["s-1", "s-2", "t#1", "t#2"]
    assert rows["s-1"]["answer"].startswith("Ada M."), "what was done stays as it is"
    assert rows["t#2"]["answer"] == json.loads(whole[3])["answer"]


@pytest.mark.parametrize("mode", ["cot", "react"])
def test_what_was_written_under_a_grammar_is_played_back(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, mode: str
) -> None:
    data, first, second = make_set(SIGNED), tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    assert ask(data, first, "--mode", mode) == 0
    asked = len(engine.prompts)
    assert asked
    assert ask(data, second, "--mode", mode) == 0
    assert len(engine.prompts) == asked
    assert answers(second)["s-1"]["answer"] == answers(first)["s-1"]["answer"]


def test_what_the_model_wrote_is_played_back_and_its_time_counts(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, first, second = make_set(SIGNED, TALK), tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    engine.before = lambda: threading.Event().wait(0.7)  # type: ignore[assignment,return-value]
    assert ask(data, first) == 0
    asked, counted = len(engine.prompts), engine.counted
    assert asked == 3
    assert ask(data, second) == 0
    assert (len(engine.prompts), engine.counted, engine.loads) == (asked, counted, 1), "no model is even loaded"
    before, after = answers(first), answers(second)
    for name, row in after.items():
        assert {**row, "seconds": 0, "first_token_seconds": 0} == {
            **before[name], "seconds": 0, "first_token_seconds": 0
        }  # fmt: skip
        assert row["seconds"] >= row["first_token_seconds"] >= 0.7

    monkeypatch.setattr("evaluate.ask.chat_hash", lambda settings: "another file")
    assert ask(data, tmp_path / "c.jsonl") == 0
    assert len(engine.prompts) == 2 * asked, "another model has not written this"


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, capsys: Any
) -> None:
    data, out = make_set(SIGNED, PRIMED, TALK), tmp_path / "a.jsonl"

    def stop() -> None:
        if len(engine.prompts) == 2:
            raise KeyboardInterrupt

    engine.before = stop
    assert ask(data, out) == 130
    assert list(answers(out)) == ["s-1"]
    said = capsys.readouterr().err
    assert "1 of 4 answers" in said
    assert "--resume" in said
    assert ask(data, out, "--resume") == 0
    assert list(answers(out)) == ["s-1", "s-2", "t#1", "t#2"]


def test_a_question_that_fails_gets_a_row_that_says_so(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, capsys: Any
) -> None:
    def fail() -> None:
        if len(engine.prompts) == 1:
            raise EngineStopped("the model's process ended.", "Ask again.")

    engine.before = fail
    out = tmp_path / "a.jsonl"
    assert ask(make_set(SIGNED, PRIMED), out) == 0
    rows = answers(out)
    assert rows["s-1"]["error"] == "the model's process ended. Ask again."
    assert (rows["s-1"]["answer"], rows["s-1"]["found"]) == ("", False)
    assert rows["s-2"]["found"]
    assert "1 ended in an error" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_asked(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, capsys: Any
) -> None:
    data = make_set(SIGNED)
    (data / "docs" / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    assert ask(data, tmp_path / "a.jsonl") == 0
    assert answers(tmp_path / "a.jsonl")["s-1"]["found"]
    assert "Left out: broken.pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--data", "nowhere"], "There is no folder nowhere"),
        (["--data", "EMPTY"], "has no questions"),
        (["--data", "NODOCS"], "has no documents"),
        (["--data", "TWICE"], "2 questions have the id s-1"),
        (["--sample", "0"], "Invalid value for '--sample'"),
        (["--out", "no/such/folder/a.jsonl"], "There is no folder"),
        (["--out", "THERE"], "is there already"),
        (["--out", "OTHER", "--resume"], "holds no answers"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(
    make_set: Callable[..., Path], engine: ToldEngine, tmp_path: Path, capsys: Any, more: list[str], says: str
) -> None:
    places = {name: tmp_path / name.lower() for name in ("EMPTY", "NODOCS", "TWICE", "THERE", "OTHER")}
    places["EMPTY"].mkdir()
    places["NODOCS"].mkdir()
    write_jsonl(places["NODOCS"] / "questions.jsonl", [SIGNED])
    make_set(SIGNED, SIGNED, name="twice")
    places["THERE"].write_text('{"id": "s-1", "answer": ""}\n')
    places["OTHER"].write_text('{"question": "my own notes"}')
    data = make_set(SIGNED)
    given = [str(places.get(word, word)) for word in more]
    assert ask(data, tmp_path / "a.jsonl", *given) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert places["OTHER"].read_text() == '{"question": "my own notes"}'
    assert engine.loads == 0
