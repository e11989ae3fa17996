"""The line with the real library, MiniLM and SmolLM2: a cited answer, a follow-up, a Stop."""

import threading
import time
from dataclasses import replace

import pytest

from app.answer.events import Answered, EvidenceFound, Piece, PromptFitted, StepTaken
from app.answer.pipeline import answer
from app.answer.question import Question
from app.answer.services import Services
from app.chat.conversation import Conversation
from core.settings import Settings
from generate.client import EngineClient
from index.search.retriever import Retriever
from index.store.library import Library

MANUAL = """# Pump P3

The strainer is cleaned every Monday. The outlet pressure must lie between 1.8 and 2.4 bar.

# Workshop

The workshop is led by Tomas Brandt. Its telephone extension is 225.
"""


@pytest.fixture(scope="module")
def services(tmp_path_factory, embedder):
    from index.build import ingest

    folder = tmp_path_factory.mktemp("papers")
    (folder / "manual.md").write_text(MANUAL, "utf-8")
    settings = Settings(home=tmp_path_factory.mktemp("home"), answer="model")
    with Library.open(settings, create=True) as library, EngineClient(settings) as engine:
        ingest([folder], library, embedder, settings)
        yield Services(library, Retriever(library, embedder, settings), embedder, engine, settings)


@pytest.mark.parametrize("mode", ["direct", "cot", "react"])
def test_every_mode_ends_with_a_cited_answer(services, mode):
    events = list(answer(Question("Who leads the workshop?", mode=mode), services))
    given = events[-1].answer
    assert given.found
    assert "Tomas Brandt" in given.text
    for sentence in given.sentences:
        for citation in sentence.citations:
            text = services.library.text(citation.document_id)
            assert text[citation.start : citation.end] == citation.quote
            assert citation.locator.label
    assert given.usage.answer > 0
    assert any(isinstance(e, StepTaken) for e in events) == (mode != "direct")
    fitted = next(e.fitted for e in events if isinstance(e, PromptFitted))
    assert given.usage.prompt >= sum(fitted.tokens.values()) - fitted.tokens["answer"] - fitted.tokens["free"]


def test_what_the_documents_do_not_hold_is_not_found(services):
    given = list(answer(Question("Which football club won the cup in 2018?"), services))[-1].answer
    assert not given.found
    assert given.passages


def test_a_follow_up_reads_only_what_is_new(services):
    conversation = Conversation(services)
    first = list(conversation.ask("Who leads the workshop?"))[-1].answer
    second = list(conversation.ask("What is its telephone extension?"))[-1].answer
    assert "225" in second.text
    assert second.usage.reused > first.usage.prompt - 128, "all but the block in which the first one ends"


def test_stop_ends_an_answer_while_the_model_is_loaded(services, tmp_path):
    cancel = threading.Event()
    with EngineClient(Settings(home=tmp_path)) as loading:  # the first in a home: it converts the model, for seconds
        for event in answer(Question("Who leads the workshop?", cancel=cancel), replace(services, engine=loading)):
            if isinstance(event, EvidenceFound):
                cancel.set()
                stopped = time.perf_counter()
        assert time.perf_counter() - stopped < 0.5
        assert not loading.load(cancel), "it is loading still"
    assert event.answer.cancelled
    assert event.answer.evidence
    assert event.answer.usage.answer == 0


def test_stop_ends_the_real_model(services):
    cancel = threading.Event()
    written = []
    for event in answer(Question("Who leads the workshop?", cancel=cancel), services):
        if isinstance(event, Piece):
            written.append(event.text)
            cancel.set()
            stopped = time.perf_counter()
        if isinstance(event, Answered):
            given = event.answer
    assert given.cancelled
    assert len(written) < 10
    assert time.perf_counter() - stopped < 5
