"""An export as a Word file, its sources as Word's own footnotes (ECMA-376, 17.11)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from app.export.content import Export, Line, Points, Sentence, Source
from core.messages import _

if TYPE_CHECKING:
    from app.answer.answer_table import AnswerTable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
SUPERSCRIPT = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'

OWN = 2
"""The ids of footnotes before this one are those of the line above them."""

UNSAFE = {number: None for number in range(32) if chr(number) not in "\t\n"}
"""Characters that no XML may hold."""


def as_docx(export: Export) -> bytes:
    """The bytes of the file. A source that is cited again is named by the number of its footnote."""
    import docx

    document = docx.Document()
    if export.title:
        document.add_heading(_safe(export.title), level=0)
    cited: set[int] = set()
    for turn in export.turns:
        if turn.question:
            document.add_heading(_safe(turn.question), level=1)
        for line in turn.lines:
            _add_line(document, line, cited)
        if turn.points:
            _add_points(document, turn.points, cited)
        if turn.table:
            _add_table(document, turn.table)
    _add_footnotes(document, export.sources)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _add_line(document: Any, line: Line, cited: set[int]) -> None:
    if line.kind == "heading":
        document.add_heading(_safe(line.sentences[0].text), level=2)
        return
    paragraph = document.add_paragraph(style="Intense Quote" if line.kind == "quote" else None)
    for number, sentence in enumerate(line.sentences):
        _add_sentence(paragraph, (" " if number else ""), sentence, cited, italic=line.kind == "remark")


def _add_sentence(paragraph: Any, before: str, sentence: Sentence, cited: set[int], *, italic: bool) -> None:
    run = paragraph.add_run(_safe(before + sentence.text))
    run.italic = italic
    if sentence.is_unsupported:
        run.underline = True
        paragraph.add_run(f" ({_('not in your documents')})").italic = True
    for number in sentence.sources:
        _add_mark(paragraph, number, first=number not in cited)
        cited.add(number)


def _add_mark(paragraph: Any, number: int, *, first: bool) -> None:
    from docx.oxml import parse_xml

    body = f'<w:footnoteReference w:id="{number + OWN - 1}"/>' if first else f"<w:t>{number}</w:t>"
    paragraph._p.append(parse_xml(f'<w:r xmlns:w="{W}">{SUPERSCRIPT}{body}</w:r>'))


def _add_table(document: Any, table: AnswerTable) -> None:
    shown = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, name in zip(shown.rows[0].cells, table.columns, strict=True):
        cell.text = name
    for row in table.rows:
        for cell, value in zip(shown.add_row().cells, row, strict=True):
            cell.text = _safe(str(value))


def _add_points(document: Any, points: Points, cited: set[int]) -> None:
    shown = document.add_table(rows=1, cols=1 + len(points.documents), style="Table Grid")
    for cell, name in zip(shown.rows[0].cells[1:], points.documents, strict=True):
        cell.paragraphs[0].add_run(_safe(name)).bold = True
    for heading, sentences in points.rows:
        cells = shown.add_row().cells
        cells[0].paragraphs[0].add_run(_safe(heading)).bold = True
        for cell, sentence in zip(cells[1:], sentences, strict=True):
            _add_sentence(cell.paragraphs[0], "", sentence, cited, italic=False)


def _add_footnotes(document: Any, sources: tuple[Source, ...]) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    if not sources:
        return
    lines = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
        for number, (kind, mark) in enumerate(
            (("separator", "separator"), ("continuationSeparator", "continuationSeparator"))
        )
    )
    notes = "".join(map(_footnote, sources))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    xml = f'{head}<w:footnotes xmlns:w="{W}">{lines}{notes}</w:footnotes>'
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES, xml.encode(), document.part.package)
    document.part.relate_to(part, RELATION)


def _footnote(source: Source) -> str:
    text = escape(_safe(f" {source.where}: “{source.excerpt}”"))
    return (
        f'<w:footnote w:id="{source.number + OWN - 1}"><w:p><w:r>{SUPERSCRIPT}<w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p></w:footnote>'
    )


def _safe(text: str) -> str:
    return text.translate(UNSAFE)
