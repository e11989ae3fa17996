"""What `lectern models bench` measures, keeps, and what it is used for."""

import pytest

from core.settings import Settings
from generate import bench
from generate.bench import candidates, measure
from generate.client import EngineClient
from generate.speed import Speed, best_threads, keep, known_speed, measured_speed, speeds_file
from generate.threads import physical_cores


@pytest.fixture
def model(engine):
    return engine.card.path


def test_a_measured_speed_is_plausible(engine):
    (speed,) = measure(Settings(home=engine.home), [2])
    assert speed.threads == 2
    assert speed.read > speed.write > 0
    assert speed.load_s > 0
    assert 100 < speed.memory_mb < 2000
    assert speed.first_word_s(260) == pytest.approx(260 / speed.read)


def test_what_was_measured_is_found_again_and_its_threads_are_used(tmp_path, model):
    settings = Settings(home=tmp_path / "home")
    assert measured_speed(settings) is None
    assert best_threads(settings, model) == physical_cores()
    keep(settings, model, Speed(3, 100.0, 20.0, 0.5, 300))
    assert measured_speed(settings) == Speed(3, 100.0, 20.0, 0.5, 300)
    assert EngineClient(settings)._model["threads"] == 3
    assert EngineClient(settings.model_copy(update={"threads": 1}))._model["threads"] == 1


def test_another_file_of_that_name_has_no_speed(tmp_path):
    settings = Settings(home=tmp_path / "home")
    first, second = (tmp_path / folder / "model.gguf" for folder in "ab")
    for file in (first, second):
        file.parent.mkdir()
        file.write_text(file.parent.name * (1 + (file is second)))
    keep(settings, first, Speed(1, 1.0, 1.0, 1.0, 1))
    assert known_speed(settings, first)
    assert known_speed(settings, second) is None


@pytest.mark.parametrize("damaged", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_file_is_as_none(tmp_path, model, damaged):
    settings = Settings(home=tmp_path / "home")
    settings.home.mkdir()
    speeds_file(settings).write_text(damaged)
    assert known_speed(settings, model) is None
    keep(settings, model, Speed(1, 1.0, 1.0, 1.0, 1))
    assert known_speed(settings, model)


def test_no_number_of_threads_is_tried_twice():
    assert sorted(set(candidates())) == candidates()
    assert physical_cores() in candidates()


def test_on_a_busy_machine_the_cores_are_used_however_fast_one_thread_seemed(monkeypatch):
    monkeypatch.setattr(bench, "physical_cores", lambda: 2)
    few, all_cores = Speed(1, 100.0, 20.0, 1.0, 0), Speed(2, 60.0, 9.0, 1.0, 0)
    assert bench.best_of([few, all_cores], busy=False) is few
    assert bench.best_of([few, all_cores], busy=True) is all_cores
    monkeypatch.setattr("os.getloadavg", lambda: (3.0, 0.1, 0.1))
    assert bench.is_busy()
    monkeypatch.setattr("os.getloadavg", lambda: (0.2, 3.0, 3.0))
    assert not bench.is_busy()
