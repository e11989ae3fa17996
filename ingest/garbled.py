"""Text that a file gives in place of what it shows: its fonts do not say what their shapes mean."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_STRANGE = ("Cn", "Co", "Cc", "Cs")
_NO_SIGNS = "\ufffe\x02"
"""What pdfium writes for a hyphen at a line's end."""

LANGUAGE_SHARE = 0.1
"""Of the words of a text in any language, those are function words ("the", "und"): of English prose .4, of a list of
names with a line of headings .1, of random letters .01."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def garbled_share(text: str) -> float:
    """The share, 0..1, of the characters that are none: without a code, private, for control, or replaced."""
    signs = [sign for sign in text if not sign.isspace() and sign not in _NO_SIGNS]
    strange = sum(unicodedata.category(sign) in _STRANGE or sign == "\ufffd" for sign in signs)
    return strange / len(signs) if signs else 0.0


def is_language(text: str) -> bool:
    """Whether a text in Latin letters has the function words that one in some language has."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(word in _function_words() for word in words) >= max(2.0, LANGUAGE_SHARE * len(words))


@cache
def _function_words() -> frozenset[str]:
    from stopwordsiso import stopwords

    return frozenset(word for word in stopwords(["en", "de", "fr", "es", "it", "pt", "nl"]) if len(word) > 1)
