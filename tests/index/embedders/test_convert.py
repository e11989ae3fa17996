"""A file of four-bit weights becomes a folder for sentence-transformers: the same numbers, whole or not at all."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from core.errors import FetchError, ModelDamaged, ModelMissing
from core.settings import Settings
from index.embed import load_embedder
from index.embedders import convert as conversion
from index.embedders.convert import Recipe, build_tokenizer, convert
from index.embedders.converted import place_of
from index.embedders.q4_file import Vocabulary
from tests.index.embedders.made_file import KINDS, LAYERS, POSITIONS, SCORES, WIDTH, MadeFile

RECIPE = Recipe("made-small", "query: ", "passage: ")
SHA256 = "ab" * 32
EXPECTED = json.loads(Path(__file__).with_name("tokens.json").read_text("utf-8"))
"""Tokens of our own sentences by the engine that the real file comes with, and the pieces that occur in them."""


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home, embedder="multilingual")


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    target = place_of(settings, "multilingual")
    convert(MadeFile().write(tmp_path / "made.bin"), SHA256, target, RECIPE)
    return target


def test_every_weight_is_the_file_s_own(folder: Path) -> None:
    made, written = MadeFile(), load_file(folder / "model.safetensors")
    assert len(written) == len(made.tensors)
    names = {"emb.word": "embeddings.word_embeddings.weight", "l1.fo.w": "encoder.layer.1.output.dense.weight"}
    for ours, theirs in names.items():
        assert np.allclose(written[theirs].reshape(-1), made.tensors[ours], rtol=1e-3, atol=0)
        assert written[theirs].dtype == np.float16
    query = written["encoder.layer.0.attention.self.query.weight"]
    assert np.allclose(query, made.tensors["l0.q.w"].reshape(WIDTH, WIDTH), rtol=1e-3, atol=0)
    assert (written["encoder.layer.0.attention.output.LayerNorm.bias"] == made.tensors["l0.aln.b"]).all()
    config = json.loads((folder / "config.json").read_text())
    assert (config["num_hidden_layers"], config["type_vocab_size"]) == (LAYERS, KINDS)
    assert config["max_position_embeddings"] == POSITIONS


@pytest.mark.parametrize("row", EXPECTED["texts"], ids=lambda row: row["script"])
def test_tokens_are_those_of_the_engine_that_the_file_comes_with(row: dict) -> None:
    scores, replacements = EXPECTED["scores"], EXPECTED["replacements"]
    tokenizer = build_tokenizer(Vocabulary(tuple(scores), tuple(scores.values()), 0, 2, 1, 3, replacements))
    assert tokenizer.encode(row["text"], add_special_tokens=False).tokens == row["pieces"]


def test_special_tokens_stand_around_a_text_and_offsets_are_those_of_the_text(folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = "ferry\ttide  ﬁ"
    found = tokenizer.encode(text)
    assert found.tokens == ["<s>", "▁ferry", "▁tide", "▁", "f", "i", "</s>"]
    assert found.ids[1] == list(SCORES).index("▁ferry")
    assert text[slice(*found.offsets[1])] == "ferry"
    assert text[slice(*found.offsets[4])] == text[slice(*found.offsets[5])] == "ﬁ"


def test_the_name_tells_model_file_and_conversion(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_embedder(settings).name == "made-small-abababab-1"
    by_that_name = load_embedder(settings.model_copy(update={"embedder": "made-small-abababab-1"}))
    assert by_that_name.name == "made-small-abababab-1", "a library's own line names it so"
    monkeypatch.setattr(conversion, "CONVERSION", 2)
    convert(MadeFile().write(folder.parent / "made.bin"), "cd" * 32, folder, RECIPE)
    assert load_embedder(settings).name == "made-small-cdcdcdcd-2"


@pytest.mark.parametrize("damage", ["another", "cut in the vocabulary", "cut in the weights", "blocks of another size"])
def test_a_damaged_file_is_refused_and_leaves_nothing(tmp_path: Path, damage: str) -> None:
    data = MadeFile().data
    data = {
        "another": b"GGUF" + data[4:],
        "cut in the vocabulary": data[:300],
        "cut in the weights": data[: len(data) // 2],
        "blocks of another size": data[:40] + (64).to_bytes(4, "little") + data[44:],
    }[damage]
    (tmp_path / "made.bin").write_bytes(data)
    target = tmp_path / "embedders" / "made"
    with pytest.raises(ModelDamaged, match=r"made\.bin"):
        convert(tmp_path / "made.bin", SHA256, target, RECIPE)
    assert not [path for path in target.parent.iterdir() if path.suffix != ".lock"]


def test_a_conversion_that_was_killed_is_begun_anew_and_one_that_fails_leaves_the_old_folder(
    folder: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_embedder(settings).embed_passages(["ferry tide"])
    leftover = folder.with_name(".multilingual.partial")
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    other = MadeFile(seed=1).write(tmp_path / "other.bin")
    with monkeypatch.context() as patch:
        patch.setattr(conversion, "_write_tokenizer", lambda *_: (tmp_path / "nowhere").stat())
        with pytest.raises(FetchError, match="cannot be written"):
            convert(other, SHA256, folder, RECIPE)
    assert not leftover.exists()
    assert (load_embedder(settings).embed_passages(["ferry tide"]) == before).all()
    convert(other, SHA256, folder, RECIPE)
    assert not np.allclose(load_embedder(settings).embed_passages(["ferry tide"]), before)


def test_other_users_of_the_machine_may_read_it(settings: Settings, tmp_path: Path) -> None:
    target, before = place_of(settings, "multilingual"), os.umask(0o077)
    try:
        convert(MadeFile().write(tmp_path / "made.bin"), SHA256, target, RECIPE)
    finally:
        os.umask(before)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in [target.parent, target, *target.rglob("*")])


def test_what_is_missing_or_damaged_is_one_line_with_the_command(settings: Settings, tmp_path: Path) -> None:
    pull = "lectern models pull multilingual"
    with pytest.raises(ModelMissing, match=pull):
        load_embedder(settings)
    target = place_of(settings, "multilingual")
    convert(MadeFile().write(tmp_path / "made.bin"), SHA256, target, RECIPE)
    load_embedder(settings)
    weights = target / "model.safetensors"
    data = weights.read_bytes()
    for wrong in (data[:-1], data[:-1] + bytes([data[-1] ^ 1])):
        weights.write_bytes(wrong)
        os.utime(weights, ns=(1, 1))
        with pytest.raises(ModelDamaged, match=pull):
            load_embedder(settings)
    weights.write_bytes(data)
    (target / "embedder.json").write_text("{")
    with pytest.raises(ModelDamaged, match=pull):
        load_embedder(settings)
