"""Words, numbers, names and negations as the proof of an answer compares them."""

import pytest

from app.answer.rules.text_features import (
    checkable_tokens,
    codes,
    content_words,
    dates,
    holds_date,
    names,
    negated,
    numbers,
    source_tokens,
)


@pytest.mark.parametrize("spelling", ["1,234.5", "1234.50", "1’234.5", "1\u202f234.5"])
def test_a_number_is_one_in_every_spelling(spelling):
    assert numbers(f"It costs {spelling} euros.") == {"1234.5"}


def test_small_numerals_are_numbers():
    assert numbers("Four pumps and 12 tanks, one of them new.") == {"4", "12"}


def test_endings_and_function_words_do_not_count():
    assert content_words("The pumps are pumping.") == content_words("It pumped a pump!")


@pytest.mark.parametrize("text", ["東京は首都です。", "कीमत छह सौ रुपये है।", "الإيجار ستمائة يورو"])
def test_other_scripts_have_words(text):
    assert content_words(text)


def test_names_without_the_first_word_of_a_sentence():
    assert names("The lease was signed by Maren Oyelaran on Monday.") == {"maren", "oyelaran", "monday"}
    assert names("Steel is hard to weld well.") == set()
    assert names("Paris.") == {"pari"}, "a sentence no longer than a name"


def test_what_a_negation_denies():
    assert negated("It was not signed, and isn't valid.") == {"sign", "valid"}
    assert negated("It was signed.") == set()


@pytest.mark.parametrize("text", ["1 April 2036", "April 1, 2036", "the 1st of April 2036", "2036-04-01"])
def test_a_date_is_one_in_every_spelling(text):
    assert dates(f"It ends on {text}.") == {(2036, 4, 1)}


def test_a_month_without_a_figure_is_no_date():
    assert dates("You may march in May.") == set()
    assert holds_date({(2036, 4, 1)}, (2036, 4, 0))
    assert not holds_date({(2036, 4, 0)}, (2036, 4, 1))


def test_codes():
    assert codes("Error P3-E11 of part KB-1047, form 10-Q in 2026") == {"p3-e11", "kb-1047", "10-q"}


@pytest.mark.parametrize(
    ("text", "said"), [("twenty-five", "25"), ("Thirty one", "31"), ("seventeen", "17"), ("fifty", "50")]
)
def test_numerals_are_the_numbers_they_spell(text, said):
    assert numbers(f"They bought {text} pumps.") == {said}


def test_what_a_sentence_claims_is_its_figures_and_names_also_at_its_beginning():
    assert checkable_tokens("Brandt paid five million crowns to the US on 3/4/2021.") == {
        "brandt", "5", "million", "US", "3/4/2021", "3", "4", "2021",
    }  # fmt: skip
    assert checkable_tokens("Today the rent is low.") == set()
    assert checkable_tokens("Famous for it was Marsh.", "Who was famous for it?") == {"marsh"}
    assert checkable_tokens("Łukasz and iPhone") <= source_tokens("An iPhone was bought by Łukasz.")
    assert not checkable_tokens("The US signed it.") <= source_tokens("They told us of it.")


def test_centuries_decades_and_lengths_are_no_codes() -> None:
    assert codes("In the 19th century, the 1990s and on the 2nd a 20-year plan") == set()
    assert codes("P3-E11 is in the 10-Q") == {"p3-e11", "10-q"}
