"""Questions of when."""

import pytest

from app.answer.rules.base import first_ruling
from app.answer.rules.cases import WordsCase
from app.answer.rules.times import TELLS_NO_TIME
from core.types import AnswerWords, Citation, Locator

PLACE = Locator(None, "line 1")


def objects(question, words):
    quote = Citation("d", "notice.md", PLACE, words, 0, len(words), 1.0)
    case = WordsCase(question, quote, AnswerWords("d", "notice.md", PLACE, words, 0, len(words), 1.0))
    return first_ruling((TELLS_NO_TIME,), case) is not None


@pytest.mark.parametrize("words", ["between the second and the third floor", "Helga Sund", "in the old net loft"])
def test_a_place_or_a_person_is_no_answer_to_when(words):
    assert objects("When did the lift stand still?", words)
    assert objects("On which day did the lift get stuck?", words)
    assert not objects("Where did the lift stand still?", words)


@pytest.mark.parametrize(
    "words",
    [
        "12 August 2030",
        "8:15 am",
        "10 pm",
        "1998",
        "on Sundays",
        "in spring",
        "after the drill",
        "two weeks ago",
        "noon",
    ],
)
def test_a_time_is(words):
    assert not objects("When did the lift stand still?", words)
