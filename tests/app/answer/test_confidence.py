"""How certain it is that the documents answer, and what a person is told of it."""

from dataclasses import replace

import pytest

from app.answer.confidence import DECLINED, DOUBTED, certainty_after, certainty_before, least_certainty
from app.answer.evidence import Evidence
from app.answer.question import Question
from app.answer.verdict import DOES_NOT_SAY, does_not_say
from core.types import AnswerSentence, AnswerWords, Citation, Locator

PLACE = Locator(1, "p. 1")
QUOTE = Citation("d1", "lease.pdf", PLACE, "The rent is 640 euros a month.", 0, 30, 0.8)
WORDS = AnswerWords("d1", "lease.pdf", PLACE, "640 euros", 12, 21, 3.0)
SURE = Evidence((QUOTE,), WORDS, answerable=0.95, score=0.8)
ASKED = Question("How much is the rent?", form="plain", language="English")


def test_a_question_that_the_documents_answer_is_neither_declined_nor_doubted():
    said = (AnswerSentence("The rent is 640 euros a month.", (QUOTE,)),)
    assert certainty_before(ASKED, SURE) > DECLINED["strict"]
    assert certainty_after(ASKED, SURE, said) > DOUBTED["strict"]


def test_what_no_source_supports_is_less_certain_than_what_one_does():
    supported = AnswerSentence("The rent is 640 euros.", (QUOTE,))
    evidence = replace(SURE, answerable=0.4)
    assert certainty_after(ASKED, evidence, (replace(supported, citations=()),)) < certainty_after(
        ASKED, evidence, (supported,)
    )


def test_a_plain_question_whose_answer_the_span_reader_does_not_see_is_declined():
    assert certainty_before(ASKED, replace(SURE, answerable=0.01, score=0.2)) < DECLINED["lenient"]


@pytest.mark.parametrize("form", ["yes_no", "steps", "why", "list"])
def test_the_span_reader_says_less_of_questions_that_no_words_of_the_text_answer(form):
    low = replace(SURE, answerable=0.1)
    assert certainty_before(replace(ASKED, form=form), low) > certainty_before(ASKED, low)


def test_weak_evidence_is_read_for_a_list_but_not_for_a_yes_or_no_that_it_may_not_say():
    weak = replace(SURE, answerable=0.2, score=0.25)
    listed, decided = (replace(ASKED, form=form) for form in ("list", "yes_no"))
    assert certainty_before(listed, weak) >= least_certainty(listed, "balanced")
    assert certainty_before(decided, weak) < least_certainty(decided, "balanced")


def test_without_the_span_reader_the_best_sentence_decides():
    unread = replace(SURE, answerable=None)
    assert certainty_before(ASKED, replace(unread, score=0.7)) > DECLINED["strict"]
    assert certainty_before(ASKED, replace(unread, score=0.0)) < DECLINED["balanced"]


def test_what_the_documents_do_not_say_is_told_with_the_nearest_passage():
    verdict = does_not_say(SURE, 0.1)
    assert not verdict.found
    assert verdict.text == f"{DOES_NOT_SAY} {QUOTE.quote}"
    assert verdict.sentences[-1].citations == (QUOTE,)
