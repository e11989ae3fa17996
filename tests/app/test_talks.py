"""Who is asked for an answer in the page: the choice of a question goes before the settings."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.talks import Choices, Talk
from core.settings import Settings
from core.types import AnswerBy


class Desk:
    """Notes which conversations are wanted with a model; their answers are empty."""

    def __init__(self, answer: AnswerBy) -> None:
        self.settings = Settings(answer=answer)
        self.with_model: list[bool] = []

    def conversation(self, chat_id: str, *, with_model: bool = True) -> Any:
        self.with_model.append(with_model)
        return SimpleNamespace(chat_id=chat_id, ask=lambda _question, **_choices: iter(()))


@pytest.mark.parametrize(
    ("settings", "chosen", "wanted"),
    [("words", "model", True), ("words", None, False), ("model", "words", False), ("model", None, True)],
)
def test_the_model_is_loaded_where_it_is_to_phrase_the_answer(
    settings: AnswerBy, chosen: AnswerBy | None, wanted: bool
) -> None:
    desk = Desk(settings)
    talk = Talk(desk, "key")  # type: ignore[arg-type]
    talk.ask("Who?", Choices(answer_by=chosen))
    assert talk.job is not None
    assert talk.job.wait(5)
    assert talk.settle()
    assert desk.with_model == [wanted]
