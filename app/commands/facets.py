"""What a document is, as commands show it, and ``lectern docs set``, by which a person says it instead."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output
from app.commands.common import settings_for as settings_of
from core.errors import UsageError

if TYPE_CHECKING:
    from core.facets import Facet, FacetKind, Facets

LABELS = {"organisation": "Whose", "person": "Person", "kind": "Kind", "period": "Period", "date": "Day"}


def set_facets(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The document's name, its id, or the beginning of its id.")
    ],
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT=VALUE...",
            help="organisation, person, kind, period or date; WHAT= alone takes back what you said.",
        ),
    ],
    library: LibraryOption = None,
) -> None:
    """Say what a document is: whose, of what kind, about which period. It counts instead of what was read."""
    from index.store.library import Library
    from ingest.facets.given import with_given

    changes = parse_values(values)
    with Library.open(settings_of(library)) as opened:
        document_id = opened.find(name)
        present = opened.given_facets(document_id)
        opened.give_facets(document_id, with_given(present, opened.read_facets(document_id), changes))
        shown = opened.names_of([document_id])[document_id], opened.facets(document_id)
    output().print(Text(one_line(shown[0]), style="bold"))
    for line in facet_lines(shown[1], ""):
        output().print(line)


def parse_values(values: list[str]) -> "dict[FacetKind, list[str]]":
    """ "organisation=Apple Inc." by kind, "" left out. Raises UsageError for another word before the "="."""
    from ingest.facets.given import KINDS

    found: dict[FacetKind, list[str]] = {}
    for value in values:
        kind, sign, said = value.partition("=")
        if not sign or kind.strip() not in KINDS:
            raise UsageError(
                f"'{value}' says nothing of a document.", f"Write one of {', '.join(KINDS)}, '=', and a value."
            )
        found.setdefault(cast("FacetKind", kind.strip()), []).extend([said] if said.strip() else [])
    return found


def facet_lines(facets: "Facets", text: str) -> Iterator[Text]:
    """A line for each facet: what it is, its other names, and the words in the document's ``text`` that say so."""
    for facet in facets.facets:
        yield Text.assemble((f"{LABELS[facet.kind]:<12}", "dim"), one_line(_value(facet)), (_proof(facet, text), "dim"))
    period = facets.period
    if period is not None:
        days = f"{period.start} to {period.end}" if period.start else f"until {period.end}"
        quarter = f", fiscal quarter {period.fiscal_quarter}" if period.fiscal_quarter else ""
        year = f" of {period.fiscal_year}" if quarter and period.fiscal_year else ""
        alone = f", fiscal year {period.fiscal_year}" if period.fiscal_year and not quarter else ""
        yield Text.assemble((f"{'About':<12}", "dim"), f"{days}{quarter}{year}{alone}")


def facets_to_json(facets: "Facets") -> dict[str, object]:
    """The key "facets" of docs/json.md."""
    period = facets.period
    return {
        "facets": [
            {
                "kind": facet.kind,
                "value": facet.value,
                "start": facet.start,
                "end": facet.end,
                "aliases": list(facet.aliases),
                "role": facet.role,
                "day": facet.day.isoformat() if facet.day else None,
                "given": facet.given,
            }
            for facet in facets.facets
        ],
        "period": period
        and {
            "start": period.start.isoformat() if period.start else None,
            "end": period.end.isoformat(),
            "fiscal_year": period.fiscal_year,
            "fiscal_quarter": period.fiscal_quarter,
        },
    }


def _value(facet: "Facet") -> str:
    others = f" ({', '.join(facet.aliases)})" if facet.aliases else ""
    return f"{facet.value}{others}"


def _proof(facet: "Facet", text: str) -> str:
    """Who says so: a person, or these words of the document, where they are more than the value."""
    if facet.given:
        return "  as you said"
    words = one_line(" ".join(text[max(0, facet.start - 40) : facet.end + 20].split()))
    role = f"  {one_line(facet.role)}" if facet.role else ""
    return role + (f"  “…{words}…”" if words else "")
