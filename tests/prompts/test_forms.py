"""The prompts of a model that reads: one line for each form of an answer."""

from dataclasses import replace
from typing import get_args

import pytest

from core.types import AnswerForm, Citation, Locator
from prompts.forms import asked_and_answered, form_template, judged_examples, support_template

SOURCE = Citation("d1", "lease.pdf", Locator(4, "p. 4"), "The rent is 640 euros.", 0, 22, 0.9, heading="Lease › Rent")


@pytest.mark.parametrize("form", get_args(AnswerForm))
def test_all_forms_share_one_system_text_and_name_the_language_of_the_answer(form):
    template = form_template(form, "German")
    assert template.system == form_template("plain").system
    message = template.user_message("Wie hoch ist die Miete?", [SOURCE])
    assert "German" in message
    assert "{" not in message


@pytest.mark.parametrize(
    ("language", "words"), [("German", "Ja or Nein"), ("French", "Oui or Non"), ("English", "Yes or No")]
)
def test_yes_and_no_are_those_of_the_language(language, words):
    assert words in form_template("yes_no", language).user_message("?", [])


@pytest.mark.parametrize("form", get_args(AnswerForm))
def test_of_sources_of_several_dates_the_newest_counts(form):
    plain, dated = (form_template(form, dated=dated).user_message("?", []) for dated in (False, True))
    assert "newest one counts" in dated
    assert "newest one counts" not in plain


def test_a_language_without_words_of_its_own_is_asked_for_them():
    assert "the Hindi word for Yes" in form_template("yes_no", "Hindi").user_message("?", [])


def test_a_source_is_read_below_what_it_stands_under_which_is_said_once():
    message = form_template("plain").user_message("How much?", [SOURCE])
    assert "<source 1: lease.pdf, p. 4>\nLease › Rent:\nThe rent is 640 euros.\n</source>" in message
    section = replace(SOURCE, locator=Locator(None, "Lease › Rent"))
    message = form_template("plain").user_message("How much?", [section])
    assert "<source 1: lease.pdf>\nLease › Rent:\nThe rent is 640 euros.\n</source>" in message


def test_what_is_shown_before_a_judgement_is_asked_as_the_judgement_is():
    turns = judged_examples()
    asked, answered = turns[::2], turns[1::2]
    assert {turn.role for turn in asked} == {"user"}
    assert {turn.content for turn in answered} == {"Yes", "No"}
    own = support_template().user_message(asked_and_answered("How much?", "640 euros."), [SOURCE])
    assert {turn.content.splitlines()[-1] for turn in asked} == {own.splitlines()[-1]}
