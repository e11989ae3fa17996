"""Settings: where they come from."""

from pathlib import Path

from core.settings import load_settings


def test_home_is_a_whole_path_however_it_was_given(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LECTERN_HOME", "~/papers")
    assert load_settings().home == tmp_path / "papers"
    monkeypatch.setenv("LECTERN_HOME", "papers")
    assert load_settings().home == Path.cwd() / "papers"
