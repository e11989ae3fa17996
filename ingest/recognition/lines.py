"""The lines that an engine recognizes on the picture of a page, and the text of a page made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    """A page, of shape (height, width, 3), red, green and blue."""

CERTAIN = 0.8
"""Certainty from which a line counts as read; what is less certain is left out of the text, and told."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its box in pixels from the top left, and ``certainty``, 0..1, as its engine says it."""

    text: str
    certainty: float
    left: float
    top: float
    right: float
    bottom: float


class Recognizer(Protocol):
    """An engine that recognizes text."""

    @property
    def name(self) -> str:
        """The engine with its version, as a person sees it."""
        ...

    def lines(self, picture: Picture) -> list[Line]:
        """The lines on a picture, in reading order."""
        ...


@dataclass(frozen=True, slots=True)
class Recognized:
    """What was recognized on a page: the certain lines, the number of those left out, who read it, and how certainly.

    ``certainty`` is the mean of the lines that were read, by their characters; 0 where there are none.
    """

    lines: tuple[str, ...]
    left_out: int
    engine: str
    certainty: float


def recognized_page(stored: Mapping[str, Any]) -> Recognized:
    """A page from its fields, as JSON keeps them."""
    return Recognized(tuple(stored["lines"]), stored["left_out"], stored["engine"], stored["certainty"])


def recognized(found: Sequence[Line], engine: str) -> Recognized:
    """The certain ones of these lines."""
    read = [line for line in found if line.certainty >= CERTAIN]
    certainty = mean_certainty((line.text, line.certainty) for line in read)
    return Recognized(tuple(line.text for line in read), len(found) - len(read), engine, certainty)


def mean_certainty(read: Iterable[tuple[str, float]]) -> float:
    """The mean of texts' certainties by their characters, 0..1; 0 without any."""
    known = [(len(text), certainty) for text, certainty in read]
    characters = sum(length for length, _ in known)
    return sum(certainty * length for length, certainty in known) / characters if characters else 0.0


def recognize(picture: Picture, engines: Sequence[Recognizer]) -> Recognized:
    """What the first engine that is certain of a page reads on it, else the one that reads most of it with certainty.

    An engine is certain where nine tenths of the characters that it finds are in lines that count as read.
    """
    best, most = Recognized((), 0, "", 0.0), -1
    for engine in engines:
        found = engine.lines(picture)
        page = recognized(found, engine.name)
        certain = sum(map(len, page.lines))
        if certain > most:
            best, most = page, certain
        if found and certain >= 0.9 * sum(len(line.text) for line in found):
            break
    return best
