"""Scores of quoted words and of probabilities, by hand."""

import numpy as np
import pytest

from evaluate.span_scores import (
    bootstrap,
    calibration_error,
    declined_at,
    exact_match,
    find_answers,
    word_f1,
    word_recall,
)


def test_articles_case_and_punctuation_do_not_count() -> None:
    assert exact_match("The Rhine,", ["rhine"]) == 1.0
    assert exact_match("Rhine valley", ["rhine", "the Rhine Valley"]) == 1.0
    assert exact_match("", []) == 1.0
    assert exact_match("Rhine", []) == 0.0


def test_f1_and_recall_take_the_best_answer() -> None:
    assert word_f1("in the Swiss canton", ["Swiss canton of Bern", "canton"]) == pytest.approx(2 * 2 / (3 + 4))
    assert word_recall("in the Swiss canton", ["Swiss canton of Bern"]) == pytest.approx(2 / 4)
    assert word_f1("", ["Bern"]) == 0.0


def test_answers_are_found_as_whole_words() -> None:
    text = "In 1990 the 1990s began; Rome is not Romeo, nor rome."
    assert [text[a:b] for a, b in find_answers(text, ["1990", "Rome"])] == ["1990", "Rome", "rome"]
    assert find_answers(text, [""]) == ()


def test_declined_is_the_share_below_the_threshold() -> None:
    answerable = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert declined_at(answerable, np.array([0.05, 0.15, 0.25, 0.95]), 0.8) == pytest.approx(0.75)


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    probabilities = np.array([0.95, 0.95, 0.05, 0.05])
    assert calibration_error(probabilities, np.array([True, True, False, False])) == pytest.approx(0.05)
    assert calibration_error(probabilities, np.array([True, False, False, False])) == pytest.approx((0.45 + 0.05) / 2)
    assert calibration_error(np.array([1.0]), np.array([True])) == 0.0


def test_an_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    values = np.array([0.0, 1.0] * 50)
    low, high = bootstrap(values)
    assert 0.38 < low < 0.5 < high < 0.62
    assert bootstrap(values) == (low, high)
