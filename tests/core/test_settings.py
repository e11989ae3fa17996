"""Settings: where they come from."""

from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import load_settings


def test_home_is_a_whole_path_however_it_was_given(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LECTERN_HOME", "~/papers")
    assert load_settings().home == tmp_path / "papers"
    monkeypatch.setenv("LECTERN_HOME", "papers")
    assert load_settings().home == Path.cwd() / "papers"


@pytest.mark.parametrize("line", ["closeness = 0.6", 'source_order = "ends"'])
def test_a_setting_of_an_earlier_version_is_one_line_that_says_to_remove_it(home, line):
    home.mkdir(parents=True, exist_ok=True)
    (home / "settings.toml").write_text(f"passages = 4\n{line}\n")
    name = line.split()[0]
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert raised.value.message == f"setting '{name}' is no longer one."
    assert raised.value.hint == f"Remove it from {home / 'settings.toml'}."
    (home / "settings.toml").write_text("passages = 4\n")
    assert load_settings().passages == 4


def test_one_that_the_environment_still_holds_is_named_too(monkeypatch, home):
    monkeypatch.setenv("LECTERN_DENSE_WEIGHT", "0.7")
    with pytest.raises(UsageError, match="'LECTERN_DENSE_WEIGHT' is no longer one"):
        load_settings()
