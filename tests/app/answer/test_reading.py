"""What a model reads of the passages, by the form of the answer that is asked for."""

import pytest

from app.answer.evidence import Evidence
from app.answer.reading import sources_for
from core.settings import Settings
from core.types import Citation, Locator, Passage
from tests.app.conftest import ScriptedEngine

PLACE = Locator(1, "p. 1")
STEPS = "Unplug it. Press the red pin. Wait an hour."
OTHER = "The stove weighs 90 kilos. " * 100


@pytest.fixture
def found():
    steps = Passage("d1", "stove.pdf", "Stove", 0, len(STEPS), STEPS, PLACE, (), 0.9, None, None)
    other = Passage("d1", "stove.pdf", "Stove", 500, 500 + len(OTHER), OTHER, PLACE, (), 0.8, None, None)
    stove = Citation("d1", "stove.pdf", PLACE, "The stove weighs 90 kilos.", 500, 526, 0.9)
    return Evidence((stove,), ranked=(stove,)), (steps, other)


def test_steps_are_read_whole_although_another_sentence_is_nearer(found):
    evidence, passages = found
    engine, settings = ScriptedEngine(size=1500), Settings(patience=1)
    first = sources_for(engine, settings, evidence, passages, whole=1)[0]
    assert first.quote == STEPS
    assert sources_for(engine, settings, evidence, passages)[0].quote.startswith("The stove weighs")
