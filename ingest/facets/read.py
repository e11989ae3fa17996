"""A document -> its facets: whose it is, what it is, of which dates and period. Milliseconds, no model."""

from __future__ import annotations

from core.facets import Facets
from core.types import Document
from ingest.facets.dates import read_days, read_period
from ingest.facets.kinds import read_kind
from ingest.facets.names import read_names


def read_facets(document: Document) -> Facets:
    """What a document says of itself, each with the words that say so; its file's name says nothing here."""
    names = read_names(document.text)
    period, words = read_period(document)
    facets = (*names, *read_kind(document, names), *words, *read_days(document.text))
    return Facets(facets, period)
