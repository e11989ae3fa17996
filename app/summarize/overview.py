"""What stands above and below a summary: what the document is, whose, of when; its dates, its parties."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from app.answer.citations import cite
from core.facets import Facet, Facets
from core.messages import _, ngettext
from core.types import AnswerSentence, Document

MOST_NAMES = 4
"""Parties that the line on what a document is names; all are below "Parties"."""


def identity(document: Document, facets: Facets) -> AnswerSentence:
    """What a document is, whose, of which day or period, and how long, each in its own words and cited."""
    told: list[Facet] = [*facets.of("kind")[:1], *_parties(facets)[:MOST_NAMES]]
    told += [one for one in facets.of("period") if one.role == "ended"][:1] or facets.of("period")[:1]
    if not facets.of("period"):
        told += facets.of("date")[:1]
    said = [" ".join(text.split()) for text in (document.title, *(one.value for one in told))]
    if document.title in ("", PurePath(document.name).stem) and told:
        del said[0]  # a file's name is no title
    folded = [text.casefold() for text in said]
    distinct = [text for at, text in enumerate(said) if not _is_told(folded, at)]
    citations = tuple(cite(document, one.start, one.end) for one in told if not one.given)
    return AnswerSentence(" · ".join((*distinct, extent(document))), citations)


def _is_told(texts: Sequence[str], at: int) -> bool:
    """Whether a text is part of another one, or was there before."""
    return texts[at] in texts[:at] or any(texts[at] in other and texts[at] != other for other in texts)


def extent(document: Document) -> str:
    """How long a document is: "28 pages", "3 sheets", else its words."""
    pages = len(document.pages)
    if document.pages and document.pages[0].kind == "page":
        return ngettext("{count} page", "{count} pages", pages)
    if document.pages and document.pages[0].kind == "slide":
        return ngettext("{count} slide", "{count} slides", pages)
    if document.pages and document.pages[0].kind == "sheet":
        return ngettext("{count} sheet", "{count} sheets", pages)
    words = len(document.text.split())
    return ngettext("{count} word", "{count} words", words)


def parties(document: Document, facets: Facets) -> list[AnswerSentence]:
    """Each organisation and person whose the document is, with what it calls them."""
    found = []
    for one in _parties(facets):
        names = ", ".join(one.aliases)
        said = f"{one.value} ({names})" if names else one.value
        citations = () if one.given else (cite(document, one.start, one.end),)
        found.append(AnswerSentence(" ".join(said.split()), citations))
    return found


def _parties(facets: Facets) -> list[Facet]:
    return [*facets.of("organisation"), *facets.of("person")]


def length_answer(document: Document) -> str:
    """How long a document is, in full."""
    words = len(document.text.split())
    counted = ngettext("{count} word", "{count} words", words)
    if extent(document) == counted:
        return _("{name} has {words}.", name=document.name, words=counted)
    return _("{name} has {pages} and {words}.", name=document.name, pages=extent(document), words=counted)
