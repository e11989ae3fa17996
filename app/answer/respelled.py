"""Says which of the question's words were read as another spelling of the documents' words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.messages import N_, _
from core.types import Citation
from index.analyzer import analyze

READ_AS = N_("“{asked}” was read as “{found}”.")


def respelled_notes(question: str, respelled: Mapping[str, str], quotes: Iterable[Citation]) -> tuple[str, ...]:
    """A line for each word of ``question`` that the search took for another that stands in a quote or above it.

    ``respelled`` are the question's terms by those that were searched for them.
    """
    if not respelled:
        return ()
    asked = {term: word for word in _words(question) for term in analyze(word)}
    around = " ".join(f"{quote.file} {quote.heading} {quote.quote}" for quote in quotes)
    found = {term: word for word in _words(around) for term in analyze(word)}
    pairs = [(asked[word], found[near]) for near, word in respelled.items() if word in asked and near in found]
    return tuple(_(READ_AS, asked=word, found=near) for word, near in pairs)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)
