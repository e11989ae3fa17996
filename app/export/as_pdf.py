"""An export as a PDF, its sources at the end, each number a link there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from app.export.content import Export, Line, Points, Sentence, Source
from core.errors import UsageError
from core.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fpdf import FPDF

FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf", "I": "DejaVuSans-Oblique.ttf"}
"""DejaVu's files by style: most alphabets of Europe and West Asia (https://dejavu-fonts.github.io)."""

FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF")
"""Where Linux systems have them; matplotlib, of the extra `eval`, brings them too."""

SIZE, SMALL, LINE = 10.5, 9, 5.6
"""Points of text and of small print, and millimetres of a line."""

WARN = (166, 86, 0)


def as_pdf(export: Export) -> bytes:
    """The bytes of the file. Raises UsageError where no font of this machine has all signs of the text."""
    pdf = _sheet(export)
    links = {source.number: pdf.add_link() for source in export.sources}
    if export.title:
        _paragraph(pdf, export.title, 16, "B")
    for turn in export.turns:
        if turn.question:
            pdf.ln(3)
            _paragraph(pdf, turn.question, 13, "B")
        for line in turn.lines:
            _line(pdf, line, links)
        if turn.points:
            _points(pdf, turn.points)
        if turn.table:
            _rows(pdf, (turn.table.columns, *turn.table.rows))
    _sources(pdf, export.sources, links)
    return bytes(pdf.output())


def _sheet(export: Export) -> FPDF:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    fonts = font_folder()
    pdf = FPDF(format="A4")
    pdf.set_margin(22)
    pdf.set_auto_page_break(True, 20)
    for style, name in FACES.items():
        pdf.add_font("text", style, fonts / name)
    face = pdf.fonts["text"]
    assert isinstance(face, TTFFont)
    known = face.cmap
    if missing := sorted({sign for sign in _all_text(export) if ord(sign) not in known and not sign.isspace()}):
        signs = " ".join(missing[:8])
        raise UsageError(
            _("The font for PDF files does not have these signs: {signs}", signs=signs),
            _("Take Word or HTML: they are shown with the fonts of whoever opens them."),
        )
    pdf.set_title(export.title or "Lectern")
    pdf.set_creator("Lectern")
    pdf.add_page()
    return pdf


def font_folder() -> Path:
    """The folder of the fonts. Raises UsageError where this machine has none."""
    plots = importlib.util.find_spec("matplotlib")
    brought = [Path(plots.origin).parent / "mpl-data" / "fonts" / "ttf"] if plots and plots.origin else []
    for folder in (*map(Path, FOLDERS), *brought):
        if all((folder / name).is_file() for name in FACES.values()):
            return folder
    raise UsageError(
        _("A PDF needs the DejaVu fonts, which are not on this machine."),
        _("Install them (Debian: fonts-dejavu-core and fonts-dejavu-extra), or take Word or HTML."),
    )


def _all_text(export: Export) -> str:
    lines = [one.text for turn in export.turns for line in turn.lines for one in line.sentences]
    cells = [str(cell) for turn in export.turns if turn.table for row in turn.table.rows for cell in row]
    points = [turn.points for turn in export.turns if turn.points]
    cells += [name for one in points for name in (*one.documents, *(heading for heading, _ in one.rows))]
    cells += [sentence.text for one in points for _, sentences in one.rows for sentence in sentences]
    sources = [text for one in export.sources for text in (one.place, one.columns, one.excerpt)]
    return "".join([export.title, *(turn.question for turn in export.turns), *lines, *cells, *sources])


def _paragraph(pdf: FPDF, text: str, size: float, style: str = "") -> None:
    pdf.set_font("text", style, size)
    pdf.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1.5)


def _line(pdf: FPDF, line: Line, links: dict[int, int]) -> None:
    if line.kind == "heading":
        _paragraph(pdf, line.sentences[0].text, 11, "B")
        return
    style = {"remark": "I", "quote": "I"}.get(line.kind, "")
    for sentence in line.sentences:
        _sentence(pdf, sentence, style, links)
    pdf.ln(LINE + 2)


def _sentence(pdf: FPDF, sentence: Sentence, style: str, links: dict[int, int]) -> None:
    pdf.set_font("text", style, SIZE)
    pdf.write(LINE, sentence.text)
    if sentence.is_unsupported:
        pdf.set_text_color(*WARN)
        pdf.write(LINE, f" ({_('not in your documents')})")
        pdf.set_text_color(0)
    pdf.set_font("text", "", SMALL)
    for number in sentence.sources:
        pdf.write(LINE, f" [{number}]", links[number])
    pdf.write(LINE, " ")


def _points(pdf: FPDF, points: Points) -> None:
    told = [[heading, *map(_with_marks, sentences)] for heading, sentences in points.rows]
    _rows(pdf, [["", *points.documents], *told])


def _with_marks(sentence: Sentence) -> str:
    return " ".join((sentence.text, *(f"[{number}]" for number in sentence.sources)))


def _rows(pdf: FPDF, rows: Iterable[Iterable[object]]) -> None:
    pdf.set_font("text", "", SMALL)
    with pdf.table(line_height=LINE) as drawn:
        for row in rows:
            shown = drawn.row()
            for cell in row:
                shown.cell(str(cell))
    pdf.ln(2)


def _sources(pdf: FPDF, sources: tuple[Source, ...], links: dict[int, int]) -> None:
    if not sources:
        return
    pdf.ln(4)
    _paragraph(pdf, _("Sources"), 13, "B")
    for one in sources:
        pdf.set_link(links[one.number], y=pdf.get_y(), page=pdf.page)
        _paragraph(pdf, f"[{one.number}] {one.where}: “{one.excerpt}”", SMALL)
