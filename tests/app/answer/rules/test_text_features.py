"""Words, numbers, codes and names as texts are compared by them."""

import pytest

from app.answer.rules.text_features import codes, content_words, names, numbers


@pytest.mark.parametrize("spelling", ["1,234.5", "1234.50", "1’234.5", "1\u202f234.5"])
def test_a_number_is_one_in_every_spelling(spelling):
    assert numbers(f"It costs {spelling} euros.") == {"1234.5"}


@pytest.mark.parametrize("spelling", ["١٬٢٣٤٫٥", "۱٬۲۳۴٫۵", "१,२३४.५", "１,２３４.５", "١٢٣٤٫٥٠"])
def test_digits_of_all_scripts_are_the_same_number(spelling):
    assert numbers(f"السعر {spelling} يورو") == {"1234.5"}


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


def test_codes():
    assert codes("Error P3-E11 of part KB-1047, form 10-Q in 2026") == {"p3-e11", "kb-1047", "10-q"}


@pytest.mark.parametrize(
    ("text", "said"), [("twenty-five", "25"), ("Thirty one", "31"), ("seventeen", "17"), ("fifty", "50")]
)
def test_numerals_are_the_numbers_they_spell(text, said):
    assert numbers(f"They bought {text} pumps.") == {said}


def test_centuries_decades_and_lengths_are_no_codes() -> None:
    assert codes("In the 19th century, the 1990s and on the 2nd a 20-year plan") == set()
    assert codes("P3-E11 is in the 10-Q") == {"p3-e11", "10-q"}
