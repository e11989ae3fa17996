"""What `lectern serve --fetch-model` says in the terminal before it fetches."""

from app.commands.serve import fetch_line
from core.settings import load_settings


def fetched(name):
    folder = load_settings().models / "embedders" / name
    folder.mkdir(parents=True)
    (folder / "embedder.json").write_text("{}")


def test_all_that_will_be_fetched_is_named(home, monkeypatch, tmp_path):
    monkeypatch.setenv("LECTERN_MODELS", str(tmp_path / "models"))
    line = fetch_line(load_settings())
    assert "the model standard (1.12 GB; tiny answers until it is here), the embedder multilingual (72 MB)" in line
    assert line.endswith("To do without: lectern models use tiny")


def test_nothing_is_named_where_the_person_chose_a_model(home, monkeypatch, tmp_path):
    monkeypatch.setenv("LECTERN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("LECTERN_MODEL", "tiny")
    assert fetch_line(load_settings()) == ""


def test_with_the_model_here_the_embedder_alone_is_named_and_the_model_is_kept(home, monkeypatch, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setenv("LECTERN_MODELS", str(models))
    (models / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").touch()
    line = fetch_line(load_settings())
    assert "standard (" not in line
    assert "the embedder multilingual" in line
    assert line.endswith("lectern models use standard")


def test_with_both_here_nothing_is_said(home, monkeypatch, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setenv("LECTERN_MODELS", str(models))
    (models / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").touch()
    fetched("multilingual")
    assert fetch_line(load_settings()) == ""
