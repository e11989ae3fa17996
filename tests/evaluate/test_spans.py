"""Recall, precision and IoU of spans, by the formulas of the paper."""

import pytest

from evaluate.spans import score_spans, touching


def test_a_chunk_that_holds_the_reference() -> None:
    assert score_spans([("d", 0, 100)], [("d", 10, 30)]) == pytest.approx((1.0, 0.2, 0.2))


def test_a_chunk_that_holds_half_of_it() -> None:
    # 10 of 20 found in 50; IoU 10 / (50 + 10).
    assert score_spans([("d", 20, 70)], [("d", 10, 30)]) == pytest.approx((0.5, 0.2, 1 / 6))


def test_the_same_characters_in_another_document_do_not_count() -> None:
    assert score_spans([("e", 0, 100)], [("d", 10, 30)]) == pytest.approx((0.0, 0.0, 0.0))


def test_characters_retrieved_twice_count_once_above_and_twice_below() -> None:
    assert score_spans([("d", 0, 40), ("d", 20, 60)], [("d", 20, 40)]) == pytest.approx((1.0, 0.25, 0.25))


def test_two_references_in_two_chunks_and_one_that_was_missed() -> None:
    retrieved = [("d", 0, 50), ("d", 100, 150), ("e", 0, 100)]
    references = [("d", 40, 60), ("d", 100, 110), ("d", 300, 310)]
    # Covered: 10 + 10 of 40; retrieved 200; missed 10 + 10.
    assert score_spans(retrieved, references) == pytest.approx((0.5, 0.1, 20 / 220))


def test_nothing_retrieved() -> None:
    assert score_spans([], [("d", 0, 10)]) == (0.0, 0.0, 0.0)


def test_chunks_that_only_meet_the_reference_at_its_edge_do_not_touch_it() -> None:
    chunks = [("d", 0, 10), ("d", 10, 20), ("d", 20, 30), ("e", 10, 20)]
    assert touching(chunks, [("d", 10, 20)]) == [("d", 10, 20)]
