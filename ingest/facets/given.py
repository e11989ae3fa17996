"""What a person says a document is, as facets: "Apple Inc.; AAPL", "quarter ended June 25, 2022", "Q3 2022"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

from core.errors import UsageError
from core.facets import Facet, FacetKind, Facets, ReportingPeriod
from ingest.facets.dates import whole_days
from ingest.facets.names import short_names, without_form
from ingest.facets.quarters import find_quarters, find_years
from ingest.tables.periods import period_of

KINDS: tuple[FacetKind, ...] = get_args(FacetKind)


def with_given(present: Facets, read: Facets, changes: Mapping[FacetKind, Iterable[str]]) -> Facets:
    """What a person has said (``present``) with ``changes``: the values of each kind, none to take that back.

    ``read`` is what the document says: a fiscal quarter that is given keeps its days. Of names, further ones follow
    after semicolons. Raises UsageError for a period or a day that cannot be read.
    """
    facets = [facet for facet in present.facets if facet.kind not in changes]
    period = present.period
    for kind, values in changes.items():
        said = [value.strip() for value in values if value.strip()]
        facets += [_facet(kind, value) for value in said]
        if kind == "period":
            if len(said) > 1:
                raise UsageError("a document is about one period.", "Give one: period='Q3 2022'.")
            period = _period(said[0], read.period) if said else None
    return Facets(tuple(facets), period)


def _facet(kind: FacetKind, value: str) -> Facet:
    if kind in ("organisation", "person"):
        name, *others = (part.strip() for part in value.split(";"))
        aliases = dict.fromkeys(
            (*filter(None, others), *(short_names(without_form(name)) if kind == "organisation" else ()))
        )
        return Facet(kind, name, 0, 0, tuple(alias for alias in aliases if alias != name), given=True)
    day = None
    if kind == "date":
        days = whole_days(value)
        if not days:
            raise UsageError(f"'{value}' is not a day.", "Write it out: date='17 May 2023', or date=2023-05-17.")
        day = days[0].day
    return Facet(kind, value, 0, 0, day=day, given=True)


def _period(value: str, read: ReportingPeriod | None) -> ReportingPeriod:
    quarters, years = find_quarters(value), find_years(value)
    quarter = quarters[0].quarter if quarters else None
    fiscal_year = quarters[0].year if quarters else years[0].year if years and years[0].fiscal else None
    is_fiscal = any(name.fiscal for name in quarters) or any(name.fiscal for name in years)
    if read is not None and (quarter, fiscal_year) == (read.fiscal_quarter, read.fiscal_year) and quarter:
        return read
    if is_fiscal and read is not None:
        return replace(read, fiscal_year=fiscal_year, fiscal_quarter=quarter)
    found = period_of([value])
    if found is None:
        raise UsageError(
            f"'{value}' is not a period.",
            "Write period='quarter ended June 25, 2022', period='Q3 2022' or period=2022.",
        )
    return ReportingPeriod(found.start, found.end, fiscal_year, quarter)
