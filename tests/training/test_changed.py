"""Questions changed by rule: one thing is different, and the passage no longer answers it."""

import random

import pytest

from training.span_reader.changed import changed_question

TEXT = "In 1904 Anna Berg opened the first mill at Harbo. Later, in 1931, Karl Moe sold the old sawmill to Lund."
QUESTIONS = (
    "Who opened the first mill at Harbo in 1904?",
    "When did Karl Moe sell the old sawmill?",
    "Which sawmill was sold in 1931?",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_thing_is_changed(question: str) -> None:
    seen = {changed_question(question, TEXT, random.Random(seed)) for seed in range(60)}
    assert len(seen) >= 4
    for changed in seen:
        assert changed is not None
        before, after = question.rstrip("?").split(), changed.rstrip("?").split()
        without = [word for word in after if word not in ("not", "never")]
        assert len(without) == len(before)
        assert sum(a != b for a, b in zip(before, without, strict=True)) == (1 if without == after else 0)


def test_numbers_names_opposites_and_negations_are_all_changed() -> None:
    seen = " ".join(
        str(changed_question(asked, TEXT, random.Random(seed))) for seed in range(80) for asked in QUESTIONS
    )
    assert "last mill" in seen
    assert "1931" in seen
    assert "at Lund" in seen or "at Karl" in seen or "at Moe" in seen
    assert "not" in seen.split() or "never" in seen.split()


def test_a_question_with_nothing_to_change_is_left_alone() -> None:
    assert changed_question("Who?", TEXT, random.Random(0)) is None
    assert changed_question("Why so?", "", random.Random(0)) is None


def test_a_name_is_not_exchanged_for_another_form_of_itself() -> None:
    text = "Long ago the Normans came. Then the Norman duke met Zoé, as Zoe was called."
    for seed in range(40):
        changed = changed_question("What did Norman tell Zoé?", text, random.Random(seed))
        assert changed is None or "Normans" not in changed
