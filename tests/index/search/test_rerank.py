"""A cross-encoder of one's own and marginal relevance, as stages of the search: what they change, and what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_in import document

from core.errors import ModelDamaged, ModelMissing
from core.settings import Settings, load_settings
from index.add import add_documents
from index.search.parameters import SearchParameters
from index.search.retriever import Retriever
from index.store.library import Library

TEXTS = {
    "first": "The ferry leaves at noon from the east pier.",
    "second": "The ferry leaves at noon from the west pier.",
    "third": "The ferry carries kelp on a tide table.",
    "other": "The pump room was painted green.",
}


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from made_models import save_cross_encoder

    return save_cross_encoder(tmp_path_factory.mktemp("cross") / "model")


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    from stand_in import TopicEmbedder

    settings = load_settings()
    with Library.open(settings, create=True) as opened:
        add_documents([document(*pair) for pair in TEXTS.items()], opened, TopicEmbedder(), settings)
        yield opened


def retriever(library: Library, diversity: float = 0.0, **changed: Any) -> Retriever:
    from stand_in import TopicEmbedder

    settings = Settings(**{**load_settings().model_dump(), **changed})
    return Retriever(library, TopicEmbedder(), settings, parameters=SearchParameters(diversity=diversity))


def test_a_cross_encoder_s_scores_are_the_order_of_its_stage(library: Library, cross_encoder: Path) -> None:
    from sentence_transformers import CrossEncoder

    question = "how much is the ferry ?"
    trace = retriever(library, reranker=str(cross_encoder)).trace(question, 4)
    stages = {stage.name: stage.places for stage in trace.stages}
    assert list(stages) == ["dense", "words", "fused", "reranked", "distinct", "passages"]
    shown = {place.document_id: place.score for place in stages["reranked"]}
    logits = CrossEncoder(str(cross_encoder), device="cpu").predict(
        [(question, TEXTS[name]) for name in shown], activation_fn=lambda scores: scores
    )
    expected = dict(zip(shown, 1 / (1 + np.exp(-logits)), strict=True))
    assert list(shown) == sorted(shown, key=lambda name: -shown[name])
    assert shown == pytest.approx(expected, abs=0.02)
    fused = [place.document_id for place in stages["fused"]]
    assert list(shown) != fused, "the made model thinks otherwise, or this shows nothing"


def test_what_is_not_read_stays_below_what_is(
    library: Library, cross_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.search.rerank.READ", 2)
    stages = {s.name: s.places for s in retriever(library, reranker=str(cross_encoder)).trace("the ferry", 2).stages}
    fused, reranked = ([place.document_id for place in stages[name]] for name in ("fused", "reranked"))
    assert set(reranked[:2]) == set(fused[:2])
    assert reranked[2:] == fused[2:]
    scores = [place.score for place in stages["reranked"]]
    assert scores == sorted(scores, reverse=True)


def test_a_cross_encoder_that_is_not_there_or_none_says_what_to_do(
    library: Library, tmp_path: Path, cross_encoder: Path
) -> None:
    with pytest.raises(ModelMissing, match="not on this machine") as missing:
        retriever(library, reranker="someone/some-ranker").search("the ferry")
    assert "LECTERN_RERANKER" in missing.value.hint
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelDamaged, match="cannot be loaded"):
        retriever(library, reranker=str(tmp_path)).search("the ferry")


def test_diversity_puts_what_says_something_else_before_a_near_repeat(library: Library) -> None:
    def found(diversity: float) -> list[str]:
        stages = {
            s.name: s
            for s in retriever(library, diversity=diversity).trace("when does the ferry leave at noon?", 4).stages
        }
        assert ("diverse" in stages) == (diversity > 0)
        scores = [place.score for place in stages["diverse" if diversity else "fused"].places]
        assert scores == sorted(scores, reverse=True)
        return [place.document_id for place in stages["passages"].places]

    assert set(found(0.0)[:2]) == {"first", "second"}
    second = found(0.6)[1]
    assert second in {"third", "other"}, "first and second have the same vector"


def test_diversity_is_left_out_where_vectors_mean_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.search.mmr.dense_weight", lambda query: 0.0)
    question = "when does the ferry leave at noon?"
    plain, diverse = (
        [p.document_id for p in retriever(library, diversity=share).search(question, 4).passages]
        for share in (0.0, 0.6)
    )
    assert plain == diverse


def expanding(library: Library, kind: str, *texts: str) -> Retriever:
    from stand_in import TopicEmbedder

    settings = Settings(**{**load_settings().model_dump(), "expand": kind})
    return Retriever(library, TopicEmbedder(), settings, lambda _question, _cancel=None: texts)


def test_other_wordings_are_searched_too_and_scores_averaged(library: Library) -> None:
    question, wordings = "Which colour has the engine hall?", ("How was the pump room painted?", "The pump room?")

    def scores(retriever: Retriever, text: str, stage: str) -> dict[str, float]:
        places = next(each for each in retriever.trace(text, 4).stages if each.name == stage).places
        return {place.document_id: place.score for place in places}

    plain = expanding(library, "none", *wordings)
    expanded = scores(expanding(library, "queries", *wordings), question, "expanded")
    assert next(iter(expanded)) == "other"
    own, first, second = (scores(plain, text, "fused") for text in (question, *wordings))
    for name, score in expanded.items():
        expected = own.get(name, 0.0) / 2 + first.get(name, 0.0) / 4 + second.get(name, 0.0) / 4
        assert score == pytest.approx(expected, abs=1e-6)
    passage = expanding(library, "queries", *wordings).search(question, 1).passages[0]
    assert passage.document_id == "other"
    assert passage.dense == pytest.approx(0.0, abs=1e-6), "the cosine is that to the question"
    assert [stage.name for stage in plain.trace(question).stages] == ["dense", "words", "fused", "distinct", "passages"]


def test_a_made_up_passage_moves_the_dense_side_alone(library: Library) -> None:
    question = "Which colour has the engine hall?"
    plain, moved = (
        {
            stage.name: stage.places
            for stage in expanding(library, kind, "The pump was green.").trace(question, 4).stages
        }
        for kind in ("none", "hyde")
    )
    assert [place.document_id for place in plain["words"]] == [place.document_id for place in moved["words"]]
    assert moved["expanded"][0].document_id == "other"
    passage = expanding(library, "hyde", "The pump was green.").search(question, 1).passages[0]
    assert passage.dense == pytest.approx(0.0, abs=1e-6), "the cosine is that to the question"


def test_no_passage_is_made_up_where_vectors_mean_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from stand_in import TopicEmbedder

    monkeypatch.setattr("index.search.expanded_query.dense_weight", lambda query: 0.0)
    settings = Settings(**{**load_settings().model_dump(), "expand": "hyde"})
    asked: list[str] = []
    searched = Retriever(library, TopicEmbedder(), settings, lambda question: (asked.append(question) or "x",))
    assert searched.search("the pump room", 1).passages[0].document_id == "other"
    assert not asked
