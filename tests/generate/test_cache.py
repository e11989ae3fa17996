"""What is kept of conversations that are not the present one: within its memory, the longest unused going first."""

import pytest

from core.settings import Settings
from core.types import Message, Sampling
from generate import native
from generate.cache import PrefixCache
from generate.catalogue import find
from generate.engine import Engine
from generate.requantize import fastest_copy

TALKS = {name: [Message("user", f"{name}: the ferry leaves at {name}. " * 30)] for name in ("nine", "ten", "eleven")}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    native.start()
    home = tmp_path_factory.mktemp("home")
    path = find(Settings(home=home)).path
    assert path
    loaded = Engine(fastest_copy(path, home, threads=2), window=512, threads=2)
    yield loaded
    loaded.close()


def reused(engine, name):
    """The share of a conversation's whole blocks that need not be read again."""
    list(engine.write(TALKS[name], Sampling(max_tokens=2), name))
    return engine.usage.reused / ((engine.usage.prompt - 1) // engine.cache.block * engine.cache.block)


def test_two_conversations_that_alternate_are_both_kept(engine):
    engine.cache = PrefixCache(engine.context, engine.cache.block)
    engine.cache.clear()
    for name in ("nine", "ten"):
        assert reused(engine, name) == 0
    for name in ("nine", "ten", "nine"):
        assert reused(engine, name) == 1


def test_the_longest_unused_goes_where_the_memory_holds_only_one(engine):
    engine.cache = PrefixCache(engine.context, engine.cache.block)
    engine.cache.clear()
    reused(engine, "nine")
    reused(engine, "ten")
    (parked,) = engine.cache._parked.values()
    engine.cache = PrefixCache(engine.context, engine.cache.block, limit=int(1.5 * parked.size))
    engine.cache.clear()
    for name in ("nine", "ten", "eleven"):
        assert reused(engine, name) == 0
    assert reused(engine, "ten") == 1, "the one before is there"
    assert reused(engine, "nine") == 0, "the one before that is not"
