"""Which questions a turn asks."""

import pytest

from app.query.parts import needed_of, split_by_model, tell_apart

STORY = (
    "Last week my sister won two rail passes, and since neither of us had been north of the lake we left at once. "
    "The train was late, and its buffet had run out of everything but pickled plums. Have you ever tasted one? "
    "In the town by the lake we slept above a bakery. We have rented the boathouse at Pier 7 until the end of May. "
    "From there we went on foot along the shore for a day and a half, past a field full of very loud geese. "
)


def asked(turn: str) -> list[str]:
    return [question.text for question in tell_apart(turn).questions]


@pytest.mark.parametrize(
    ("turn", "questions"),
    [
        (
            "What is the rent, when is it due and who pays the water?",
            ["What is the rent?", "When is it due?", "Who pays the water?"],
        ),
        ("What is the rent? When is it due?", ["What is the rent?", "When is it due?"]),
        (
            "Do dogs have to be on a leash and are they allowed in the rooms?",
            ["Do dogs have to be on a leash?", "Are they allowed in the rooms?"],
        ),
        (
            "what is the rent and who pays the water",
            ["What is the rent?", "Who pays the water?"],
        ),
        ("Wie hoch ist die Miete und wer zahlt das Wasser?", ["Wie hoch ist die Miete?", "Wer zahlt das Wasser?"]),
        ("Quel est le loyer et qui paie l'eau ?", ["Quel est le loyer?", "Qui paie l'eau?"]),
        ("¿Cuánto cuesta la sauna y cuándo abre?", ["Cuánto cuesta la sauna?", "Cuándo abre?"]),
        ("Сколько стоит билет и когда отходит паром?", ["Сколько стоит билет?", "Когда отходит паром?"]),
        ("租金多少？什么时候付？", ["租金多少？", "什么时候付？"]),
        ("كم الإيجار؟ ومتى يدفع؟", ["كم الإيجار؟", "ومتى يدفع؟"]),
        ("Ποιο είναι το ενοίκιο; Πότε πληρώνεται;", ["Ποιο είναι το ενοίκιο;", "Πότε πληρώνεται;"]),
        ("Rent? Deposit? Notice period?", ["Rent?", "Deposit?", "Notice period?"]),
    ],
)
def test_several_questions_of_a_turn_are_told_apart(turn, questions):
    assert asked(turn) == questions


@pytest.mark.parametrize(
    "turn",
    [
        "What are the rent and the deposit?",
        "Who was the captain that found the island, which was named in 1830?",
        "What happens when the ferry is late and when it is cancelled?",
        "Which rooms are heated and have a view?",
        "Who signed the lease and when?",
        "Is the rent 640 euros? Yes or no?",
        "Really? Who pays the water",
        "Wer zahlt das Wasser, das im Bootshaus verbraucht wird?",
    ],
)
def test_what_is_one_question_or_unclear_stays_one(turn):
    assert asked(turn) == [turn]


def test_a_question_that_was_pasted_again_is_asked_once():
    assert asked("What is the rent? " * 50) == ["What is the rent?"]
    assert asked("What is the rent? When is it due? What is the rent?") == ["What is the rent?", "When is it due?"]


def test_a_statement_goes_with_the_question_after_it():
    told = tell_apart("I come with a dog; can I stay and where can I eat? I pay in cash. Is that all right? Thank you!")
    assert [question.whole for question in told.questions] == [
        "I come with a dog. Can I stay?",
        "I come with a dog. Where can I eat?",
        "I pay in cash. Is that all right? Thank you!",
    ]


def test_a_question_at_the_end_of_a_story_is_asked_with_what_it_needs_of_it(embedder):
    told = tell_apart(f"{STORY}How long do we have to tell you before we leave the boathouse?")
    (question,) = told.questions
    assert question.text == "How long do we have to tell you before we leave the boathouse?"
    assert "Pier 7" in needed_of(told.story, question.text, embedder)
    assert "plums" not in needed_of(told.story, question.text, embedder)


def test_a_text_that_follows_its_question_is_not_left_out():
    turn = f"Does this hold for our house? {STORY.replace('?', '.')}"
    assert asked(turn) == [turn.strip()]


def test_a_model_tells_a_list_apart_only_in_the_words_of_the_question(scripted):
    question = "What are the price, the hours and the address of the museum?"
    kept = "What is the price of the museum?\nWhat are the hours of the museum?\nWhat is the address of the museum?"
    assert split_by_model(question, scripted(kept)) == tuple(kept.split("\n"))
    assert split_by_model(question, scripted(kept.replace("hours of the museum", "hours of the sauna"))) == ()
    assert split_by_model(question, scripted("What is the price of the museum?\nWhat are the hours?")) == ()
