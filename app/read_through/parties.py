"""Which party of a contract a question is about, and which sentences speak of another one alone."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import Document
from index.analyzer import FUNCTION_WORDS, analyze
from ingest.facets.read import read_facets

Terms = frozenset[str]


@dataclass(frozen=True, slots=True)
class Parties:
    """What a document calls the parties that a question names, "the Tenant", and the others; () for none."""

    asked: tuple[Terms, ...]
    others: tuple[Terms, ...]

    def is_of_another(self, text: str) -> bool:
        """Whether a sentence names another party, and none that the question does: "The Landlord sweeps the flue."."""
        if not self.asked or not self.others:
            return False
        terms = _terms(text)
        return any(one <= terms for one in self.others) and not any(one <= terms for one in self.asked)


def parties_of(question: str, document: Document) -> Parties:
    """The parties by what the document calls them, as its facets tell it."""
    facets = read_facets(document)
    called = [_terms(alias) for one in (*facets.of("organisation"), *facets.of("person")) for alias in one.aliases]
    terms = _terms(question)
    asked = tuple(one for one in called if one and one <= terms)
    return Parties(asked, tuple(one for one in called if one and one not in asked))


def _terms(text: str) -> Terms:
    return frozenset(analyze(text)) - FUNCTION_WORDS
