"""What a question's own words ask of a table: to count, to sum up, the largest, the one after, and numbers to compare
with; by lists of words in the languages that have them (words.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from index.analyzer import FUNCTION_WORDS, analyze
from index.language import language_of
from ingest.tables.vocabulary import counts

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\d+")


COMPUTING = frozenset(("count", "sum", "average", "median", "most_common", "largest", "smallest", "latest", "earliest"))
"""Cues that ask for something over all rows."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: its term as the word index writes it, its characters, and whether it says something by itself
    (not "the", "of")."""

    term: str
    text: str
    start: int
    end: int
    tells: bool = True


@lru_cache(maxsize=2**17)
def term_of(word: str) -> str:
    """The term of one word; a number without the signs of its thousands."""
    if word[0].isdigit():
        return re.sub(r"(?<=\d),(?=\d{3}\b)", "", word)
    return next(iter(analyze(word)), word.lower())


def tokens_of(text: str, language: str = "en") -> tuple[Token, ...]:
    silent = FUNCTION_WORDS | _stop_words(language)
    return tuple(
        Token(term_of(m[0]), m[0], m.start(), m.end(), term_of(m[0]) not in silent and m[0].lower() not in silent)
        for m in WORD.finditer(text)
    )


@cache
def _stop_words(language: str) -> frozenset[str]:
    from stopwordsiso import has_lang, stopwords

    return frozenset(stopwords(language)) if language not in ("", "en") and has_lang(language) else frozenset()


def terms_of(text: str) -> tuple[str, ...]:
    return tuple(term_of(word) for word in WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that ask for something, from token ``first`` to ``last`` (exclusive)."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as its tokens and the cues in it, in a language of words.yaml, "" for another one."""

    question: str
    tokens: tuple[Token, ...]
    cues: tuple[Cue, ...]
    language: str

    @property
    def computes(self) -> bool:
        """Whether the words ask for something over several rows."""
        return any(one.kind in COMPUTING for one in self.cues)

    def number_at(self, at: int) -> float | None:
        """The number that a token is, in figures or in words."""
        if not 0 <= at < len(self.tokens):
            return None
        text = self.tokens[at].text.lower()
        if text[0].isdigit():
            return _plain_number(text, self.language)
        return float(counts()[text]) if text in counts() and text not in ("un", "ein", "one") else None


def read_wording(question: str, language: str = "") -> Wording:
    spoken = language or language_of(question) or "en"
    tokens = tokens_of(question, spoken)
    known = _patterns()
    language = spoken if spoken in known else ""
    lowered = question.lower()
    cues = []
    for kind, pattern in known.get(language, {}).items():
        for match in pattern.finditer(lowered):
            inside = [at for at, one in enumerate(tokens) if one.start < match.end() and match.start() < one.end]
            if inside:
                cues.append(Cue(kind, inside[0], inside[-1] + 1))
    return Wording(question, tokens, tuple(sorted(cues, key=lambda one: (one.first, -one.last))), language)


def _plain_number(text: str, language: str) -> float | None:
    thousands, decimal = (",", ".") if language in ("en", "") else (".", ",")
    if re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", text):
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    return float(text) if text.count(".") <= 1 else None


@cache
def _patterns() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    words = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
    return {
        language: {kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for kind, pattern in kinds.items()}
        for language, kinds in words.items()
    }
