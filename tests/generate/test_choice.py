"""Which model answers where none was chosen, and the line that says why it is not the better one."""

import mmap

import pytest

from core.settings import load_settings
from generate import catalogue, choice
from tests.standard import DATA, FILE, write_entry

ENOUGH, SHORT = 5_000_000_000, 3_000_000_000


@pytest.fixture
def settings(home, monkeypatch):
    write_entry(home)
    monkeypatch.setattr(choice, "free_memory", lambda: ENOUGH)
    return load_settings()


@pytest.fixture
def whole(settings):
    settings.models.mkdir(parents=True)
    path = settings.models / FILE
    path.write_bytes(DATA)
    return path


def test_standard_answers_where_it_is_whole_and_fits_into_memory(settings, whole):
    chosen = catalogue.choice(settings)
    assert (chosen.card.path, chosen.notice) == (whole, "")
    assert catalogue.find(settings).path == whole


def test_where_it_is_not_here_tiny_answers_and_the_command_is_said(settings):
    chosen = catalogue.choice(settings)
    assert chosen.card.alias == "tiny"
    assert chosen.notice == (
        "tiny answers; standard reads better and is not on this machine. Fetch it (2 MB): lectern models pull standard"
    )


def test_where_memory_is_short_tiny_answers_and_says_so(settings, whole, monkeypatch):
    monkeypatch.setattr(choice, "free_memory", lambda: SHORT)
    chosen = catalogue.choice(settings)
    assert chosen.card.alias == "tiny"
    assert "standard needs 4.00 GB of free memory, and 3.00 GB are free." in chosen.notice
    assert chosen.notice.endswith("lectern models use standard")
    monkeypatch.setattr(choice, "free_memory", lambda: None)  # a system that does not say
    assert catalogue.choice(settings).card.alias == "standard"


def test_a_model_that_runs_already_is_used_whatever_is_left_of_memory(settings, whole, monkeypatch):
    monkeypatch.setattr(choice, "free_memory", lambda: SHORT)
    with whole.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        assert catalogue.choice(settings).card.alias == "standard"
    assert catalogue.choice(settings).card.alias == "tiny"


def test_a_damaged_file_is_not_used_and_the_line_says_what_to_do(settings, whole):
    whole.write_bytes(DATA[:-1] + b"?")
    chosen = catalogue.choice(settings)
    assert chosen.card.alias == "tiny"
    assert chosen.notice.endswith("is not the file it should be. Run: lectern models pull standard")


@pytest.mark.parametrize("name", ["tiny", "bundled", "SmolLM2-135M-Instruct"])
def test_who_chose_a_model_is_told_of_no_other(settings, name):
    chosen = catalogue.choice(settings.model_copy(update={"model": name}))
    assert (chosen.card.alias, chosen.notice) == ("tiny", "")


def test_auto_is_the_default_and_can_be_chosen_again(settings):
    assert settings.model == "auto"
    catalogue.use(settings, "tiny")
    assert catalogue.choice(load_settings()).notice == ""
    catalogue.use(settings, "auto")
    assert load_settings().model == "auto"


def test_an_own_entry_in_the_place_of_standard_leaves_tiny(settings):
    path = settings.home / "catalogue.toml"
    ours = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    path.write_text(path.read_text().replace('alias = "standard"', 'alias = "mine"').replace(FILE, ours))
    assert catalogue.choice(settings) == choice.Choice(catalogue.find(settings, "tiny"))


def test_free_memory_is_the_machine_s_or_the_container_s(tmp_path):
    machine = tmp_path / "meminfo"
    machine.write_text("MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    8000000 kB\n")
    assert choice.free_memory(machine, tmp_path) == 8_000_000 * 1024
    (tmp_path / "memory.current").write_text("2500000000\n")
    (tmp_path / "memory.stat").write_text("anon 1500000000\ninactive_file 900000000\nactive_file 100000000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert choice.free_memory(machine, tmp_path) == 8_000_000 * 1024
    (tmp_path / "memory.max").write_text("4000000000\n")
    assert choice.free_memory(machine, tmp_path) == 2_500_000_000
    assert choice.free_memory(tmp_path / "none", tmp_path / "none") is None
