"""A comparison as a Word file: the new text with every change tracked, so that Word can accept or reject it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.compare.report.marks import Marks, of_kinds
from app.compare.report.wording import as_line, summary_lines
from app.compare.result import HEADINGS, WEIGHTS, Aligned, Comparison, numbered
from core.messages import _
from ingest.clean import one_line

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

Piece = tuple[Literal["same", "old", "new"], str]

AUTHOR = "Lectern"


def write_docx(comparison: Comparison, path: Path) -> None:
    """Write the counts, the text with its changes tracked, and the list of differences. Raises OSError."""
    import docx

    document = docx.Document()
    document.add_heading(f"{comparison.old.name} → {comparison.new.name}", level=1)
    for line in summary_lines(comparison):
        document.add_paragraph(_safe(line))
    old, new = Marks(comparison, "old"), Marks(comparison, "new")
    changes = 0
    for row in comparison.rows:
        paragraph = document.add_paragraph()
        for kind, text in _pieces(row, comparison, old, new):
            changes += kind != "same"
            _append(paragraph, kind, text, changes)
    document.add_heading(_("All differences"), level=1)
    for weight in WEIGHTS:
        listed = [(number, one) for number, one in numbered(comparison) if one.weight == weight]
        if listed:
            document.add_heading(f"{_(HEADINGS[weight])} ({len(listed):,})", level=2)
        for number, one in listed:
            document.add_paragraph(_safe(f"{number}. {as_line(one)}"))
    document.save(str(path))


def _pieces(row: Aligned, comparison: Comparison, old: Marks, new: Marks) -> Iterator[Piece]:
    """A row as one text: what stayed, what went and what came, in order."""
    if row.new is None:
        assert row.old is not None
        yield "old", comparison.old.text[slice(*row.old)]
        return
    start, end = row.new
    if row.old is None:
        yield "new", comparison.new.text[start:end]
        return
    gone = {mark.number: mark for mark in old.within(*row.old) if mark.kind in ("changed", "cell")}
    at = start
    for mark in new.within(start, end):
        if mark.kind not in ("changed", "cell") or mark.start < at:
            continue
        yield "same", comparison.new.text[at : mark.start]
        if mark.number in gone:
            yield "old", comparison.old.text[gone[mark.number].start : gone[mark.number].end]
        yield "new", comparison.new.text[mark.start : mark.end]
        at = mark.end
    for stretch in new.stretches(at, end):
        yield ("new" if of_kinds(stretch, ("column added",)) else "same"), stretch.text


def _append(paragraph: "Paragraph", kind: str, text: str, number: int) -> None:
    """Add a run, inside ``w:ins`` or ``w:del`` where it is a change (ECMA-376, 17.13.5)."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if not text:
        return
    said = _safe(" " * text[:1].isspace() + one_line(text) + " " * (text[-1:].isspace() and len(text) > 1))
    run = paragraph.add_run(said)
    if kind == "same":
        return
    change = OxmlElement("w:del" if kind == "old" else "w:ins")
    change.set(qn("w:id"), str(number))
    change.set(qn("w:author"), AUTHOR)
    run._r.addprevious(change)  # type: ignore[arg-type]
    change.append(run._r)
    if kind == "old":
        for piece in run._r.findall(qn("w:t")):
            piece.tag = qn("w:delText")


def _safe(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or sign.isprintable() or sign == "\xa0")
