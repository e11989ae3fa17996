"""Fixtures that are dear to make, shared by all tests: the real embedder is loaded once."""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from core.settings import Settings, load_settings
from generate.catalogue import entry_of
from generate.choice import STANDARD

os.environ["LANGUAGE"] = "en"  # it counts before LC_ALL and LANG; the programs that tests start read it too
MACHINE = load_settings().models
"""The models folder of this machine, as it is before any test names another."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("standard") and not _has_standard():
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"the model is not in {MACHINE}: lectern models pull standard")


def _has_standard() -> bool:
    card = entry_of(Settings(models=MACHINE), STANDARD)
    return card is not None and card.path is not None


@pytest.fixture(scope="session", autouse=True)
def _models_of_the_tests(tmp_path_factory: pytest.TempPathFactory):
    """No test reads or writes the models folder of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_MODELS", str(tmp_path_factory.mktemp("models")))
        yield


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch):
    """Streamlit's AppTest puts the page in place of `__main__`, and processes spawned later would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def _own_priority():
    """A command that is run within the tests lowers its priority, as an ingest does; the next test has its own again,
    where the system allows it."""
    if not hasattr(os, "getpriority"):
        yield
        return
    before = os.getpriority(os.PRIO_PROCESS, 0)
    yield
    if os.getpriority(os.PRIO_PROCESS, 0) != before:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


@pytest.fixture(scope="session", autouse=True)
def engines():
    """A folder of this session's own for engines that programs share; none of them outlives it, or is idle for long."""
    from generate.running import stop_shared

    # Processes that were told to end may take their files away while the folder is emptied.
    shared = tempfile.TemporaryDirectory(prefix="lectern", ignore_cleanup_errors=True)
    with shared as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        if "LECTERN_ENGINE_MINUTES" not in os.environ:
            patch.setenv("LECTERN_ENGINE_MINUTES", "0.2")
        yield
        stop_shared()


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory):
    """The real, bundled MiniLM."""
    from index.embed import load_embedder

    return load_embedder(Settings(home=tmp_path_factory.mktemp("embedder-home")))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory):
    """The real, bundled SmolLM2 in its process, started by the first test that asks it something."""
    from generate.client import EngineClient

    with EngineClient(Settings(home=tmp_path_factory.mktemp("engine-home"))) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Lectern home and a models folder of its own, also for the programs that a test starts."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LECTERN_HOME", str(folder))
    monkeypatch.setenv("LECTERN_MODELS", str(tmp_path / "machine" / "models"))
    return folder
