"""A chat model that says what it is told to, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.types import Message, Sampling, Usage

SAYS = {
    "boathouse": "Ada Marsh signed the lease of the boathouse.",
    "mill": "Tom Rook signed the lease of the mill.",
    "rent": "The rent is 815 pounds a month.",
    "pump": "Pump P3 must be primed with two litres of fresh water.",
}


class ToldEngine:
    """Says what ``SAYS`` has for the question's last word that it knows; keeps the prompts that it was asked.

    Asked whether a source supports an answer it says yes.
    """

    name, window, size = "told", 4096, 1500

    def __init__(self) -> None:
        self.prompts: list[list[Message]] = []
        self.counted = self.loads = 0
        self.before: Callable[[], None] = lambda: None

    def load(self, cancel: threading.Event | None = None) -> bool:
        self.loads += 1
        return True

    def count_tokens(self, text: str) -> int:
        self.counted += 1
        return len(text.split())

    def count_prompt(self, messages: Sequence[Message]) -> int:
        return sum(self.count_tokens(message.content) for message in messages)

    def generate(self, messages: Sequence[Message], sampling: Sampling, **_: Any) -> "Told":
        if sampling.options:
            return Told("Yes", logits=(1.0, 0.0))
        self.prompts.append(list(messages))
        self.before()
        question = messages[-1].content.lower().rsplit("question:", 1)[-1]
        places = {word: question.rfind(word) for word in SAYS}
        return Told(SAYS[max(places, key=lambda word: places[word])])

    def forget(self) -> None: ...

    def close(self) -> None: ...


class Told:
    def __init__(self, text: str, logits: tuple[float, ...] = ()) -> None:
        self._text = text
        self.usage = Usage(50, reused=8, answer=9, first_token_ms=100.0, total_ms=300.0, stopped="end", logits=logits)

    def __iter__(self) -> Iterator[str]:
        yield from (word + " " for word in self._text.split())
