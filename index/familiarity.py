"""How well a vocabulary knows the language of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_HAN = regex.compile(r"\p{Han}")
"""Signs that may each be a word; those of a syllabary (kana) are letters."""

UNKNOWN = ("[UNK]", "<unk>")
"""What vocabularies call a token that they do not know."""


def familiarity(tokenizer: Tokenizer, text: str) -> float:
    """The share of the letters of ``text`` that the vocabulary knows as more than loose letters, in 0..1.

    A model that never learnt a language spells its words letter by letter or reads them as unknown, and what it makes
    of such texts means nothing. Characters that are words by themselves (Chinese) count where known.
    """
    unknown = {tokenizer.token_to_id(token) for token in UNKNOWN}
    encoded = tokenizer.encode(text, add_special_tokens=False)
    known = letters = 0
    for number, (start, end) in zip(encoded.ids, encoded.offsets, strict=True):
        size = sum(character.isalpha() for character in text[start:end])
        letters += size
        if number not in unknown and (size > 1 or _stands_alone(text, start, end)):
            known += size
    return known / letters if letters else 1.0


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a token of one letter is a word ("a", "I") or a character of a script in which it may be one."""
    letter = text[start:end].strip()
    if _HAN.match(letter):
        return True
    before, after = text[:start][-1:], text[end:][:1]
    return not (before.isalpha() or after.isalpha())
