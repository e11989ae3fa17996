"""Intervals and tests on values whose answer is known beforehand."""

import numpy as np
import pytest

from evaluate import chance


def column(values: list[float]) -> chance.Values:
    return np.array(values, dtype=np.float64)[:, None]


def names(count: int) -> list[str]:
    return [f"g{number}" for number in range(count)]


def test_an_interval_is_as_wide_as_the_normal_approximation_says() -> None:
    values = column([1.0] * 80 + [0.0] * 20)
    low, high = chance.intervals(values, names(100))[0]
    error = 1.96 * (0.8 * 0.2 / 100) ** 0.5
    assert low == pytest.approx(0.8 - error, abs=0.02)
    assert high == pytest.approx(0.8 + error, abs=0.02)


def test_questions_that_hang_together_make_the_interval_wider() -> None:
    values = column([1.0] * 50 + [0.0] * 50)
    alone = np.diff(chance.intervals(values, names(100))[0])
    in_tens = np.diff(chance.intervals(values, [f"g{number // 10}" for number in range(100)])[0])
    assert in_tens > 2 * alone


def test_a_value_that_never_varies_has_no_width() -> None:
    assert chance.intervals(column([1.0] * 10), names(10)).tolist() == [[1.0, 1.0]]


def test_a_metric_that_does_not_apply_is_left_out_of_mean_and_interval() -> None:
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [0.0, np.nan]])
    assert chance.means(values)[0] == 0.5
    assert np.isnan(chance.means(values)[1])
    assert np.isnan(chance.intervals(values, names(3))[1]).all()


def test_a_clear_change_helps_and_its_mirror_hurts() -> None:
    before, after = column([0.0] * 40 + [1.0] * 60), column([1.0] * 95 + [0.0] * 5)
    found = chance.compare(before, after, names(100), ["hit"])[0]
    assert (found.first, found.second, found.better, found.worse) == (0.6, 0.95, 40, 5)
    assert found.change == pytest.approx(0.35)
    assert found.p < 0.01
    assert found.low < 0.35 < found.high
    assert found.verdict == "helps"
    assert chance.compare(after, before, names(100), ["hit"])[0].verdict == "hurts"


def test_no_change_is_no_difference() -> None:
    values = column([0.0, 1.0] * 20)
    found = chance.compare(values, values, names(40), ["hit"])[0]
    assert found.p == 1.0
    assert found.verdict == "not shown"


def test_three_questions_prove_nothing() -> None:
    found = chance.compare(column([0.0] * 3), column([1.0] * 3), names(3), ["hit"])[0]
    assert found.p == pytest.approx(2 / 2**3, abs=0.05)
    assert found.verdict == "not shown"


def test_chance_alone_is_called_a_difference_in_about_one_case_of_twenty() -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.integers(0, 2, size=(60, 300)).astype(np.float64) for _ in range(2))
    found = chance.compare(first, second, names(60), [str(number) for number in range(300)])
    assert 0.01 < np.mean([difference.p < 0.05 for difference in found]) < 0.09


def test_a_question_that_counts_for_one_side_only_counts_for_neither() -> None:
    first, second = column([1.0, np.nan, 0.0]), column([1.0, 1.0, np.nan])
    found = chance.compare(first, second, names(3), ["hit"])[0]
    assert (found.first, found.second) == (1.0, 1.0)
