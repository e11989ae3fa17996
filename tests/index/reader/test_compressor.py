"""The span reader's LangChain compressor, used as LangChain uses it."""

import pytest
from langchain_core.documents import Document

from index.bundled import bundled_folder
from index.reader.compressor import SpanCompressor
from index.reader.loader import load_span_reader

LEASE = "The lease runs for nine years. The yearly rent is 4,200 kroner. It is paid in two halves."
PUMP = "Grease the bearing once a month. The pump is stopped before its cover is opened. Use only mineral oil."
QUESTION = "How much is the yearly rent?"


@pytest.fixture(scope="module")
def compressor(tmp_path_factory: pytest.TempPathFactory) -> SpanCompressor:
    return SpanCompressor(span_reader=load_span_reader(bundled_folder(tmp_path_factory.mktemp("home"))))


def test_documents_are_ranked_by_the_words_that_answer(compressor: SpanCompressor) -> None:
    documents = [Document(PUMP, metadata={"source": "pump.md"}), Document(""), Document(LEASE, id="lease")]
    ranked = compressor.compress_documents(documents, QUESTION)
    assert [document.page_content for document in ranked] == [LEASE, PUMP, ""]
    first = ranked[0]
    assert first.id == "lease"
    assert "4,200" in first.metadata["words"]
    assert LEASE[first.metadata["words_start"] : first.metadata["words_end"]] == first.metadata["words"]
    assert ranked[1].metadata["source"] == "pump.md"
    assert documents[0].metadata == {"source": "pump.md"}


def test_documents_are_cut_down_to_the_sentences_that_answer(compressor: SpanCompressor) -> None:
    cutting = compressor.model_copy(update={"cut": True, "top_n": 1})
    (cut,) = cutting.compress_documents([Document(PUMP), Document(LEASE)], QUESTION)
    assert cut.page_content == "The yearly rent is 4,200 kroner."


def test_a_least_score_leaves_out_what_does_not_answer(compressor: SpanCompressor) -> None:
    first, second = compressor.compress_documents([Document(PUMP), Document(LEASE)], QUESTION)
    between = (first.metadata["words_score"] + second.metadata["words_score"]) / 2
    picky = compressor.model_copy(update={"least_score": between})
    kept = picky.compress_documents([Document(PUMP), Document(LEASE)], QUESTION)
    assert [document.page_content for document in kept] == [LEASE]
