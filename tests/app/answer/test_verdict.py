"""What of a model's draft a person reads."""

import pytest

from app.answer.alignment import AlignedDraft
from app.answer.draft import Draft
from app.answer.evidence import Evidence
from app.answer.support import supported_sentences
from app.answer.verdict import DOUBT, NOT_SAID, judge_phrases, judge_reading
from core.types import Citation, Locator


def cite(quote: str, at: int = 0, score: float = 0.8) -> Citation:
    return Citation("d1", "report.pdf", Locator(3, "p. 3"), quote, at, at + len(quote), score)


def aligned_with(draft: Draft, question: str, embedder) -> AlignedDraft:
    return AlignedDraft(draft.text, supported_sentences(draft.text, draft.sources, question, embedder, None))


@pytest.fixture
def judged(embedder):
    """The verdict on a draft, with what supports it."""

    def judge_draft(question: str, draft: Draft, evidence: Evidence):
        return judge_phrases(aligned_with(draft, question, embedder), evidence)

    return judge_draft


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


def test_a_true_sentence_below_an_answer_that_stands_nowhere_saves_it_not_where_little_speaks_for_it(embedder) -> None:
    row = cite("Total revenue 50,122 45,317")
    draft = Draft("The moon is 384,400 km away. Total revenue was 50,122.", (row,))
    aligned = aligned_with(draft, "How far is the moon?", embedder)
    assert [sentence.supported for sentence in aligned.sentences] == [False, True]
    assert not judge_reading(aligned, 0.1, "balanced").found
    assert judge_reading(aligned, 0.9, "balanced").found


def test_a_draft_of_which_the_sources_say_nothing_is_no_answer_where_little_speaks_for_it(embedder) -> None:
    draft = Draft("The moon is 384,400 km away.", (cite("Total revenue 50,122 45,317"),))
    aligned = aligned_with(draft, "How far is the moon?", embedder)
    sure, unsure = (judge_reading(aligned, certainty, "balanced") for certainty in (0.9, 0.1))
    assert (sure.found, sure.doubt) == (True, "")
    assert (unsure.found, unsure.doubt) == (False, NOT_SAID)
    assert unsure.text == draft.text
