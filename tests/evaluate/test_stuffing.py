"""The baseline's prompt fits the window, and what counts as its way of saying no."""

from collections.abc import Sequence

import pytest

from benchmarks.stuffing import ANSWER_TOKENS, DECLINES, stuffed
from core.types import Locator, Message, Passage
from evaluate.declining import declines


class WordEngine:
    """A token is a word."""

    window = 60 + 60 + ANSWER_TOKENS

    def count_prompt(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)


def passage(word: str, count: int) -> Passage:
    text = " ".join([word] * count)
    return Passage("d", "a.txt", "", 0, len(text), text, Locator(None, ""), (), 1.0, None, None)


def test_the_best_passages_are_stuffed_as_far_as_the_window_goes() -> None:
    passages = [passage("boat", 30), passage("kelp", 20), passage("pump", 30)]
    (message,) = stuffed("Who signed the lease?", passages, WordEngine())  # type: ignore[arg-type]
    assert "Who signed the lease?" in message.content
    assert [word in message.content for word in ("boat", "kelp", "pump")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("I don't know.", True),
        ("The context does not explicitly mention who signed it.", True),
        ("Sorry, but there is no information about the lease.", True),
        ("The lease was signed by Ada Marsh.", False),
        ("Sea urchins do not eat kelp near the wall.", False),
    ],
)
def test_any_way_of_saying_no_counts_as_declined(text: str, declined: bool) -> None:
    assert bool(declines(text) or DECLINES.search(text)) is declined
