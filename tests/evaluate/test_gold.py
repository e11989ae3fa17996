"""What accepted answers say about the sentences that were shown."""

import math

import pytest

from evaluate.gold import Shown, can_tell, contradicts, score_contradictions, score_support, states

QUESTION = "Who signed the lease of the boathouse in 2021?"
SIGNED = ("Ada Marsh", "Marsh")
RENT = ("420 pounds a month",)


def shown(text: str, *quotes: str, marked: bool = False) -> Shown:
    return Shown(text, quotes, marked)


@pytest.mark.parametrize(
    ("sentence", "references"),
    [
        ("The lease was signed by Ada Marsh.", SIGNED),
        ("It was Marsh who signed.", SIGNED),
        ("The rent is 420 pounds per month.", RENT),
        ("Four pumps stand there.", ("4",)),
    ],
)
def test_a_sentence_states_an_answer_by_its_words_and_figures(sentence: str, references: tuple[str, ...]) -> None:
    assert states(sentence, references)
    assert not contradicts(sentence, QUESTION, references)


@pytest.mark.parametrize(
    ("sentence", "references", "wrong"),
    [
        ("The lease was signed by Tomas Brandt.", SIGNED, True),
        ("The lease of the boathouse was signed in 2021.", SIGNED, False),
        ("The rent is 520 pounds a month.", RENT, True),
        ("The rent of 2021 is due on the first Monday.", RENT, False),
        ("It was signed on 4 March 2021.", ("3 March 2021",), True),
        ("It was signed in March 2021.", ("3 March 2021",), False),
        ("A blocked valve makes it rattle.", ("a worn impeller",), False),
    ],
)
def test_another_answer_of_the_same_kind_contradicts(sentence: str, references: tuple[str, ...], wrong: bool) -> None:
    assert not states(sentence, references)
    assert contradicts(sentence, QUESTION, references) is wrong


def test_support_is_right_where_sentence_and_quote_state_the_answer() -> None:
    quote = "The lease of the boathouse was signed by Ada Marsh."
    right, unproven = shown("Ada Marsh signed it.", quote), shown("Ada Marsh signed it.", "Rent is 420 pounds.")
    assert score_support([right], SIGNED) == (1.0, 1.0)
    assert score_support([right, shown("The rent is 420 pounds.", "Rent is 420 pounds.")], SIGNED) == (0.5, 1.0)
    assert score_support([right, unproven], SIGNED) == (0.5, 0.5)
    precision, recall = score_support([shown("Ada Marsh signed it.", marked=True)], SIGNED)
    assert math.isnan(precision)
    assert recall == 0.0


def test_what_contradicts_counts_unless_it_is_marked_and_quotes_are_told_apart() -> None:
    other, quoted = "The lease was signed by Tomas Brandt.", "The harbour was leased by Ola Berg."
    sentences = [shown(other, "A lease was signed."), shown(other, marked=True), shown(quoted, f"{quoted} It is old.")]
    assert score_contradictions(sentences, QUESTION, SIGNED) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert all(math.isnan(share) for share in score_contradictions([], QUESTION, SIGNED))


def test_an_answer_of_a_paragraph_is_nothing_that_a_sentence_could_state() -> None:
    paragraph = ("The net sales fell from one quarter to the next because fewer telephones were sold in all regions.",)
    assert not can_tell(paragraph)
    assert all(math.isnan(share) for share in score_support([shown("Sales fell.", "Sales fell.")], paragraph))
