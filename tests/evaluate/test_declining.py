"""How a model says that it has no answer."""

import pytest

from evaluate.declining import declines


@pytest.mark.parametrize(
    "text",
    ["", "Not found.", "Not found", "The sources do not say who.", "I don't know.", "The answer is not in the sources.",
     "No answer.", "The document doesn't mention it."],
)  # fmt: skip
def test_a_model_that_finds_nothing_is_understood(text) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text",
    ["The wreck was not found until 1985.", "There was no answer from 12 firms.", "Not foundries but mills closed.",
     "404 means that the page was not found.", "Paris."],
)  # fmt: skip
def test_what_the_documents_tell_of_not_finding_is_an_answer(text) -> None:
    assert not declines(text)
