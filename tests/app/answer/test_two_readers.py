"""What a model that reads wrote, held against the words that the span reader points at."""

from dataclasses import replace

import pytest

from app.answer.alignment import AlignedDraft
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.two_readers import SURE_OF_WORDS, compare
from core.types import AnswerWords, Citation, Locator

ASKED = Question("How many people work there?", form="plain", language="English")


def evidence(sentence, words, answerable=0.9):
    place = Locator(1, "p. 1")
    start = sentence.index(words)
    found = AnswerWords("d", "about.md", place, words, start, start + len(words), 2.0)
    quote = Citation("d", "about.md", place, sentence, 0, len(sentence), 0.9)
    return Evidence((quote,), words=found, answerable=answerable)


STAFF = evidence("Twenty-five employees work in the workshop by the river.", "Twenty-five")
FOUNDERS = evidence("The company was founded by two brothers, Aarne and Veikko Ferron.", "Aarne and Veikko Ferron")


@pytest.mark.parametrize(
    ("text", "found", "says"),
    [
        ("Tollan Brothers has 25 employees.", STAFF, "agree"),
        ("Tollan Brothers has 24 employees.", STAFF, "differ"),
        ("Aarne and Veikko founded it.", FOUNDERS, "agree"),
        ("Mirja Oksanen founded it.", FOUNDERS, "differ"),
    ],
)
def test_the_same_in_other_words_agrees(text, found, says):
    assert compare(ASKED, AlignedDraft(text, ()), found) == says


def test_what_the_span_reader_is_not_sure_of_is_no_difference():
    unsure = replace(STAFF, answerable=SURE_OF_WORDS - 0.01)
    assert compare(ASKED, AlignedDraft("It has 24.", ()), unsure) == ""
    assert compare(ASKED, AlignedDraft("It has 25.", ()), unsure) == "agree"


def test_nothing_is_said_without_words_nor_of_a_stopped_draft():
    assert compare(ASKED, AlignedDraft("It has 24.", ()), replace(STAFF, words=None)) == ""
    assert compare(ASKED, AlignedDraft("It has", (), cancelled=True), STAFF) == ""


def test_words_that_say_nothing_agree_with_nothing():
    assert compare(ASKED, AlignedDraft("It has 24.", ()), evidence("It was there for him.", "there")) == ""


@pytest.mark.parametrize("form", ["yes_no", "why", "steps", "list", "differ"])
def test_a_few_words_are_not_held_against_another_form(form):
    assert compare(replace(ASKED, form=form), AlignedDraft("Mirja did.", ()), FOUNDERS) == ""


def test_in_another_language_figures_alone_are_compared():
    german = replace(ASKED, language="German")
    assert compare(german, AlignedDraft("Dort arbeiten 25 Menschen.", ()), STAFF) == "agree"
    assert compare(german, AlignedDraft("Zwei Brüder haben sie gegründet.", ()), FOUNDERS) == ""
