"""Tests that load llama.cpp into their own process wait as its own process does."""

import os

import pytest

from generate.threads import WAITING
from tests.generate.file_server import FileServer

for name, value in WAITING.items():
    os.environ.setdefault(name, value)


@pytest.fixture(scope="session")
def path(tmp_path_factory):
    """The bundled model's file in the form that is fastest here."""
    from core.settings import Settings
    from generate.catalogue import find
    from generate.native import start
    from generate.requantize import fastest_copy

    start()
    home = tmp_path_factory.mktemp("home")
    return fastest_copy(find(Settings(home=home)).path, home, threads=2)


@pytest.fixture
def file_server():
    server = FileServer()
    yield server
    server.close()
