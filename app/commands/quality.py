"""``lectern docs report``: what was read of documents and how, what was left out and why."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, settings_for
from core.errors import UnknownDocument
from core.files import for_the_person, write_atomically
from ingest.folder import find_files, shown

if TYPE_CHECKING:
    from app.quality.quality import Quality
    from core.types import Document
    from index.store.library import Library
    from index.store.records import DocumentRecord

RUNS_SHOWN = 12
"""Of the runs of pages that `lectern docs show` lists."""


def report(
    place: Annotated[
        str, typer.Argument(metavar="[FOLDER|NAME]", help="A folder, a document, or 'report*.pdf'; all without it.")
    ] = "",
    library: LibraryOption = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file.")] = None,
) -> None:
    """Report what was read of documents, page by page: as text, recognized, as tables or forms; what was left out and
    why, garbled characters, the language.
    """
    from app.quality.as_html import as_html
    from app.quality.quality import in_a_line, quality_of
    from index.store.library import Library

    with Library.open(settings_for(library)) as opened:
        records = chosen(opened, place)
        found = [quality_of(opened.document(record.id), record) for record in records]
        missing = missing_files(opened, Path(place).expanduser()) if place else []
        title = place or opened.name
    if html is not None:
        with for_the_person():
            write_atomically(html.expanduser(), as_html(title, found, missing).encode(), private=False)
        output().print(f"{one_line(shown(html))}: {len(found)} documents.", markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Name", overflow="fold", ratio=2)
    table.add_column("Read as", overflow="fold", ratio=3)
    table.add_column("To know", overflow="fold", ratio=4)
    for one in sorted(found, key=lambda one: (not one.problems, one.name)):
        table.add_row(*(Text(one_line(text)) for text in (one.name, in_a_line(one), "; ".join(to_know(one)))))
    for name in missing:
        table.add_row(Text(one_line(name)), Text("not in the library"), Text("`lectern ingest` says why"))
    output().print(table, soft_wrap=False)


def chosen(library: "Library", place: str) -> "list[DocumentRecord]":
    """The documents that came from a folder or have this name; all for "". Raises UnknownDocument."""
    from index.search.filters import matching
    from index.store.sources import of_path, path_of

    records = library.documents()
    if not place:
        return records
    folder = Path(place).expanduser()
    if folder.is_dir():
        root = path_of(of_path(folder)) or folder
        sources = {record.id: [path_of(source) for source in record.sources] for record in records}
        inside = [one for one in records if any(path and path.is_relative_to(root) for path in sources[one.id])]
        if not inside:
            raise UnknownDocument(f"no document came from {shown(folder)}.", "Run: lectern ingest FOLDER")
        return inside
    with library.database.reading() as db:
        ids = set(matching(db, [place]))
    return [record for record in records if record.id in ids]


def missing_files(library: "Library", folder: Path) -> list[str]:
    """The files below a folder that the library does not hold."""
    from index.store.sources import of_path

    if not folder.is_dir():
        return []
    known = library.files()
    return [shown(found.path) for found in find_files([folder]) if of_path(found.path) not in known]


def quality_lines(document: "Document") -> list[str]:
    """What `lectern docs show` says of the quality of a document: a line, and one for each run of pages alike."""
    from app.quality.quality import in_a_line, quality_of, runs

    quality = quality_of(document)
    lines = [in_a_line(quality)]
    found = [(first, last) for first, last in runs(quality.pages) if first.ways != ("text",) or first.left_out]
    for first, last in found[:RUNS_SHOWN]:
        where = first.place if first is last else f"{first.place} to {last.number}"
        said = [", ".join(first.ways) or "not read", first.left_out, first.language]
        lines.append(f"{where}: {'; '.join(filter(None, said))}")
    if len(found) > RUNS_SHOWN:
        lines.append(f"and {len(found) - RUNS_SHOWN} more; `lectern docs report {document.name} --html FILE` has all")
    return lines


def to_know(quality: "Quality") -> Sequence[str]:
    """What was left out of a document: reasons with the number of their pages, and what holds for all of it."""
    reasons = Counter(page.left_out for page in quality.pages if page.left_out)
    return [*(f"{why}: {number} pages" if number > 1 else why for why, number in reasons.items()), *quality.left_out]
