"""Whether the documents answer: three points of one curve, in numbers that can be checked by hand."""

import math

import pytest

from app.answer.answerability import (
    READ_THRESHOLDS,
    SCORE_THRESHOLDS,
    SCORE_WEIGHT,
    is_answerable,
    is_pointed_at,
    sureness,
)
from app.answer.evidence import Evidence
from app.answer.question import Question
from core.types import Citation, Locator

ROW = Citation("d", "pump.md", Locator(None, ""), "P3-E11: leak at the shaft seal", 0, 30, 0.1)


def test_each_point_is_stricter_than_the_one_before():
    for thresholds in (READ_THRESHOLDS, SCORE_THRESHOLDS):
        assert thresholds["lenient"] < thresholds["balanced"] < thresholds["strict"]


def test_probability_and_score_count_together():
    assert sureness(0.5, 0.0) == 0.0
    assert sureness(0.5, 0.5) == pytest.approx(SCORE_WEIGHT / 2)
    assert sureness(0.731, 0.0) == pytest.approx(1.0, abs=0.01)
    assert sureness(0.0, 0.0) == -5.0
    assert sureness(1.0, 0.0) == 5.0


def test_what_lies_between_two_points_is_answered_by_the_milder_one():
    between = (READ_THRESHOLDS["balanced"] + READ_THRESHOLDS["strict"]) / 2
    evidence = Evidence((ROW,), None, 1 / (1 + math.exp(-between)), 0.0)
    assert is_answerable(evidence, "balanced")
    assert not is_answerable(evidence, "strict")


def test_without_the_reader_the_score_decides_alone():
    between = (SCORE_THRESHOLDS["lenient"] + SCORE_THRESHOLDS["balanced"]) / 2
    evidence = Evidence((ROW,), None, None, between)
    assert is_answerable(evidence, "lenient")
    assert not is_answerable(evidence, "balanced")


@pytest.mark.parametrize(
    ("question", "pointed"),
    [
        (Question("Why is it leaking?", form="why"), False),
        (Question("What does P3-E11 stand for?", form="plain"), False),
        (Question("What does P3-E12 stand for?", form="plain"), True),
        (Question("Where is it leaking?", form="plain"), True),
    ],
)
def test_where_no_words_can_be_pointed_at_the_sentence_is_enough(question, pointed):
    evidence = Evidence((ROW,), None, 0.01, SCORE_THRESHOLDS["balanced"])
    assert is_pointed_at(question, evidence) == pointed
    assert is_answerable(evidence, "balanced", pointed=pointed) != pointed
    assert not is_answerable(evidence, "strict", pointed=pointed)


def test_nothing_is_no_answer():
    assert not is_answerable(Evidence(()), "lenient")
