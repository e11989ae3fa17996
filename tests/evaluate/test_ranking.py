"""Ranking metrics on rankings short enough to compute by hand."""

import math

import pytest

from evaluate.ranking import by_place, first_of_each, metric_names, score_rankings

RELEVANT = {"q1": {"a": 1}, "q2": {"b": 1, "c": 1}, "q3": {"d": 2, "e": 1}, "q4": {"z": 1}}
RANKINGS = {"q1": ["x", "a", "y"], "q2": ["b", "x", "y", "c"], "q3": ["e", "d"]}


def scored() -> dict[str, dict[str, float]]:
    table = score_rankings(RANKINGS, RELEVANT, cutoffs=(1, 3))
    return {q: dict(zip(metric_names((1, 3)), row, strict=True)) for q, row in zip(RELEVANT, table, strict=True)}


def test_metrics_are_those_computed_by_hand() -> None:
    found = scored()
    assert found["q1"] == pytest.approx(
        {
            "hit@1": 0, "hit@3": 1, "recall@1": 0, "recall@3": 1, "mrr@1": 0, "mrr@3": 0.5,
            "ndcg@1": 0, "ndcg@3": 1 / math.log2(3), "map": 0.5,
        }
    )  # fmt: skip
    assert found["q2"]["recall@1"] == found["q2"]["recall@3"] == 0.5
    assert found["q2"]["map"] == pytest.approx((1 + 2 / 4) / 2)
    assert found["q2"]["ndcg@3"] == pytest.approx(1 / (1 + 1 / math.log2(3)))
    assert found["q3"]["ndcg@3"] == pytest.approx((1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))


def test_a_question_without_a_ranking_scores_nothing() -> None:
    assert set(scored()["q4"].values()) == {0.0}


def test_equal_scores_keep_the_order_that_was_given() -> None:
    order = [f"d{number}" for number in range(50)]
    table = score_rankings({"q": order}, {"q": {"d7": 1}}, cutoffs=(10,))
    assert table[0, metric_names((10,)).index("mrr@10")] == pytest.approx(1 / 8)


def test_documents_are_ranked_by_their_best_passage() -> None:
    assert first_of_each(["a", "a", "b", "a"]) == ["a", "b"]


def test_a_second_passage_of_a_file_takes_a_place_and_answers_nothing() -> None:
    ranking = by_place(["a", "a", "b"])
    table = score_rankings({"q": ranking}, {"q": {"a": 1, "b": 1}}, cutoffs=(2, 3))
    found = dict(zip(metric_names((2, 3)), table[0], strict=True))
    assert found["recall@2"] == 0.5
    assert found["recall@3"] == 1.0
    assert found["map"] == pytest.approx((1 + 2 / 3) / 2)
