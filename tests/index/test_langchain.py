"""LangChain's own standard suites, whole, on the real library; with the real embedder where it matters."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests

from core.errors import UsageError
from core.settings import Settings
from index.build import ingest
from index.langchain import LecternEmbeddings, LecternRetriever, LecternVectorStore
from index.search.filters import Filter
from index.search.retriever import Retriever
from index.store.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(Settings(home=tmp_path / "home"), create=True) as library:
        yield library


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, library: Library) -> VectorStore:
        return LecternVectorStore(library, self.get_embeddings())


class _RealEmbedder:
    @pytest.fixture(autouse=True)
    def _given(self, embedder: Any) -> None:
        self.embedder = embedder

    @property
    def embeddings_class(self) -> type[LecternEmbeddings]:
        return LecternEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": self.embedder}


class TestEmbeddings(_RealEmbedder, EmbeddingsIntegrationTests):
    pass


class TestEmbeddingsUnit(_RealEmbedder, EmbeddingsUnitTests):
    pass


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _filled(self, library: Library, embedder: Any, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path / "home")
        for number, topic in enumerate(("boats", "tides", "kelp", "pumps", "rooms")):
            (tmp_path / f"{number}.txt").write_text(f"This note is about {topic} at the station.\n")
        ingest(sorted(tmp_path.glob("*.txt")), library, embedder, settings)
        self.retriever = Retriever(library, embedder, settings)

    @property
    def retriever_constructor(self) -> type[LecternRetriever]:
        return LecternRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"retriever": self.retriever}

    @property
    def retriever_query_example(self) -> str:
        return "What is said about tides?"


def test_the_store_finds_by_meaning_and_keeps_metadata_and_content_ids(library: Library, embedder: Any) -> None:
    texts = ["The ferry leaves at noon.", "Kelp grows half a metre a day.", "The pump needs oil."]
    store = LecternVectorStore.from_texts(
        texts, LecternEmbeddings(embedder), [{"n": 1, "deep": {"a": [1]}}, {}, {}], library=library
    )
    first = store.similarity_search("When does the boat depart?", k=1)[0]
    assert (first.page_content, first.metadata) == (texts[0], {"n": 1, "deep": {"a": [1]}})
    assert store.add_texts([texts[0]], [{"n": 1, "deep": {"a": [1]}}]) == [first.id]
    assert len(library.documents()) == 3
    varied = store.max_marginal_relevance_search("boat", k=2, fetch_k=3)
    assert len({document.page_content for document in varied}) == 2


def test_the_store_searches_only_what_the_filter_keeps(library: Library, embedder: Any) -> None:
    texts = [f"The ferry number {number} leaves at noon." for number in range(12)]
    store = LecternVectorStore.from_texts(
        texts,
        LecternEmbeddings(embedder),
        [{"n": number, "even": number % 2 == 0, "by": "Ada" if number > 8 else "Bo"} for number in range(12)],
        library=library,
    )

    def found(**given: Any) -> set[int]:
        return {document.metadata["n"] for document in store.similarity_search("ferry number 0", **given)}

    assert found(k=4, filter={"by": "Ada"}) == {9, 10, 11}
    assert found(k=4, filter={"by": "Ada", "even": True}) == {10}
    assert found(k=4, filter={"n": 1}) == {1}
    assert found(k=4, filter={"by": "Eve"}) == found(k=4, filter={"even": "true"}) == set()
    library.tag([str(store.similarity_search("ferry", filter={"n": 7})[0].id)], add=["late"])
    assert found(k=4, filter=Filter(tags=("late",))) == {7}
    with pytest.raises(UsageError, match="mapping of metadata"):
        store.similarity_search("ferry", filter={"n": {"$gt": 3}})
    retriever = LecternRetriever(
        Retriever(library, embedder, Settings(home=library.folder)), filter=Filter(tags=("late",))
    )
    assert [document.page_content for document in retriever.invoke("ferry number 0")] == [texts[7]]
    (one,) = retriever.invoke("ferry", filter=Filter(documents=(library.documents()[0].name,)))
    assert one.metadata["file"] == library.documents()[0].name


def test_a_text_longer_than_the_window_stays_one_document_and_its_end_is_read(library: Library, embedder: Any) -> None:
    store = LecternVectorStore(library, embedder)
    filler = "The ledger lists the costs of timber and nails in plain columns. " * 25
    (plain, _) = store.add_texts([filler, filler + "Penguins breed on the southern ice shelf. " * 15], ids=["a", "b"])
    found = store.similarity_search_with_score("penguins breeding on ice", k=2)
    assert [document.id for document, _ in found] == ["b", "a"]
    assert found[0][1] > found[1][1] + 0.1
    assert found[0][0].page_content.endswith("shelf. ")
    assert plain == "a"


def test_chunks_of_a_file_come_with_their_place_and_can_be_fetched_by_id(
    library: Library, embedder: Any, tmp_path: Path
) -> None:
    file = tmp_path / "tides.txt"
    file.write_text("High water is at six.\n\nThe tide turns twice a day.\n")
    ingest([file], library, embedder, Settings(home=tmp_path / "home"))
    store = LecternVectorStore(library, embedder)
    (found,) = store.similarity_search("tide", k=1)
    assert found.metadata["file"] == "tides.txt"
    assert library.text(found.metadata["document_id"])[found.metadata["start"] : found.metadata["end"]] == (
        found.page_content
    )
    assert store.get_by_ids([str(found.id)]) == [found]
