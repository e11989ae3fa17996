"""Which sentences of a reading model's draft are cited: what the sources say, in any words, and nothing else."""

import pytest

from app.answer.support import JUDGED, SAID, SAID_UNSURE, Judge, supported_sentences
from core.types import Citation, Locator, Usage
from tests.app.conftest import ScriptedEngine

TEXT = (
    "Mr Cedric Dunmarrow holds a spare key. The deposit for the boat is 150 pounds. "
    "Die Miete beträgt 640 Euro im Monat. It lifts at most 42 tonnes."
)
SOURCE = Citation("d1", "lease.pdf", Locator(2, "p. 2"), TEXT, 100, 100 + len(TEXT), 0.8)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(size=1500)


def cited(text, question, embedder, engine):
    found = supported_sentences(text, [SOURCE], question, embedder, Judge(engine, question) if engine else None)
    return [[citation.quote for citation in sentence.citations] for sentence in found]


def test_a_name_that_only_the_question_has_needs_no_source(embedder, engine):
    question = "Who has a spare key to the cottage on Millrace Lane?"
    said = "Mr Cedric Dunmarrow has a spare key to the cottage on Millrace Lane."
    assert cited(said, question, embedder, engine) == [["Mr Cedric Dunmarrow holds a spare key."]]


def test_quotes_have_their_exact_place(embedder, engine):
    question = "How much is the deposit?"
    judge = Judge(engine, question)
    (sentence,) = supported_sentences("The boat's deposit is 150 pounds.", [SOURCE], question, embedder, judge)
    (quote,) = sentence.citations
    assert TEXT[quote.start - 100 : quote.end - 100] == quote.quote == "The deposit for the boat is 150 pounds."


def test_a_figure_that_stands_nowhere_is_never_cited_whatever_the_model_says(embedder, engine):
    assert cited("The deposit for the boat is 190 pounds.", "How much is the deposit?", embedder, engine) == [[]]


@pytest.mark.parametrize(("least", "is_cited"), [(SAID, True), (SAID_UNSURE, False)])
def test_where_the_documents_hardly_answer_the_model_must_be_surer_of_what_it_wrote(embedder, least, is_cited):
    def hardly(_answer, _quotes):
        return 0.7

    text = "Mr Dunmarrow keeps a spare key in his shed."
    (sentence,) = supported_sentences(text, [SOURCE], "Who has a key?", embedder, hardly, least)
    assert sentence.supported == is_cited


def test_what_the_model_holds_to_be_unsaid_is_not_cited(embedder, engine):
    engine.denied = ("lifts 42 tonnes",)
    assert cited("It lifts 42 tonnes at least.", "What does it lift?", embedder, engine) == [[]]
    assert set(engine.judged) == {"It lifts 42 tonnes at least."}


def test_a_sentence_of_the_source_itself_is_cited_without_asking(embedder, engine):
    assert cited("Die Miete beträgt 640 Euro im Monat.", "Wie hoch ist die Miete?", embedder, engine) == [
        ["Die Miete beträgt 640 Euro im Monat."]
    ]
    assert not engine.judged


def test_a_short_answer_is_compared_behind_its_question(embedder, engine):
    assert cited("150 pounds.", "How much is the deposit for the boat?", embedder, engine) == [
        ["The deposit for the boat is 150 pounds."]
    ]
    assert engine.judged == ["150 pounds."]


def test_a_long_answer_costs_no_more_questions_than_a_few(embedder, engine):
    said = "The boat has a deposit of 150 pounds. " * (JUDGED + 2)
    assert all(cited(said, "How much is the deposit?", embedder, engine))
    assert len(engine.judged) == JUDGED


class Untold(ScriptedEngine):
    """A server's model: it tells no logits."""

    def generate(self, messages, sampling, **kwargs):
        writing = super().generate(messages, sampling, **kwargs)
        writing.usage = Usage(stopped="end")
        return writing


def test_without_a_judge_words_and_meaning_decide(embedder):
    for engine in (None, Untold(size=1500)):
        question = "Who holds a spare key?"
        near, far = "Cedric Dunmarrow holds a spare key.", "The captain sleeps in the harbour every night."
        assert cited(f"{near} {far}", question, embedder, engine) == [["Mr Cedric Dunmarrow holds a spare key."], []]


def test_the_numbers_of_steps_are_no_claims_and_steps_in_the_sources_words_need_no_judge(embedder, engine):
    source = Citation("d1", "lab.pdf", Locator(1, "p. 1"), "Open the windows, leave the room and ring 333.", 0, 46, 0.8)
    said = "1. **Open the windows.**\n2. Leave the room.\n3. Ring 333."
    judge = Judge(engine, "What now?")
    found = supported_sentences(said, [source], "What now?", embedder, judge)
    assert [sentence.supported for sentence in found] == [True] * 3
    assert engine.judged == ["Ring 333."], "a figure may be that of another thing"


def test_a_row_with_the_code_that_was_asked_for_is_compared_however_it_is_worded(embedder, engine):
    text = "E08 Lid open. E11 Fan too slow. The stove is green."
    source = Citation("d1", "stove.pdf", Locator(1, "p. 1"), text, 0, len(text), 0.8)
    question = "Que veut dire E11 ?"
    (said,) = supported_sentences(
        "E11 signifie un ventilateur lent.", [source], question, embedder, Judge(engine, question)
    )
    assert [quote.quote for quote in said.citations] == ["E11 Fan too slow."]


def test_the_number_of_an_item_is_no_figure_that_a_source_must_hold(embedder):
    steps = "Loosen the four bolts. Slide the die out on the rails. Clean the seat."
    source = Citation("d", "manual.md", Locator(None, "line 1"), steps, 0, len(steps), 1.0)
    text = "1. Loosen the four bolts.\n2. Slide the die out on the rails.\n3) Clean the seat.\n4. Pay 7 crowns."
    found = supported_sentences(text, (source,), "How do I change the die?", embedder, None)
    assert [sentence.supported for sentence in found] == [True, True, True, False]
    assert found[1].text == "2. Slide the die out on the rails.", "it stays as it was written"


def test_brackets_and_fences_of_code_claim_nothing(embedder):
    said = "The ferry leaves at 8:15 am and at 4:40 pm."
    source = Citation("d", "hostel.md", Locator(None, "line 1"), said, 0, len(said), 1.0)
    text = '```json\n[\n  "8:15 am",\n  "4:40 pm"\n]\n```'
    found = supported_sentences(text, (source,), "When does the ferry leave?", embedder, None)
    assert [sentence.supported for sentence in found] == [True, True]
    assert "".join("".join(sentence.text.split()) for sentence in found) == "".join(text.split())
