"""The language of a text, told by its letters (py3langid, after Lui and Baldwin, "langid.py", 2012)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

READ_CHARACTERS = 2000
"""The beginning of a text is enough to tell its language by."""

CLEAR = 3.0
"""Difference of the logarithms of two languages' likelihoods from which a text is in the first of them. Of single words
("towels" was Polish) hardly any reaches it, of whole questions nearly all do."""

NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""The languages that are told from each other, by ISO 639-1 code, with their names in English. With fewer languages to
choose from, short texts are told right more often."""


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language of ``text``, one of NAMES; "" for a text without a letter."""
    return _language(text[:READ_CHARACTERS]) if any(map(str.isalpha, text)) else ""


@lru_cache(maxsize=64)  # a document on its way into the library is asked several times
def _language(beginning: str) -> str:
    code, _ = _identifier().classify(beginning)
    return str(code)


def clear_language_of(text: str) -> str:
    """As ``language_of``, but "" where another language is nearly as likely: one or two words seldom tell theirs."""
    if not any(map(str.isalpha, text)):
        return ""
    (code, best), (_, second), *_ = _identifier().rank(text[:READ_CHARACTERS])
    return str(code) if best - second >= CLEAR else ""


@cache
def _identifier() -> Any:
    import py3langid  # type: ignore[import-untyped]

    py3langid.set_languages(list(NAMES))
    return py3langid
