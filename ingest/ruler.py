"""Sizes of texts in an embedder's tokens, also of scripts that its vocabulary does not know."""

from math import ceil

import regex

from core.protocols import Tokenizer

ODD = 2.0
"""If a word's token count differs from the usual by this factor, the vocabulary does not know the word."""

_NOT_LATIN = regex.compile(r"[[\p{L}\p{M}]--[\p{Latin}\p{Common}\p{Inherited}]]+", regex.VERSION1)
_SIGN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_SYLLABLE = regex.compile(r"\p{Hangul}")


class Ruler:
    """Counts tokens by adding up those of words, each counted once.

    Exact for tokenizers that look at words one by one, as WordPiece does, and close for the others; asking the
    tokenizer itself for every candidate would take most of an ingest's time.
    """

    _LONG = 200  # characters; a "word" of a script without spaces, seldom met twice
    _MOST = 2**16  # words that are remembered, some 15 MB

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._count = tokenizer.count_tokens
        self._words: dict[str, tuple[float, float]] = {}

    def __call__(self, text: str) -> int:
        """The text's size in tokens, words that the vocabulary does not know counted as ``usual_tokens`` says."""
        tokens, known = 0.0, self._words.get
        for word in text.split():
            tokens += (known(word) or self._word(word))[0]
        return max(1, ceil(tokens))  # the splitter repeats what has none

    def unusual(self, text: str) -> float:
        """Estimated tokens minus the tokenizer's own; negative for words that it spells letter by letter."""
        return sum(size - own for size, own in map(self._word, text.split()))

    def _word(self, word: str) -> tuple[float, float]:
        """The word's estimated tokens, and the tokenizer's own."""
        known = self._words.get(word)
        if known is None:
            own = float(self._count(word))
            known = (own if word.isascii() else self._size(word, own), own)
            if len(word) <= self._LONG:
                if len(self._words) == self._MOST:
                    self._words.clear()
                self._words[word] = known
        return known

    def _size(self, word: str, own: float) -> float:
        """``own``, or the usual count for words in a script that the vocabulary does not know."""
        unknown = usually = 0.0
        for run in _NOT_LATIN.findall(word):
            count, usual = self._count(run), usual_tokens(run)
            if not usual / ODD <= count <= usual * ODD:
                unknown, usually = unknown + count, usually + usual
        return max(own - unknown, 0.0) + usually


def usual_tokens(letters: str) -> float:
    """The tokens that a vocabulary which knows their script has for these letters, about.

    MiniLM's spells Hindi and Arabic letter by letter and reads a word of over 100 letters, which is what a Thai
    sentence is to it, as one unknown token: by its own count a chunk would hold a sentence or a whole document.
    English words have 4 letters a token; a Chinese or Japanese sign is a token, a Korean one half a token.
    """
    signs = len(_SIGN.findall(letters))
    syllables = len(_SYLLABLE.findall(letters))
    return signs + syllables / 2 + (len(letters) - signs - syllables) / 4
