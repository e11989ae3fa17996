"""The stand-in embedder is found beside the tests that use it; and a library in a home of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from index.store.library import Library

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    with Library.open(settings, create=True) as library:
        yield library
