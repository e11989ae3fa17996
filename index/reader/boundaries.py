"""Where words and graphemes begin and end, in any script (Unicode Standard Annex 29)."""

from bisect import bisect_left, bisect_right

import regex

_WORD = regex.compile(r"(?w)\b")
_GRAPHEME = regex.compile(r"\X")


class Boundaries:
    """The positions of a text at which it may be cut: at the ends of words, never inside a grapheme."""

    def __init__(self, text: str) -> None:
        self._text = text
        graphemes = {0, *(found.end() for found in _GRAPHEME.finditer(text))}
        words = {0, len(text), *(found.start() for found in _WORD.finditer(text))}
        self._places = sorted(graphemes & words)

    def whole_words(self, start: int, end: int) -> tuple[int, int] | None:
        """The span widened to whole words, without white space at its ends; None if it holds only white space."""
        start = self._places[bisect_right(self._places, start) - 1]
        end = self._places[bisect_left(self._places, end)]
        inside = self._text[start:end]
        start += len(inside) - len(inside.lstrip())
        end -= len(inside) - len(inside.rstrip())
        return (start, end) if start < end else None
