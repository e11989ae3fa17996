"""The form that a question asks its answer in."""

import pytest

from app.query.forms import form_of


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("How high is the rent?", "plain"),
        ("Are dogs welcome?", "yes_no"),
        ("I live upstairs. May I use the garden?", "yes_no"),
        ("Is the door red or blue?", "plain"),
        ("Why was the bridge closed?", "why"),
        ("How do I reset the pump?", "steps"),
        ("List the ferry times.", "list"),
        ("Darf ich im Garten grillen?", "yes_no"),
        ("Warum wurde die Brücke gesperrt?", "why"),
        ("Wie kann ich die Pumpe zurücksetzen?", "steps"),
        ("Wie hoch ist die Miete?", "plain"),
        ("Est-ce que les chiens sont admis ?", "yes_no"),
        ("Combien coûte le billet ?", "plain"),
        ("¿Por qué se cerró el puente?", "why"),
        ("किराया कितना है?", "plain"),
        ("???", "plain"),
    ],
)
def test_a_questions_own_words_tell_the_form_of_its_answer(question, form):
    assert form_of(question) == form
