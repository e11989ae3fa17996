"""The prompts of a model that reads: one line for each form of an answer."""

from dataclasses import replace
from typing import get_args

import pytest

from core.types import AnswerForm, Citation, Locator
from prompts.forms import form_template

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


def test_a_language_without_words_of_its_own_is_asked_for_them():
    assert "the Hindi word for Yes" in form_template("yes_no", "Hindi").user_message("?", [])


def test_a_document_is_fenced_once_and_what_stands_above_its_quotes_is_read_once():
    source = replace(SOURCE, start=50, end=72)
    later = replace(SOURCE, quote="It is due on the first.", start=90, end=113)
    before = replace(SOURCE, quote="Dogs are welcome.", heading="Lease › Dogs", start=2, end=19)
    other = replace(SOURCE, document_id="d2", file="budget.pdf", quote="Rent: 7,680.", heading="")
    message = form_template("plain").user_message("How much?", [later, other, source, before])
    assert message.startswith(
        "<source 1: lease.pdf>\nLease › Dogs:\nDogs are welcome.\n\nRent:\nThe rent is 640 euros.\n\n"
        "It is due on the first.\n</source>\n<source 2: budget.pdf>\nRent: 7,680.\n</source>\n\nQuestion: How much?"
    )


def test_rows_stand_below_the_names_of_their_columns_once():
    rows = [
        replace(SOURCE, columns="Item | Price", quote=text, start=at) for at, text in enumerate(("Tea | 2", "Jam | 3"))
    ]
    message = form_template("plain").user_message("How much?", rows)
    assert "Lease › Rent:\nItem | Price\nTea | 2\nJam | 3\n</source>" in message
