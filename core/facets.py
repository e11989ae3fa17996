"""What a document is: whose, of what kind, and of which dates and periods, each with the words that say so.

Facets (of one document)
  facets  Facet (kind, value, document.text[start:end], aliases, role)
  period  ReportingPeriod (start, end, fiscal year and quarter), None for a document that is about no period
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.tables import Period

FacetKind = Literal["organisation", "person", "kind", "period", "date"]
"""Whose a document is, what it is ("quarterly report", "lease"), the period it is about, and days that it names."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that a document says of itself. ``document.text[start:end]`` are the words that it was read from.

    ``value`` is as it is written ("Apple Inc.", "June 25, 2022"); a day of a "date" and the end of a "period" is
    ``day`` as well. ``aliases`` are what else the document calls it: "the Company", "AAPL". ``role`` says more: of an
    organisation or person "party", of a date "signed", "in force", "" for nothing. ``given`` is True for what a person
    said instead of the document; ``start`` and ``end`` are 0 then.
    """

    kind: FacetKind
    value: str
    start: int
    end: int
    aliases: tuple[str, ...] = ()
    role: str = ""
    day: date | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class ReportingPeriod:
    """The period that a document is about, both days included; ``start`` is None where only its end is said.

    ``fiscal_year`` and ``fiscal_quarter`` (1 to 4) are None where the document does not say them. For a period without
    a fiscal quarter, its length tells a year from a month.
    """

    start: date | None
    end: date
    fiscal_year: int | None = None
    fiscal_quarter: int | None = None

    @property
    def days(self) -> Period:
        return Period(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of one document; () and None where nothing was read."""

    facets: tuple[Facet, ...] = ()
    period: ReportingPeriod | None = None

    def of(self, kind: FacetKind) -> tuple[Facet, ...]:
        """The facets of one kind, in the order in which they stand in the document."""
        return tuple(facet for facet in self.facets if facet.kind == kind)


Reading = Literal["calendar", "fiscal", "named"]
"""How a question's period was read: by the calendar, by the fiscal year of whose report it is, or by its own name."""


@dataclass(frozen=True, slots=True)
class QuestionPeriod:
    """A period that a question names in ``text``: "Q3 2022", "the quarter ended June 25, 2022", "latest", "2021".

    ``start`` and ``end``, both included, are those of the documents that were chosen for it; ``readings`` says how.
    """

    start: date | None
    end: date
    readings: Reading
    text: str


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """The documents that a question asks about, by its names and periods, those that fit best first.

    ``organisations`` are whose they are, ``said`` what a person should know of how the question was read. ``is_sure``
    says that names and periods fit both: nothing else need be searched.
    """

    document_ids: tuple[str, ...]
    organisations: tuple[str, ...] = ()
    periods: tuple[QuestionPeriod, ...] = ()
    said: tuple[str, ...] = ()
    is_sure: bool = False
