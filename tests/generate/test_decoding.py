"""Bytes of tokens become whole characters, and nothing of a stop string is shown."""

import pytest

from generate.decoding import TextStream


def shown(parts, stop=()):
    stream = TextStream(stop)
    pieces = [stream.push(part) for part in parts]
    return [*pieces, stream.finish()], stream


def test_an_emoji_that_is_split_over_tokens_comes_as_one():
    data = "a😎é".encode()
    pieces, _ = shown([data[i : i + 1] for i in range(len(data))])
    assert [piece for piece in pieces if piece] == ["a", "😎", "é"]


def test_bytes_that_never_become_a_character_are_replaced():
    pieces, _ = shown([b"ok ", "😎".encode()[:2]])
    assert "".join(pieces) == "ok \ufffd"


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_stop_string_is_found_wherever_it_is_cut(cut):
    text = b"one STOP two"
    pieces, stream = shown([text[:cut], text[cut:]], stop=("STOP",))
    assert "".join(pieces) == "one "
    assert stream.stopped


def test_the_earliest_of_several_stop_strings_counts():
    pieces, _ = shown([b"a\n\nb Question:"], stop=("Question:", "\n\n"))
    assert "".join(pieces) == "a"


def test_the_beginning_of_a_stop_string_is_shown_when_it_is_not_one():
    pieces, stream = shown([b"ST", b"AR"], stop=("STOP",))
    assert pieces == ["", "STAR", ""]
    pieces, stream = shown([b"one ST"], stop=("STOP",))
    assert "".join(pieces) == "one ST"
    assert not stream.stopped
