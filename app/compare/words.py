"""The words of a text with their places, in one spelling for all typographies, and texts of words coded as strings."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import regex

_SINGLE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORD = regex.compile(
    rf"{_SINGLE}\p{{M}}*"
    r"|\p{Nd}+(?:[.,:/'’\-]\p{Nd}+)*(?:[\p{L}\p{M}]+)?"
    rf"|(?:(?!{_SINGLE})[\p{{L}}\p{{M}}])+(?:['’](?!{_SINGLE})\p{{L}}+)*\p{{Nd}}*"
    r"|([^\s\p{L}\p{Nd}])\1*"
)
"""A character of scripts without spaces, a figure or date with its signs, a word, or a run of one other sign."""

_QUOTES = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-") | {"…": "..."}
)
_INVISIBLE = regex.compile(r"[\p{Cf}]")
_FIRST_CODE = 0x100
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a figure or a sign: ``text[start:end]`` of a document. ``key`` is its spelling without typography.

    ``folded`` is the key without case, by which words are aligned.
    """

    key: str
    folded: str
    start: int
    end: int

    @property
    def is_sign(self) -> bool:
        """Whether it has neither a letter nor a figure."""
        return not any(map(str.isalnum, self.key))


def words_of(text: str, start: int, end: int) -> list[Word]:
    """The words of ``text[start:end]``, in order. The sign between cells of a row, "|", is left out."""
    found = []
    for match in _WORD.finditer(text, start, end):
        key = spelling(match.group())
        if key and key.strip("|"):
            found.append(Word(key, key.casefold(), match.start(), match.end()))
    return found


def spelling(text: str) -> str:
    """``text`` with one kind of quotation marks, dashes and widths: what a change of program changes is no change."""
    if text.isascii():
        return text if text[:1] not in ("`", "_", ".") else text.replace("`", "'")[:3]
    return str(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_QUOTES))))


class Codes:
    """Writes sequences of words as strings, one character a word, which string metrics then compare as words."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def encode(self, words: Iterable[Word]) -> str:
        """The words as a string; equal words (but for case) are equal characters."""
        return "".join(self._code(word.folded) for word in words)

    def _code(self, folded: str) -> str:
        if (known := self._codes.get(folded)) is None:
            number = _FIRST_CODE + len(self._codes)
            known = self._codes[folded] = chr(number if number < _SURROGATES.start else number + len(_SURROGATES))
        return known
