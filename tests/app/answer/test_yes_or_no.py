"""A question for yes or no: the word is decided first, and the answer is asked for with it."""

import pytest

from core.types import Usage
from tests.app.conftest import ScriptedEngine


class Deciding(ScriptedEngine):
    """Tells ``logits`` where it is asked for one of two words."""

    logits: tuple[float, ...] = ()

    def generate(self, messages, sampling, **kwargs):
        writing = super().generate(messages, sampling, **kwargs)
        if sampling.options and "Yes or No alone" in messages[-1].content:
            writing.usage = Usage(stopped="end", logits=self.logits)
        return writing


@pytest.mark.parametrize(
    ("logits", "question", "line"),
    [
        ((2.0, 0.0), "Is the rent 640 euros a month?", "The answer is Yes. Begin with Yes"),
        ((0.0, 2.0), "Is the rent 640 euros a month?", "The answer is No. Begin with No"),
        ((0.0, 2.0), "Ist die Miete 640 Euro im Monat hoch?", "The answer is Nein. Begin with Nein"),
        ((), "Is the rent 640 euros a month?", "Begin with Yes or No"),
    ],
    ids=["yes", "no", "in the question's language", "a server's model tells no logits"],
)
def test_the_answer_is_asked_for_with_the_word_that_was_decided(asked, logits, question, line):
    engine = Deciding("Yes, the rent is 640 euros a month.", size=8000)
    engine.logits = logits
    answer = list(asked(question, engine))[-1].answer
    assert line in engine.prompts[0][-1].content
    assert answer.text == "Yes, the rent is 640 euros a month."
