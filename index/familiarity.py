"""How well a vocabulary knows the language of a text, and what the model's scores then count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_HAN = regex.compile(r"\p{Han}")
"""Characters that may each be a word; those of a syllabary (kana) are letters."""

UNKNOWN = ("[UNK]", "<unk>")
"""What vocabularies call a token that they do not know."""

FAMILIAR = 0.9
"""The share of a question's letters that the embedder's vocabulary must know for its vectors to count in full: of
English questions .95 of 1 in 100 and no less than .86 of 8,000 to MiniLM's."""

STRANGE = 0.8
"""At this share and below they do not count at all. Of Hindi questions MiniLM's vocabulary knows .55, but names and
figures make it .79 of 1 in 20; at .6 the vectors of these took hit@1 from .900 to .889."""


def familiarity(tokenizer: Tokenizer, text: str) -> float:
    """The share of the letters of ``text`` that the vocabulary knows as more than loose letters, in 0..1.

    A model that never learnt a language spells its words letter by letter or reads them as unknown tokens, and its
    vectors of such texts mean nothing. Characters that are words by themselves (Chinese) count where known.
    """
    unknown = {tokenizer.token_to_id(token) for token in UNKNOWN}
    encoded = tokenizer.encode(text, add_special_tokens=False)
    known = letters = 0
    for number, (start, end) in zip(encoded.ids, encoded.offsets, strict=True):
        size = _letters(text[start:end])
        letters += size
        if number not in unknown and (size > 1 or _is_one_letter_word(text, start, end)):
            known += size
    return known / letters if letters else 1.0


def known_share(tokenizer: Tokenizer, text: str) -> float:
    """The share of the letters of ``text`` that are no unknown tokens, in 0..1: for a vocabulary of many languages.

    Loose letters count there: kana and syllables of Hangul are words, and endings, by themselves.
    """
    unknown = {tokenizer.token_to_id(token) for token in UNKNOWN}
    encoded = tokenizer.encode(text, add_special_tokens=False)
    spans = [span for number, span in zip(encoded.ids, encoded.offsets, strict=True) if number in unknown]
    strange = sum(_letters(text[start:end]) for start, end in spans)
    letters = _letters(text)
    return 1 - strange / letters if letters else 1.0


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def weight_by_familiarity(weight: float, familiarity: float) -> float:
    """``weight`` (0..1) of a model's scores, lowered where it knows the language less than FAMILIAR (0..1).

    Falls linearly to 0 at STRANGE.
    """
    share = min(1.0, max(0.0, (familiarity - STRANGE) / (FAMILIAR - STRANGE)))
    return weight * share


def _is_one_letter_word(text: str, start: int, end: int) -> bool:
    """Whether a token of one letter is a word ("a", "I") or a character of a script in which it may be one."""
    letter = text[start:end].strip()
    if _HAN.match(letter):
        return True
    before, after = text[:start][-1:], text[end:][:1]
    return not (before.isalpha() or after.isalpha())
