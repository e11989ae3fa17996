"""Tests that load llama.cpp into their own process wait as its own process does."""

import os

import pytest

from generate.threads import WAITING
from tests.generate.file_server import FileServer

for name, value in WAITING.items():
    os.environ.setdefault(name, value)


@pytest.fixture
def file_server():
    server = FileServer()
    yield server
    server.close()
