"""Events on their way: all pass, the result comes after them, and whoever goes away ends the writing."""

from collections.abc import Generator

from app.answer.events import Event, Note
from app.answer.writing import CapturedReturn, observed


def three(ended: list[str]) -> Generator[Event, None, int]:
    try:
        for text in "abc":
            yield Note(text)
        return 3
    finally:
        ended.append("ended")


def test_all_events_pass_and_the_result_is_kept() -> None:
    ended: list[str] = []
    with CapturedReturn(three(ended)) as captured:
        assert list(captured) == [Note("a"), Note("b"), Note("c")]
    assert (captured.value, ended) == (3, ["ended"])


def test_closing_what_passes_events_on_ends_where_they_come_from() -> None:
    ended: list[str] = []
    seen: list[Event] = []
    events = observed(three(ended), seen.append)
    assert next(events) == Note("a")
    source_is_open = not ended
    events.close()
    assert source_is_open
    assert (seen, ended) == ([Note("a")], ["ended"])
