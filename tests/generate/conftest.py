"""Tests that load llama.cpp into their own process wait as its own process does."""

import os

from generate.cores import WAITING

for name, value in WAITING.items():
    os.environ.setdefault(name, value)


@pytest.fixture
def file_server():
    server = FileServer()
    yield server
    server.close()
