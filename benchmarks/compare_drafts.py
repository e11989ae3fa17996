"""Drafts of documents, a list of paragraphs and a table each, written as texts, DOCX and PDF."""

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FORMATS = (".txt", ".docx", ".pdf", "wrapped.txt")


@dataclass
class Draft:
    """A document as it is written: paragraphs, whether they are numbered, a table, a header."""

    paragraphs: list[str]
    numbered: bool
    table: list[list[str]] = field(default_factory=list)
    header: str = ""

    def lines(self) -> list[str]:
        return [f"{at}. {text}" if self.numbered else text for at, text in enumerate(self.paragraphs, 1)]


def write_draft(draft: Draft, path: Path) -> Path:
    """Write a draft in the format of the file's name."""
    name = path.name
    if name.endswith(".docx"):
        _write_docx(draft, path)
    elif name.endswith(".pdf"):
        _write_pdf(draft, path)
    else:
        wrap: Callable[[str], str] = (lambda line: textwrap.fill(line, 78)) if name.endswith("wrapped.txt") else str
        rows = [" | ".join(row) for row in draft.table]
        path.write_text(
            "\n\n".join(map(wrap, [draft.header, *draft.lines()])) + "\n\n" + "\n".join(rows) + "\n", "utf-8"
        )
    return path


def _write_docx(draft: Draft, path: Path) -> None:
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = draft.header
    for line in draft.lines():
        document.add_paragraph(line)
    table = document.add_table(rows=0, cols=len(draft.table[0]))
    for row in draft.table:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def _write_pdf(draft: Draft, path: Path) -> None:
    from fpdf import FPDF

    header = draft.header

    class Paper(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=9)
            self.cell(0, 8, header, new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("Helvetica", size=9)
            self.cell(0, 8, f"Page {self.page_no()}")

    pdf = Paper()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for line in draft.lines():
        pdf.multi_cell(0, 5.5, latin(line), align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2.5)
    with pdf.table(repeat_headings=0) as table:
        for row in draft.table:
            cells = table.row()
            for text in row:
                cells.cell(text)
    path.write_bytes(bytes(pdf.output()))


def latin(text: str) -> str:
    for sign, other in (
        ("“", '"'),
        ("”", '"'),
        ("’", "'"),
        ("‘", "'"),
        ("–", "-"),
        ("—", "-"),
        ("€", "EUR "),
        ("…", "..."),
    ):
        text = text.replace(sign, other)
    return text.encode("latin-1", "replace").decode("latin-1")


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[€$£%]", latin(text).replace("EUR", "€").casefold())
