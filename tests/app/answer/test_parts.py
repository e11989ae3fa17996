"""Several questions asked at once: each answered by itself, below its own head."""

import threading

import pytest

from app.answer.as_json import to_json
from app.answer.events import Answered, EvidenceFound, Piece
from app.answer.parts import answer_parts
from app.answer.question import Question, QuestionPart
from app.answer.services import Services
from core.settings import Settings
from index.store.stored_answers import from_stored, to_stored
from tests.app.conftest import OneDocument, WholeText

RENT = "The rent is 640 euros a month."
SIGNED = "It was signed by Maren Oyelaran."
TURN = "How much is the rent and who signed the lease?"


def parts(*questions: str) -> list[QuestionPart]:
    return [QuestionPart(question, question, question) for question in questions]


BOTH = parts("How much is the rent a month?", "Who signed the lease?")


@pytest.fixture
def ask(embedder, tmp_path):
    def start(questions, engine, **how):
        start.retriever = WholeText()
        services = Services(OneDocument(), start.retriever, embedder, engine, Settings(home=tmp_path))
        return list(answer_parts(Question(TURN, **how), questions, services))

    return start


def test_each_part_is_searched_read_and_cited_by_itself_below_its_question(ask, scripted):
    engine = scripted(RENT, SIGNED, size=8000)
    answer = ask(BOTH, engine)[-1].answer
    assert answer.question == TURN
    assert answer.text == f"How much is the rent a month?\n{RENT}\n\nWho signed the lease?\n{SIGNED}"
    assert [(part.question, part.start, part.found) for part in answer.parts] == [
        ("How much is the rent a month?", 0, True),
        ("Who signed the lease?", 1, True),
    ]
    assert [sentence.citations[0].quote for sentence in answer.sentences] == [RENT, SIGNED]
    assert ask.retriever.searched == ["How much is the rent a month?", "Who signed the lease?"]
    assert ["Who signed" in prompt[-1].content for prompt in engine.prompts] == [False, True]
    assert answer.usage.prompt == 200


def test_the_evidence_of_all_parts_is_there_before_any_is_read(ask, scripted):
    events = ask(BOTH, scripted(RENT, SIGNED, size=8000))
    found = [at for at, event in enumerate(events) if isinstance(event, EvidenceFound)]
    assert len(found) == 1
    quotes = " ".join(quote.quote for quote in events[found[0]].evidence)
    assert RENT in quotes
    assert SIGNED in quotes
    pieces = [event.text for event in events if isinstance(event, Piece)]
    assert found[0] < next(at for at, event in enumerate(events) if isinstance(event, Piece))
    assert pieces[0].startswith("How much is the rent a month?\n")
    assert "".join(pieces).split() == events[-1].answer.text.split()


def test_a_part_that_the_documents_do_not_answer_says_so_below_its_own_head(ask, scripted):
    questions = parts("How much is the rent a month?", "Which planet has the largest volcano?")
    engine = scripted(RENT, "The largest volcano is on Mars.", size=8000)
    engine.denied = ("Mars",)
    answer = ask(questions, engine)[-1].answer
    told, missing = answer.parts
    assert (answer.found, told.found, missing.found) == (True, True, False)
    assert "do not seem to say" in missing.doubt
    assert answer.text.endswith(missing.text)


def test_a_sentence_that_is_evidence_for_two_parts_is_shown_once(ask, scripted):
    events = ask(parts("How much is the rent a month?", "Is the rent 640 euros?"), scripted(RENT, RENT, size=8000))
    (found,) = [event for event in events if isinstance(event, EvidenceFound)]
    places = [(quote.document_id, quote.start) for quote in found.evidence]
    assert len(places) == len(set(places))


def test_without_a_model_each_part_is_answered_by_its_sentence(ask):
    answer = ask(BOTH, None)[-1].answer
    assert [part.text for part in answer.parts] == [RENT, f"The lease begins on 1 April 2026. {SIGNED}"]


def test_the_seconds_of_reading_are_shared(ask, scripted, monkeypatch):
    from app.answer import reading

    seen = []
    monkeypatch.setattr(reading, "reading_budget", lambda engine, settings: seen.append(settings.patience) or 1000)
    ask(BOTH, scripted(RENT, SIGNED, size=8000))
    assert seen == [Settings().patience / 2] * 2


def test_a_stopped_answer_keeps_what_was_written_and_asks_no_further(ask, scripted):
    cancel = threading.Event()
    cancel.set()
    engine = scripted("The rent is " + "very " * 5000 + "high.", size=8000)
    answer = ask(BOTH, engine, cancel=cancel)[-1].answer
    assert answer.cancelled
    assert len(answer.parts) == 1


def test_it_is_kept_and_printed_as_json_with_its_parts(ask, scripted):
    answered = ask(BOTH, scripted(RENT, SIGNED, size=8000))[-1]
    assert isinstance(answered, Answered)
    assert from_stored(to_stored(answered.answer, lambda _: None), lambda _: None) == answered.answer
    assert to_json(answered.answer)["parts"][1] == {
        "question": "Who signed the lease?",
        "searched": "Who signed the lease?",
        "answer": SIGNED,
        "found": True,
        "doubt": "",
        "readers": None,
        "words": None,
        "first": 1,
    }
