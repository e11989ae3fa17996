"""What each stage of the retriever made of a question, and documents that go in without being read."""

from pathlib import Path

import pytest
from stand_in import document

from core.protocols import Embedder
from core.settings import Settings, load_settings
from index.add import add_documents
from index.search.retriever import Retriever
from index.search.trace import Trace
from index.store.library import Library

TEXTS = {
    "lease": "The lease of the boathouse was signed by Ada Marsh on 3 March 2021.",
    "rent": "Rent for the boathouse is 420 pounds a month, due on the first Monday.",
    "kelp": "Divers counted 1,310 kelp plants along the northern reef in August.",
    "pump": "Pump P3 must be primed with two litres of fresh water before it is started.",
}


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture
def library(settings: Settings, embedder: Embedder):
    with Library.open(settings, create=True) as opened:
        add_documents([document(name, text) for name, text in TEXTS.items()], opened, embedder, settings)
        yield opened


def stages(trace: Trace) -> dict[str, list[str]]:
    return {stage.name: [place.document_id for place in stage.places] for stage in trace.stages}


def test_the_last_stage_is_what_a_search_returns(library: Library, embedder: Embedder, settings: Settings) -> None:
    retriever = Retriever(library, embedder, settings)
    for question in ("Who signed the lease?", "How is pump P3 primed?"):
        searched = retriever.search(question, 2).passages
        last = retriever.trace(question, 2).stages[-1]
        assert [(p.document_id, p.start, p.end) for p in last.places] == [
            (p.document_id, p.start, p.end) for p in searched
        ]


def test_every_stage_is_ranked_by_its_own_score(library: Library, embedder: Embedder, settings: Settings) -> None:
    trace = Retriever(library, embedder, settings).trace("How many kelp plants did the divers count?", 3)
    found = stages(trace)
    assert list(found) == ["dense", "words", "fused", "distinct", "passages"]
    assert all(places[0] == "kelp" for places in found.values())
    assert len(found["dense"]) == 4, "the dense side ranks all, however far"
    for stage in trace.stages[:3]:
        scores = [place.score for place in stage.places]
        assert scores == sorted(scores, reverse=True)
        assert stage.milliseconds > 0
    place = trace.stages[0].places[0]
    assert TEXTS["kelp"][place.start : place.end] == TEXTS["kelp"]


def test_a_language_that_the_embedder_does_not_know_still_has_a_dense_stage(
    library: Library, embedder: Embedder, settings: Settings
) -> None:
    found = stages(Retriever(library, embedder, settings).trace("كم عدد نباتات عشب البحر؟", 3))
    assert len(found["dense"]) == 4


def test_the_question_is_embedded_once_and_every_stage_waited_for_it(
    library: Library, embedder: Embedder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    embed = type(embedder).embed_question

    def slow(self: Embedder, text: str):
        import time

        calls.append(text)
        time.sleep(0.2)
        return embed(self, text)

    monkeypatch.setattr(type(embedder), "embed_question", slow)
    trace = Retriever(library, embedder, settings).trace("Who signed the lease?", 3)
    milliseconds = {stage.name: stage.milliseconds for stage in trace.stages}
    assert len(calls) == 1
    assert min(milliseconds[name] for name in ("dense", "fused", "distinct", "passages")) >= 200


def test_what_is_there_already_is_not_added_again(library: Library, embedder: Embedder, settings: Settings) -> None:
    progress: list[tuple[int, int]] = []
    documents = [document("lease", TEXTS["lease"]), document("tide", "The tide turns twice a day.")]
    added = add_documents(documents, library, embedder, settings, progress=lambda *at: progress.append(at))
    assert added == 1
    assert progress == [(2, 2)]
    assert library.counts().documents == 5
