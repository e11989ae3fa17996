"""Small files of every format, made in code: ``make[".pdf"](path)`` and the like, and writers for special ones."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

FERRY = "The ferry to Skerry Point costs 38 euros in summer."
"""Stands in every sample, under the heading Costs, Travel where the format has headings."""

DOGS = "Dogs travel free of charge, but never alone."


def write_pdf(
    path: Path,
    pages: Sequence[str],
    *,
    title: str = "",
    outline: Sequence[tuple[int, str, int]] = (),
    roman: int = 0,
    user_password: str | None = None,
) -> Path:
    """A PDF of ``pages``. ``outline`` holds (level from 0, title, page); the first ``roman`` pages print i, ii..."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    if title:
        pdf.set_title(title)
    if user_password is not None:
        pdf.set_encryption(owner_password="the owner's", user_password=user_password)
    for number, text in enumerate(pages, 1):
        if roman:
            pdf.add_page(
                label_style="r" if number <= roman else "D", label_start=1 if number in (1, roman + 1) else None
            )
        else:
            pdf.add_page()
        for level, name, at in outline:
            if at == number:
                pdf.start_section(name, level=level)
        pdf.multi_cell(0, 6, text)
    path.write_bytes(bytes(pdf.output()))
    return path


def write_scan(path: Path, texts: Sequence[str]) -> Path:
    """A PDF whose pages are pictures where a text is "", and text elsewhere."""
    from fpdf import FPDF
    from PIL import Image

    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    for text in texts:
        pdf.add_page()
        if text:
            pdf.multi_cell(0, 6, text)
        else:
            pdf.image(Image.new("L", (60, 80), 200), w=180)
    path.write_bytes(bytes(pdf.output()))
    return path


def write_docx(path: Path) -> Path:
    import docx

    document = docx.Document()
    document.add_heading("Costs", 1)
    document.add_heading("Travel", 2)
    document.add_paragraph(f"{FERRY} {DOGS}")
    table = document.add_table(rows=0, cols=2)
    for cells in (("Rate", "Euros"), ("Full", "38"), ("Reduced", "22")):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    document.add_heading("Stay", 2)
    document.add_paragraph("Rooms are cleaned on Fridays.")
    document.save(str(path))
    return path


def write_pptx(path: Path) -> Path:
    import pptx

    presentation = pptx.Presentation()
    for title, text in (("Plan", "What we want."), ("Costs", FERRY)):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
        slide.notes_slide.notes_text_frame.text = f"Say more about: {title}."
    presentation.save(str(path))
    return path


def write_xlsx(path: Path) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("Fares")
        for row, cells in enumerate([["Item", "Remark", "Price"], ["Ferry", FERRY, 38], ["Dog", DOGS, 0.5]]):
            sheet.write_row(row, 0, cells)
        sheet.write(99, 0, "Last row")
        workbook.add_worksheet("Empty")
        workbook.add_worksheet("Notes").write(0, 0, "Prices of 2026.")
    return path


def write_csv(path: Path) -> Path:
    rows = f'Item;Remark;Price\nFerry;"{FERRY}";38\nDog;"two\nlines";0.5\n\nCat;"{DOGS}";1\n'
    path.write_text(rows, encoding="utf-8")
    return path


def write_html(path: Path) -> Path:
    rooms = "<p>" + " ".join(f"Room {n} has {n} beds and a view of the lighthouse." for n in range(2, 12)) + "</p>"
    menu = "".join(f"<li><a href='/{n}'>Read more about topic number {n} here</a></li>" for n in range(30))
    path.write_text(
        f"""<!DOCTYPE html><html><head><title>Fares</title><script>var secret = "tracking";</script></head><body>
        <nav><ul>{menu}</ul></nav><main><h1>Costs</h1><p>What it costs to come here and to stay for a while.</p>
        <h2>Travel</h2><p>{FERRY}
        {DOGS}</p><p style="display:none">Hidden words.</p><h2>Stay</h2>{rooms}
        <table><tr><th>Rate</th><th>Euros</th></tr><tr><td>Full</td><td>38</td></tr></table></main>
        <footer><a href="/imprint">Imprint and privacy</a></footer></body></html>""",
        encoding="utf-8",
    )
    return path


def write_markdown(path: Path) -> Path:
    path.write_text(
        "---\ntitle: Fares of 2026\n---\n# Costs\n\nIn short.\n\n"
        f"## Travel\n\n{FERRY}\n{DOGS}\n\n```sh\n# no heading\n```\n",
        encoding="utf-8",
    )
    return path


def write_text(path: Path) -> Path:
    path.write_text("".join(f"Line {n} says little.\n" for n in range(1, 12)) + f"{FERRY}\n{DOGS}\n", encoding="utf-8")
    return path


def write_epub(path: Path) -> Path:
    chapter = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body>{}</body></html>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='book/package.opf'/></rootfiles></container>",
        )
        book.writestr(
            "book/package.opf",
            "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
            "<dc:title>The Fares Book</dc:title><dc:creator>A. Lind</dc:creator></metadata><manifest>"
            "<item id='b' href='two.xhtml'/><item id='a' href='chapter%20one.xhtml'/></manifest>"
            "<spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        )
        book.writestr("book/two.xhtml", chapter.format("<h1>Stay</h1><p>Rooms are cleaned on Fridays.</p>"))
        body = f"<h1>Costs</h1><p>In short.</p><h2>Travel</h2><p>{FERRY} {DOGS}</p>"
        book.writestr("book/chapter one.xhtml", chapter.format(body))
    return path


def write_eml(path: Path) -> Path:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "lind@example.org", "all@example.org", "Fares für 2026"
    message["Date"] = "Wed, 13 May 2026 08:20:00 +0200"
    message.set_content(f"Dear all,\n\n{FERRY}\n{DOGS}\n")
    message.add_alternative(f"<p>Dear all,</p><p>{FERRY} {DOGS}</p>", subtype="html")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="fares.pdf")
    path.write_bytes(bytes(message))
    return path


def _pdf(path: Path) -> Path:
    pages = [
        "Preface.\nNothing yet.",
        f"Costs\nWhat it costs.\nTravel\n{FERRY} {DOGS}",
        "Stay\nRooms are cleaned on Fridays.",
    ]
    outline = [(0, "Costs", 2), (1, "Travel", 2), (0, "Stay", 3)]
    return write_pdf(path, pages, title="Fares of 2026", outline=outline, roman=1)


def write_rtf(path: Path) -> Path:
    path.write_text(
        r"{\rtf1\ansi{\info{\title Fares of 2026}}\pard\outlinelevel0 Costs\par\pard\outlinelevel1 Travel\par"
        rf"\pard {FERRY} {DOGS}\par\pard\outlinelevel1 Stay\par\pard Rooms are cleaned on Fridays.\par}}",
        encoding="ascii",
    )
    return path


_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"
OPEN_SPACES = (
    f'xmlns:office="{_OPEN_DOCUMENT}:office:1.0" xmlns:text="{_OPEN_DOCUMENT}:text:1.0" '
    f'xmlns:table="{_OPEN_DOCUMENT}:table:1.0" xmlns:draw="{_OPEN_DOCUMENT}:drawing:1.0" '
    f'xmlns:style="{_OPEN_DOCUMENT}:style:1.0" xmlns:presentation="{_OPEN_DOCUMENT}:presentation:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:math="http://www.w3.org/1998/Math/MathML"'
)


def write_open_document(path: Path, kind: str, body: str, styles: str = "", title: str = "") -> Path:
    """An OpenDocument file; ``kind`` is "text", "spreadsheet" or "presentation"."""
    content = (
        f"<office:document-content {OPEN_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr("content.xml", content)
        meta = f"<office:meta><dc:title>{title}</dc:title></office:meta>"
        package.writestr("meta.xml", f"<office:document-meta {OPEN_SPACES}>{meta}</office:document-meta>")
    return path


def write_odt(path: Path) -> Path:
    body = (
        '<text:h text:outline-level="1">Costs</text:h><text:h text:outline-level="2">Travel</text:h>'
        f"<text:p>{FERRY} {DOGS}</text:p>"
    )
    return write_open_document(path, "text", body, title="Fares of 2026")


def _open_rows(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) for row in rows)
    return "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)


def write_ods(path: Path) -> Path:
    rows = _open_rows([["Item", "Remark", "Price"], ["Ferry", FERRY, "38.00 €"], ["Dog", DOGS, "0.50 €"]])
    return write_open_document(path, "spreadsheet", f'<table:table table:name="Fares">{rows}</table:table>')


def write_odp(path: Path) -> Path:
    frame = "<draw:frame{}><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    slides = (
        frame.format(' presentation:class="title"', title) + frame.format("", text)
        for title, text in (("Plan", "What we want."), ("Costs", FERRY))
    )
    return write_open_document(path, "presentation", "".join(f"<draw:page>{slide}</draw:page>" for slide in slides))


def write_json(path: Path) -> Path:
    fares = [{"item": "Dog", "remark": DOGS}, {"item": "Ferry", "remark": FERRY, "price": 38.0}]
    path.write_text(json.dumps({"year": 2026, "fares": fares}), encoding="utf-8")
    return path


def write_json_lines(path: Path) -> Path:
    path.write_text("".join(json.dumps({"remark": text}) + "\n" for text in (DOGS, FERRY)), encoding="utf-8")
    return path


def write_xml(path: Path) -> Path:
    path.write_text(
        f'<?xml version="1.0"?><fares><fare name="Dog"><remark>{DOGS}</remark></fare>'
        f'<fare name="Ferry"><remark>{FERRY}</remark></fare></fares>',
        encoding="utf-8",
    )
    return path


def write_notebook(path: Path) -> Path:
    cells = [
        {"cell_type": "markdown", "source": ["# Costs\n", "In short."]},
        {"cell_type": "code", "source": ["print(fare)"], "outputs": [{"output_type": "stream", "text": [FERRY]}]},
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}), encoding="utf-8")
    return path


def write_srt(path: Path) -> Path:
    path.write_text(
        f"1\n00:00:01,000 --> 00:00:04,000\n<i>Welcome aboard.</i>\n\n2\n00:01:05,500 --> 00:01:09,000\n{FERRY}\n",
        encoding="utf-8",
    )
    return path


def write_vtt(path: Path) -> Path:
    path.write_text(
        f"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Lind>Welcome aboard.\n\nsecond\n01:05.500 --> 01:09.000\n{FERRY}\n",
        encoding="utf-8",
    )
    return path


def write_ics(path: Path) -> Path:
    path.write_text(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Crossing\r\nDTSTART;TZID=Europe/Oslo:20260513T082000\r\n"
        f"DESCRIPTION:{FERRY[:20]}\r\n {FERRY[20:]}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        encoding="utf-8",
        newline="",
    )
    return path


def write_vcf(path: Path) -> Path:
    path.write_text(
        f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A. Lind\r\nTEL;TYPE=work:+47 22 00\r\nNOTE:{FERRY}\r\nEND:VCARD\r\n",
        encoding="utf-8",
        newline="",
    )
    return path


def write_mbox(path: Path) -> Path:
    first = f"From a@example.org Wed May 13 08:20:00 2026\nFrom: a@example.org\nSubject: Hello\n\n{DOGS}\n\n"
    write_eml(path)
    path.write_bytes(first.encode() + b"From b@example.org Thu May 14 08:20:00 2026\n" + path.read_bytes())
    return path


def write_archive(path: Path) -> Path:
    write_markdown(path)
    text = path.read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trips/notes.md", text)
    return path


def write_python(path: Path) -> Path:
    path.write_text(f'"""Fares."""\n\n\ndef fare():\n    # {FERRY}\n    return 38\n', encoding="utf-8")
    return path


make: dict[str, Callable[[Path], Path]] = {
    ".pdf": _pdf,
    ".docx": write_docx,
    ".pptx": write_pptx,
    ".xlsx": write_xlsx,
    ".csv": write_csv,
    ".html": write_html,
    ".md": write_markdown,
    ".txt": write_text,
    ".epub": write_epub,
    ".eml": write_eml,
    ".rtf": write_rtf,
    ".odt": write_odt,
    ".ods": write_ods,
    ".odp": write_odp,
    ".json": write_json,
    ".jsonl": write_json_lines,
    ".xml": write_xml,
    ".ipynb": write_notebook,
    ".srt": write_srt,
    ".vtt": write_vtt,
    ".ics": write_ics,
    ".vcf": write_vcf,
    ".mbox": write_mbox,
    ".zip": write_archive,
    ".py": write_python,
}


def write_zip_bomb(path: Path, megabytes: int) -> Path:
    """A DOCX whose document unpacks to ``megabytes`` MiB of empty paragraphs."""
    write_docx(path)
    whole = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for info in old.infolist():
            if info.filename != "word/document.xml":
                new.writestr(info, old.read(info))
        with new.open("word/document.xml", "w", force_zip64=True) as member:
            member.write(b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>')
            block = b"<w:p/>" * (2**20 // 6)
            for _ in range(megabytes):
                member.write(block)
            member.write(b"</w:body></w:document>")
    path.write_bytes(whole.getvalue())
    return path


def write_empty_pdf(path: Path) -> Path:
    """A PDF without pages."""
    import pypdf

    pypdf.PdfWriter().write(path)
    return path
