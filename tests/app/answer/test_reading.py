"""What a model reads of the passages, by the form of the answer that is asked for."""

import pytest

from app.answer.evidence import Evidence
from app.answer.reading import below_dates, sources_by_document, sources_for
from app.answer.statements import Differing, Statement
from core.settings import Settings
from core.types import Citation, Document, Locator, Page, Passage
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


def minutes(name: str, text: str) -> tuple[Citation, Document]:
    document = Document(name, name, "text/plain", "Minutes", text, (Page("lines", 1, "", 0, len(text)),))
    return Citation(name, name, PLACE, text, 0, len(text), 0.9, heading="Minutes"), document


def test_sources_of_several_dates_stand_below_them_so_that_the_newest_is_seen():
    told = dict(
        [minutes("a.txt", "Minutes of 3 May 2030. The saw costs 5 euros."), minutes("2031-02.txt", "It is free.")]
    )
    below = below_dates(tuple(told), {document.id: document for document in told.values()})
    assert [source.heading for source in below] == ["2030-05-03 › Minutes", "Minutes"]


def test_sources_of_one_date_or_of_none_are_read_as_they_are():
    told = dict([minutes("a.txt", "Minutes of 3 May 2030. The saw costs 5 euros."), minutes("b.txt", "It is free.")])
    documents = {document.id: document for document in told.values()}
    assert not below_dates(tuple(told), documents)
    assert not below_dates(tuple(told)[:1], documents)
