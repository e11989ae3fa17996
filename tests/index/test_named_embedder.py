"""Embedders that run elsewhere: by name, with vectors of length 1, noted by the library, and told apart when wrong."""

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from core.errors import EmbedderMismatch, ModelError, ModelMissing
from core.settings import Settings
from index.build import ingest
from index.embed import load_embedder
from index.store.library import Library
from tests.generate.fake_server import KEY, fake_server
from tests.index.stand_in import TopicEmbedder


@pytest.fixture
def server(home, monkeypatch):
    monkeypatch.setenv("LECTERN_SERVER_KEY", KEY)
    with fake_server() as fake:
        yield fake


def test_a_server_embeds_and_the_library_notes_its_name(server, home, tmp_path):
    settings = Settings(home=home, embedder="server:a", server_url=server.url)
    embedder = load_embedder(settings)
    vectors = embedder.embed_passages(["one", "four"])
    assert vectors.shape == (2, 3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert server.bodies[-1]["input"] == ["one", "four"], "text is sent, and no tokens of another model"
    file = tmp_path / "a.txt"
    file.write_text("The ferry leaves at noon.")
    with Library.open(settings, create=True) as library:
        assert not ingest([file], library, embedder, settings).failed
        assert library.embedder_name == "server:a"
        with pytest.raises(EmbedderMismatch, match="server:a"):
            library.bind_embedder(TopicEmbedder())


def test_langchain_s_embedders_go_by_their_provider(home, monkeypatch):
    asked = []

    def init_embeddings(name, **options):
        asked.append((name, options))
        return DeterministicFakeEmbedding(size=4)

    monkeypatch.setattr("langchain.embeddings.init_embeddings", init_embeddings)
    embedder = load_embedder(Settings(home=home, embedder="langchain:cohere:embed-v4"))
    assert (embedder.name, embedder.dimension) == ("langchain:cohere:embed-v4", 4)
    assert asked == [("cohere:embed-v4", {})]


@pytest.mark.parametrize(
    ("key", "model", "line"),
    [("wrong", "a", "wants a key, or refuses"), (KEY, "gone", "has no model 'gone'")],
)
def test_what_is_wrong_is_told(server, home, monkeypatch, key, model, line):
    monkeypatch.setenv("LECTERN_SERVER_KEY", key)
    embedder = load_embedder(Settings(home=home, embedder=f"server:{model}", server_url=server.url))
    with pytest.raises(ModelError, match=line):
        embedder.embed_question("Who?")


def test_a_package_that_is_missing_and_an_unknown_provider(home):
    with pytest.raises(ModelMissing, match=r"pip install -c constraints\.txt langchain-cohere"):
        load_embedder(Settings(home=home, embedder="langchain:cohere:e"))
    with pytest.raises(ModelMissing, match="nobody"):
        load_embedder(Settings(home=home, embedder="langchain:nobody:e"))
    with pytest.raises(ModelMissing, match="no server"):
        load_embedder(Settings(home=home, embedder="server:e"))
