"""A passage that any question is near to does not pass for the answer to this one."""

import numpy as np
import pytest
from stand_in import TOPICS, TopicEmbedder, document

from core.settings import Settings
from index.add import add_documents
from index.search import dense, question_mean
from index.search.question_mean import question_offset
from index.search.retriever import Retriever
from index.store.library import Library

GENERAL = "Notes on the room, and a second line."
ANSWER = "About the tide, and a second line as long."
ASKED = "Room? Tide?"


def first(library: Library, settings: Settings) -> str:
    passages = Retriever(library, TopicEmbedder(), settings).search(ASKED, 1).passages
    return passages[0].document_id


def test_what_all_questions_have_in_common_counts_less(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_documents([document("a", GENERAL), document("b", ANSWER)], library, TopicEmbedder(), settings)
    offset = np.zeros(len(TOPICS) + 1, dtype=np.float32)
    for common, other in (("room", "b"), ("tide", "a")):
        taken = offset.copy()
        taken[TOPICS.index(common)] = 0.3
        monkeypatch.setattr(dense, "question_offset", lambda embedder, taken=taken: taken)
        assert first(library, settings) == other


def test_the_cosines_that_are_told_stay_those_of_the_question(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_documents([document("a", GENERAL), document("b", ANSWER)], library, TopicEmbedder(), settings)
    offset = np.full(len(TOPICS) + 1, 0.2, dtype=np.float32)
    monkeypatch.setattr(dense, "question_offset", lambda embedder: offset)
    passages = Retriever(library, TopicEmbedder(), settings).search(ASKED, 2).passages
    assert [passage.dense for passage in passages] == pytest.approx([2**-0.5] * 2)


def test_the_multilingual_embedder_has_an_offset_and_others_have_none() -> None:
    embedder = TopicEmbedder()
    assert question_offset(embedder) is None
    embedder.name, embedder.dimension = "multilingual-e5-small-1571fc98", 384
    offset = question_offset(embedder)
    assert offset is not None
    assert 0.3 < float(np.linalg.norm(offset)) < question_mean.MEAN_SHARE
