"""Answers: scores from rows made by hand, and the whole line with the real models."""

import json
import math
from pathlib import Path

import pytest

from evaluate.answers import answer_notes, score_answers, score_citations
from evaluate.program import run as lectern
from evaluate.sets import SetQuestion

ANSWERABLE = SetQuestion("q0", "Who signed?", {"lease": 1}, ("Ada Marsh",), "lease", "lease")
OTHER = SetQuestion("q1", "How much is the rent?", {"lease": 1, "rent": 1}, ("420 pounds",), "rent", "rent")
NOTHING = SetQuestion("q2", "Who painted it?", {}, (), "lease", "lease")


def said(text: str, *citations: tuple[str, str], found: bool = True) -> dict[str, object]:
    cited = [[key, 0, len(quote), quote] for key, quote in citations]
    return {"text": text, "found": found, "citations": cited, "ms": 5.0}


def scored(questions: list[SetQuestion], answers: list[dict[str, object]]) -> dict[str, float]:
    rows = {q.id: {"id": q.id, "stages": {"answer": answer}} for q, answer in zip(questions, answers, strict=True)}
    return score_answers(questions, rows).summary()["answer"]


def test_a_right_answer_and_a_declined_one() -> None:
    found = scored(
        [ANSWERABLE, OTHER, NOTHING],
        [said("Ada Marsh.", ("lease", "signed by Ada Marsh")), said("not found", found=False), said("", found=False)],
    )
    assert found["em"] == found["f1"] == found["answered"] == 0.5
    assert found["declined"] == 1.0
    assert found["squad2_em"] == pytest.approx(2 / 3)
    assert (found["ms_p50"], found["ms_p95"]) == (5.0, 5.0)


def test_an_answer_to_a_question_that_has_none_is_wrong() -> None:
    found = scored([NOTHING], [said("Michelangelo")])
    assert (found["declined"], found["squad2_f1"]) == (0.0, 0.0)
    assert "em" not in found


def test_what_a_declined_answer_says_scores_nothing() -> None:
    assert scored([ANSWERABLE], [said("Ada Marsh", found=False)])["f1"] == 0.0


def test_citations_are_judged_by_document_and_by_words() -> None:
    cited = [["lease", 0, 9, "Ada Marsh"], ["kelp", 0, 4, "kelp"]]
    assert score_citations(cited, ANSWERABLE) == (0.5, 1.0, 1.0)
    assert score_citations([["rent", 0, 8, "a sum of"]], OTHER) == (1.0, 0.5, 0.0)
    precision, recall, holds = score_citations([], OTHER)
    assert math.isnan(precision)
    assert (recall, holds) == (0.0, 0.0)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("loaded")
def test_the_whole_line_is_measured_beside_the_model_alone(
    passage_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_ANSWER", "model")
    monkeypatch.setenv("LECTERN_ANSWER_TOKENS", "24")
    keep_only(passage_set / "queries.jsonl", {"q0", "q6"})
    json_file = tmp_path / "a.json"
    assert lectern(["eval", "answers", "--data", str(passage_set), "--perplexity", "--json", str(json_file)]) == 0
    result = json.loads(json_file.read_text())
    stages = result["stages"]
    assert list(stages) == ["answer", "evidence", "words", "draft", "closed_book"]
    assert stages["words"]["em"] == stages["evidence"]["best_holds"] == stages["evidence"]["three_hold"] == 1.0
    assert stages["answer"]["support_precision"] == stages["answer"]["support_recall"] == 1.0
    assert stages["answer"]["contradicted"] == stages["answer"]["asserted"] == 0.0
    assert 0 < stages["evidence"]["ms_p50"] < stages["answer"]["first_token_ms_p50"] < stages["answer"]["ms_p95"]
    assert stages["answer"]["tokens_prompt"] > stages["answer"]["tokens_answer"] > 0
    assert stages["evidence"]["contains"] == 1.0
    assert stages["evidence"]["citation_precision"] == 1.0
    assert stages["closed_book"]["em"] == 0.0
    assert {"f1", "rouge1", "rouge2", "rougeL", "bleu", "answered", "declined"} <= stages["answer"].keys()
    # Having read the sentence that says so, the model expects the name far more.
    assert stages["answer"]["nats"] < stages["closed_book"]["nats"] - 1
    assert "Perplexity of the reference answers" in result["notes"][0]
    models = result["record"]["identity"]["models"]
    assert len(models["chat"]) == len(models["reader"]) == 64


def test_a_question_that_failed_counts_as_declined_and_is_told() -> None:
    rows = {"q0": {"id": "q0", "stages": {"answer": said("", found=False)}, "error": "the engine stopped."}}
    scores = score_answers([ANSWERABLE], rows)
    assert scores.summary()["answer"]["answered"] == 0.0
    assert "1 questions ended in an error" in answer_notes(rows, scores)[0]


def keep_only(path: Path, ids: set[str]) -> None:
    rows = [line for line in path.read_text().splitlines() if json.loads(line)["_id"] in ids]
    path.write_text("\n".join(rows) + "\n")
