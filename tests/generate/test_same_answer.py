"""The same prompt has the same scores, to the bit, and so the same answer, whatever the model read before it."""

import numpy as np
import pytest
from llama_cpp import llama_cpp as native

from core.types import Message, Sampling
from generate.engine import Engine
from generate.perplexity import calibration_text

SYSTEM = Message("system", "You answer from the text.")
WORDS = calibration_text().split()
FIRST = [SYSTEM, Message("user", " ".join(WORDS[:170]) + "\nWhat is told here?")]
OTHER = [SYSTEM, Message("user", " ".join(WORDS[300:460]) + "\nWhat is told here?")]
ANSWER = Sampling(max_tokens=100, repeat_penalty=1.0)
SHORT = Sampling(max_tokens=16, repeat_penalty=1.0)


@pytest.fixture(scope="module", autouse=True)
def _small_blocks():
    """Blocks of half the size, so that a short text has several; test_client.py asks with the program's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generate.engine.LARGEST_BATCH", 64)
        yield


@pytest.fixture
def engine(path):
    """An engine that has read nothing."""
    loaded = Engine(path, window=1024, threads=2)
    yield loaded
    loaded.close()


def asked(engine, messages, conversation, sampling=SHORT):
    """The answer, and the scores of the whole vocabulary where each piece of it was chosen."""
    pieces, scores = [], []
    for piece in engine.write(messages, sampling, conversation):
        found = native.llama_get_logits_ith(engine.context, -1)
        scores.append(np.ctypeslib.as_array(found, shape=(engine.model.size,)).copy())
        pieces.append(piece)
    engine.resume()
    return "".join(pieces), np.array(scores)


def stopped_after(engine, blocks):
    """Let Stop be pressed once so many blocks are read."""
    extend = engine.cache.extend

    def extended(tokens):
        extend(tokens)
        if len(engine.cache.tokens) >= blocks * engine.cache.block:
            engine.stop()

    engine.cache.extend = extended
    return lambda: setattr(engine.cache, "extend", extend)


@pytest.fixture(scope="module")
def follow_up(path, _small_blocks):
    """A question after an answer of many tokens, and what a process that has read nothing says to it."""
    engine = Engine(path, window=1024, threads=2)
    said, _ = asked(engine, FIRST, "first", ANSWER)
    engine.close()
    messages = [*FIRST, Message("assistant", said), Message("user", "Say more about the first of these.")]
    fresh = Engine(path, window=1024, threads=2)
    answer, scores = asked(fresh, messages, "reopened")
    assert fresh.usage.reused == 0
    fresh.close()
    assert len(scores) > 10
    return messages, answer, scores


def after_nothing(engine):
    pass


def after_another_chat(engine):
    asked(engine, OTHER, "other", ANSWER)


def after_its_own_beginning(engine):
    asked(engine, FIRST, "talk", ANSWER)


def after_its_own_beginning_and_reading_ahead(engine):
    asked(engine, FIRST, "talk", ANSWER)
    engine.read_ahead()


def after_being_parked(engine):
    after_its_own_beginning_and_reading_ahead(engine)
    asked(engine, OTHER, "other")
    engine.read_ahead()
    asked(engine, [SYSTEM, Message("user", "Hello!")], "third")


def after_another_conversation_with_the_same_beginning(engine):
    asked(engine, FIRST, "twin", ANSWER)


def after_stop_while_its_beginning_was_read(engine):
    undo = stopped_after(engine, 2)
    assert asked(engine, FIRST, "talk")[0] == ""
    undo()


def after_stop_while_reading_ahead(engine):
    asked(engine, FIRST, "talk", ANSWER)
    undo = stopped_after(engine, 4)
    engine.read_ahead()
    undo()
    engine.resume()


def after_a_longer_talk(engine):
    asked(engine, [*FIRST, Message("assistant", "I see."), Message("user", " ".join(WORDS[:150]))], "talk", ANSWER)
    engine.read_ahead()


def after_deleting(engine):
    after_another_chat(engine)
    engine.cache.forget()


HISTORIES = [
    after_nothing,
    after_another_chat,
    after_its_own_beginning,
    after_its_own_beginning_and_reading_ahead,
    after_being_parked,
    after_another_conversation_with_the_same_beginning,
    after_stop_while_its_beginning_was_read,
    after_stop_while_reading_ahead,
    after_a_longer_talk,
    after_deleting,
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
def test_the_scores_are_the_same_to_the_bit(engine, follow_up, history):
    messages, answer, scores = follow_up
    history(engine)
    again, its_scores = asked(engine, messages, "talk")
    assert again == answer
    assert np.array_equal(its_scores, scores)
    assert engine.usage.prompt == len(engine.template.tokens(messages))


def test_a_follow_up_reads_again_no_more_than_the_block_that_it_begins_in(engine, follow_up):
    messages, _, _ = follow_up
    asked(engine, FIRST, "talk", ANSWER)
    engine.read_ahead()
    known = len(engine.template.tokens(messages[:3])) - len(engine.template.tokens([SYSTEM]))
    asked(engine, messages, "talk")
    assert known - engine.usage.reused < engine.cache.block + 20
    asked(engine, messages, "talk")
    assert 0 < engine.usage.read <= engine.cache.block


def test_reading_ahead_gives_way_to_a_stop_and_keeps_whole_blocks(engine, follow_up):
    asked(engine, FIRST, "talk", ANSWER)
    undo = stopped_after(engine, 4)
    engine.read_ahead()
    undo()
    assert len(engine.cache.tokens) == engine.cache.reusable == 4 * engine.cache.block


def test_a_system_text_that_was_read_while_idle_changes_nothing(engine, path):
    long = Message("system", "You answer from the text. " * 12)  # of more than one block
    for system in (long, Message("system", "You answer from the text, in one sentence, and never beyond it. " * 3)):
        prompt = [system, *FIRST[1:]]
        engine.cache.forget()
        cold, scores = asked(engine, prompt, "")
        assert engine.usage.reused == 0
        engine.cache.forget()
        engine.warm([system, Message("user", "")])
        head = len(engine.cache.tokens)
        assert head == engine.cache.reusable > 32
        warm, warm_scores = asked(engine, prompt, "new")
        assert engine.usage.reused == head
        assert warm == cold
        assert (warm_scores == scores).all()
        asked(engine, OTHER, "elsewhere")
        asked(engine, [system, *OTHER[1:]], "another")
        assert engine.usage.reused == head, "it is kept for every new conversation"
        asked(engine, OTHER, "elsewhere")
        assert asked(engine, prompt, "new")[0] == cold
