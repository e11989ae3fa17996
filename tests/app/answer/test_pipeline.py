"""A question answered: evidence first, then words, and the documents have the last one."""

import threading
import time

import pytest

from app.answer.events import Answered, EvidenceFound, Note, Piece, PromptFitted, Queued, Retrieved, StepTaken
from app.answer.verdict import NOT_FOUND
from core.errors import UsageError, WindowError
from core.types import Message


def last(events):
    event = list(events)[-1]
    assert isinstance(event, Answered)
    return event.answer


def test_events_come_in_order_and_the_answer_is_cited(asked, scripted):
    events = list(asked("How much is the rent a month?", scripted("The rent is 640 euros a month.")))
    kinds = [type(e) for e in events if not isinstance(e, Piece)]
    assert kinds == [Retrieved, EvidenceFound, PromptFitted, Queued, Queued, Answered]
    given = events[-1].answer
    assert given.found
    assert given.text == "The rent is 640 euros a month."
    assert "".join(e.text for e in events if isinstance(e, Piece)).strip() == given.text
    assert [c.quote for c in given.sentences[0].citations] == ["The rent is 640 euros a month."]
    assert given.usage.prompt == 100
    assert given.timings.first_evidence <= given.timings.first_token <= given.timings.total


def test_without_a_model_the_evidence_answers(asked):
    given = last(asked("How much is the rent a month?", None))
    assert given.found
    assert given.text == "The rent is 640 euros a month."
    assert given.model == ""


def test_a_small_model_is_overruled_by_the_evidence(asked, scripted):
    given = last(asked("How much is the rent a month?", scripted("The rent is 990 euros a month.")))
    assert given.found
    assert given.text == "The rent is 640 euros a month."
    assert "documents' own" in given.notes[-1]


def test_a_larger_model_is_not_replaced_but_marked(asked, scripted):
    engine = scripted("The rent is 640 euros a month. It is paid in gold.", size=8000)
    engine.denied = ("gold",)
    given = last(asked("How much is the rent a month?", engine))
    assert [s.supported for s in given.sentences] == [True, False]
    assert "The lease begins" in engine.prompts[0][-1].content, "it reads whole passages"


def test_what_nothing_supports_is_marked_and_not_taken_back(asked, scripted):
    engine = scripted("It is paid in gold by Neptune.", size=8000)
    engine.denied = ("gold",)
    given = last(asked("How much is the rent a month?", engine))
    assert (given.found, given.text) == (True, "It is paid in gold by Neptune.")
    assert not any(sentence.supported for sentence in given.sentences)
    assert given.passages


def test_a_true_sentence_that_does_not_answer_is_no_answer(asked, scripted):
    engine = scripted("The deposit was not paid in May.")
    given = last(asked("Which colour has the boat that was bought in May?", engine))
    assert not given.found


def test_off_topic_asks_no_model(asked, scripted):
    engine = scripted()
    given = last(asked("Which planet has the largest volcano?", engine))
    assert (given.found, given.text) == (False, NOT_FOUND)
    assert engine.prompts == []


def test_small_models_read_sentences_with_the_neighbour_they_need(asked, scripted):
    engine = scripted("It was signed by Maren Oyelaran.")
    events = list(asked("Who signed the lease?", engine))
    evidence = next(e for e in events if isinstance(e, EvidenceFound)).evidence
    assert evidence[0].quote == "The lease begins on 1 April 2026. It was signed by Maren Oyelaran."
    assert evidence[0].quote in engine.prompts[0][-1].content


def test_thoughts_are_a_step_and_not_the_answer(asked, scripted):
    engine = scripted("Thoughts: The source names the rent.\nAnswer: The rent is 640 euros a month.")
    events = list(asked("How much is the rent a month?", engine, mode="cot"))
    steps = [e.step for e in events if isinstance(e, StepTaken)]
    assert [(s.kind, s.text) for s in steps] == [("thought", "The source names the rent.")]
    assert "".join(e.text for e in events if isinstance(e, Piece)).strip() == "The rent is 640 euros a month."
    assert events[-1].answer.steps == tuple(steps)
    assert "Answer:" in engine.grammars[0]


@pytest.mark.parametrize("mode", ["direct", "cot", "react"])
def test_cancel_keeps_what_was_written(asked, scripted, mode):
    cancel = threading.Event()
    engine = scripted("Thoughts: None. \nAnswer: The rent is " + "very " * 5000 + "high.")
    engine.before_piece = lambda: time.sleep(0.001)  # so that it is still writing when Stop is seen
    written = 0

    def stop_after_some():
        nonlocal written
        written += 1
        if written == 30:
            cancel.set()
        if written > 30:
            time.sleep(0.005)

    engine.before_piece = stop_after_some
    given = last(asked("How much is the rent a month?", engine, mode=mode, cancel=cancel))
    assert given.cancelled
    assert len(given.text.split()) < 200
    assert engine.stopped == ["cancelled"]


def test_stop_while_the_answer_is_checked_leaves_it_as_stopped(asked, scripted):
    cancel = threading.Event()
    engine = scripted("Every month 640 euros of rent are due.", size=8000)
    engine.denied = ("640",)
    generate = engine.generate

    def stopped_when_asked(messages, sampling, **more):
        if sampling.options:
            cancel.set()
        return generate(messages, sampling, **more)

    engine.generate = stopped_when_asked
    given = last(asked("How much is the rent a month?", engine, cancel=cancel))
    assert (given.cancelled, given.text) == (True, "Every month 640 euros of rent are due.")
    assert given.evidence
    assert not given.doubt


def test_closing_the_events_ends_the_model(asked, scripted):
    engine = scripted("The rent is " + "very " * 100_000)
    events = asked("How much is the rent a month?", engine)
    next(e for e in events if isinstance(e, Piece))
    events.close()
    assert engine.stopped == ["cancelled"]


def test_history_is_sent_as_it_was(asked, scripted):
    first = scripted("The rent is 640 euros a month.")
    turn = list(asked("How much is the rent a month?", first))
    sent = next(e for e in turn if isinstance(e, PromptFitted)).fitted.messages
    engine = scripted("It was signed by Maren Oyelaran.")
    history = [*sent[1:], Message("assistant", turn[-1].answer.text)]
    list(asked("Who signed the lease?", engine, history=history))
    assert engine.prompts[0][: len(history) + 1] == [sent[0], *history]


def test_what_was_left_out_is_noted(asked, scripted):
    engine = scripted("The rent is 640 euros a month.", size=8000)
    engine.window = 190
    events = list(asked("How much is the rent a month? " + "please " * 20, engine))
    assert any("Not read by the model" in e.text for e in events if isinstance(e, Note))


def test_empty_and_endless_questions(asked, scripted):
    with pytest.raises(UsageError, match="empty"):
        list(asked("  ", scripted()))
    with pytest.raises(WindowError, match="too long"):
        list(asked("rent " * 20_000, scripted()))
    with pytest.raises(WindowError, match="too long"):
        list(asked("zebra " * 20_000, scripted()))


@pytest.mark.parametrize(
    ("question", "surely", "supported"),
    [
        ("How much is the rent a month?", 0.7, True),
        ("Which mushrooms grow below pines?", 0.7, False),
        ("Which mushrooms grow below pines?", 2.0, True),
    ],
)
def test_where_the_documents_hardly_answer_the_model_must_be_surer_that_they_say_it(
    asked, scripted, question, surely, supported
):
    engine = scripted("The lease was signed in April by Maren Oyelaran.", size=8000)
    engine.surely = surely
    answer = list(asked(question, engine))[-1].answer
    assert [sentence.supported for sentence in answer.sentences] == [supported]


def test_a_model_is_not_asked_for_yes_or_no_of_what_the_documents_do_not_speak_of(asked, scripted):
    engine = scripted("Yes.", size=8000)
    assert not list(asked("Do mushrooms grow below pines?", engine))[-1].answer.found
    assert not engine.prompts
    listing = scripted("The rent is 640 euros a month.", size=8000)
    list(asked("List the mushrooms that grow below pines.", listing))
    assert listing.prompts
