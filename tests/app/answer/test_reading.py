"""What a model reads of the passages, by the form of the answer that is asked for."""

import pytest

from app.answer.evidence import Evidence
from app.answer.reading import sources_by_document, sources_for
from app.answer.statements import Differing, Statement
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


def test_the_model_reads_sentences_alone_also_where_documents_differ(found):
    evidence, passages = found
    told = Differing((Statement(evidence.sentences[0], (2031, 0, 0)),))
    engine = ScriptedEngine(size=1500)
    (one,) = sources_by_document(told, evidence, passages, engine, Settings(reads="sentences"))
    assert one.quote == "The stove weighs 90 kilos."
    assert one.heading == "stove.pdf (2031)"
    (around, *_) = sources_by_document(told, evidence, passages, engine, Settings(patience=20))
    assert len(around.quote) > len(one.quote)
