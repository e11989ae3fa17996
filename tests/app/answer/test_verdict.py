"""What of a model's draft a person reads."""

from dataclasses import replace

import pytest

from app.answer.alignment import AlignedDraft, align
from app.answer.draft import Draft
from app.answer.evidence import Evidence
from app.answer.rules.drafts import declines
from app.answer.verdict import DOUBT, NOT_SAID, judge_phrases, judge_reading
from core.types import Citation, Locator


def cite(quote: str, at: int = 0, score: float = 0.8) -> Citation:
    return Citation("d1", "report.pdf", Locator(3, "p. 3"), quote, at, at + len(quote), score)


def aligned_with(draft: Draft, question: str, embedder) -> AlignedDraft:
    return AlignedDraft(draft.text, align(draft.text, draft.sources, embedder, question))


@pytest.fixture
def judged(embedder):
    """The verdict on a draft, with what supports it."""

    def judge_draft(question: str, draft: Draft, evidence: Evidence):
        return judge_phrases(question, aligned_with(draft, question, embedder), evidence)

    return judge_draft


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


def test_a_small_models_sentence_rests_on_evidence_about_as_good_as_the_best(judged) -> None:
    best = cite("The deposit for the boathouse is 1,920 euros.")
    other = cite("The lamp in the hall was lit in 1931.", 200, score=0.3)
    draft = Draft("The lamp in the hall was lit in 1931.", (best, other))
    question = "What is the deposit for the boathouse?"
    assert "1,920" in judged(question, draft, Evidence((best, other))).text
    close = replace(other, score=0.75)
    assert "1931" in judged(question, draft, Evidence((best, close))).text


def test_prose_that_states_the_rows_figure_stands(judged) -> None:
    row = cite("Total revenue 50,122 45,317")
    question = "What was the total revenue?"
    said = judged(question, Draft("Total revenue was 50,122.", (row,)), Evidence((row,)))
    assert said.text == "Total revenue was 50,122."


def test_the_draft_of_a_model_that_reads_is_shown_whole_and_doubted_where_little_speaks_for_it(embedder) -> None:
    row = cite("Total revenue 50,122 45,317")
    draft = Draft("Total revenue was 50,122. Brandt bought 7 mills.", (row,))
    aligned = aligned_with(draft, "What was the total revenue?", embedder)
    sure, unsure = (judge_reading(aligned, certainty, "balanced") for certainty in (0.9, 0.1))
    assert sure.text == unsure.text == draft.text
    assert [sentence.supported for sentence in sure.sentences] == [True, False]
    assert (sure.doubt, unsure.doubt) == ("", DOUBT)
    assert sure.found
    assert unsure.found


def test_a_draft_of_which_the_sources_say_nothing_is_no_answer_where_little_speaks_for_it(embedder) -> None:
    draft = Draft("The moon is 384,400 km away.", (cite("Total revenue 50,122 45,317"),))
    aligned = aligned_with(draft, "How far is the moon?", embedder)
    sure, unsure = (judge_reading(aligned, certainty, "balanced") for certainty in (0.9, 0.1))
    assert (sure.found, sure.doubt) == (True, "")
    assert (unsure.found, unsure.doubt) == (False, NOT_SAID)
    assert unsure.text == draft.text


def test_a_sentence_that_only_repeats_the_question_is_replaced_by_the_documents(judged) -> None:
    quote = cite("Tran proposed a one-way system in Mill Lane.")
    draft = Draft("The one-way system is in Mill Lane.", (quote,))
    question = "What is the one-way system in Mill Lane?"
    assert judged(question, draft, Evidence((quote,))).text == quote.quote
    asked = judged("Is the one-way system in Mill Lane?", draft, Evidence((quote,)))
    assert asked.text == draft.text
