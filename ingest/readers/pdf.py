"""PDF: pdfium reads text, outline, printed page labels and metadata; pypdf stands in where pdfium cannot.

pdfium reads about 25 times as many pages a second as pypdf and opens the outlines of files on which pypdf reaches its
limits; pypdf opens some broken files and pages that pdfium refuses, and lists attachments.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import EmptyFile, EncryptedFile
from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.garbled import garbled_share, is_language
from ingest.hidden import hidden_signs
from ingest.readers._pdf_beside import edits_of
from ingest.readers._pdf_columns import reading_order
from ingest.readers._pdf_flow import mended, whole_initials, without_running_lines
from ingest.readers._pdf_hidden import hidden_text
from ingest.readers._pdf_scans import drawn
from ingest.readers._pdf_stand_in import PageText, StandIn
from ingest.readers._pdf_words import page_words
from ingest.readers._pdf_xfa import XFA, xfa_lines
from ingest.recognition.reading import BLANK, FORM, GARBLED, SCANNED, UNRECOGNIZED, WAITING, Recognition
from ingest.tables.layout.find import DrawnPage, find_tables

HIDDEN_ONLY = "nothing but hidden text"

GARBLED_SHARE = 0.3
"""Of a page's characters that are no letters of any script: its fonts do not say what their shapes mean."""

LOOKED_AT = 300
"""Characters of a page that are looked up in its fonts."""


FEWEST_FIGURES = 2
"""Of a table."""

# pdfium puts U+FFFE (in some files U+0002) where a line ends in a hyphen, and joins the line to the next one.
_PDFIUM_HYPHEN = re.compile(r"(\w+)[\ufffe\x02](?:\r?\n)?(\w*)")
_FIGURE = re.compile(r"\S*\d\S*")
_WORD = re.compile(r"\w+(?:-\w+)*")
_XFA_ALONE = 2
"""pdfium's number for forms whose pages are drawn by a program of their own."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """One page of the document for each of the file; a page that cannot be read is noted and the rest kept.

    Raises EncryptedFile where the empty password does not open it, EmptyFile for a file without pages, DamagedFile.
    """
    builder.media_type = "application/pdf"
    stand_in = StandIn(path, builder.name)
    document = _open(path, builder.name)
    try:
        source: _Source = _Pdfium(document, stand_in, builder.reads) if document is not None else stand_in
        if not source.page_count:
            raise EmptyFile(f"{builder.name} has no pages.", "Was it saved or copied to the end?")
        pages = source.pages()
        if document is not None and document.get_formtype() == _XFA_ALONE and (lines := xfa_lines(path)):
            pages = [PageText("\n".join(lines), how=FORM), *[PageText("", BLANK) for _ in pages[1:]]]
            builder.warnings.append(XFA)
        if document is not None and builder.recognition is not None and not builder.recognition.later:
            pages = _with_recognized(document, pages, builder.recognition)
            builder.warnings += builder.recognition.facts()
        texts = [flow(text) for text in mended([page.text for page in pages], source.hyphen)]
        texts = without_running_lines(whole_initials(texts))
        starts = []
        for index, (page, text) in enumerate(zip(pages, texts, strict=True)):
            starts.append(builder.page("page", text, label=source.label(index), note=page.note, how=page.how))
            builder.hide((*page.hidden, *hidden_signs(page.text)))
        for title, level, index in source.outline():
            if 0 <= index < len(starts):
                builder.heading(level, title, starts[index] + _place(title, texts[index]))
        _add_tables(builder, pages)
        metadata = source.metadata()
        for name, data in source.attachments():
            builder.embed(name, lambda data=data: data)  # type: ignore[misc]
    finally:
        if document is not None:
            document.close()
    builder.title = metadata.pop("title", "")
    builder.metadata.update(metadata)
    if document is None:
        builder.warnings.append("Its structure is broken; it was read with the slower reader.")


def _with_recognized(document: Any, pages: list[PageText], recognition: Recognition) -> list[PageText]:
    """The pages with what was recognized on those that are pictures; it holds no tables."""

    def looked_at(index: int, page: PageText) -> PageText:
        if page.note not in WAITING:
            return page
        text = recognition.page(index + 1, lambda: drawn(document, index))
        how = recognition.how(index + 1)
        return replace(page, text=text, note="" if text.strip() else UNRECOGNIZED, how=how)

    return [looked_at(index, page) for index, page in enumerate(pages)]


def _is_garbled(text: str, text_page: Any) -> bool:
    """Whether the characters of a page are mostly none, or codes of shapes that no language spells so."""
    if garbled_share(text) > GARBLED_SHARE:
        return True
    return _unmapped_share(text_page) > GARBLED_SHARE and not is_language(text)


def _unmapped_share(text_page: Any) -> float:
    """The share of a page's characters, some of them looked at, for which its fonts name no letter."""
    from pypdfium2.raw import FPDFText_GetUnicode, FPDFText_HasUnicodeMapError

    count = text_page.count_chars()
    looked_at = [
        at for at in range(0, count, max(1, count // LOOKED_AT)) if FPDFText_GetUnicode(text_page.raw, at) > 32
    ]
    unmapped = sum(FPDFText_HasUnicodeMapError(text_page.raw, at) == 1 for at in looked_at)
    return unmapped / len(looked_at) if looked_at else 0.0


def _may_hold_table(text: str) -> bool:
    """Whether a page holds as many figures as the smallest table: words are not looked for on others."""
    return len(_FIGURE.findall(text)) >= FEWEST_FIGURES


def _add_tables(builder: DocumentBuilder, pages: list[PageText]) -> None:
    """Find the tables of the pages that were written, one of the document's for each of these."""
    if not any(page.words for page in pages):
        return
    written = builder.pages
    drawn = [
        DrawnPage(place.number, page.words.words, page.words.rules, page.words.letters, place.start, place.end)
        for page, place in zip(pages, written, strict=True)
        if page.words
    ]
    for table in find_tables(drawn, builder.text, written):
        builder.table(table)


def _open(path: Path, name: str) -> Any | None:
    """pdfium's document, or None where it cannot make one."""
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        # It resolves links, and those to files in memory lead nowhere.
        return pypdfium2.PdfDocument(path.read_bytes() if path.is_relative_to("/proc") else path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise EncryptedFile(
                f"{name} needs a password.", "Open it in a PDF viewer and save or print it to a PDF without a password."
            ) from error
        return None


class _Pdfium:
    hyphen = _PDFIUM_HYPHEN

    def __init__(self, document: Any, stand_in: "StandIn", reads: Callable[[int, int], None]) -> None:
        self._reads = reads
        self._document = document
        self._stand_in = stand_in
        self.page_count = len(document)
        self._form = None
        if document.get_formtype() in (1, 3):  # forms that stand on their pages; those of XFA alone do not
            document.init_forms()
            self._form = document.formenv.raw if document.formenv else None

    def pages(self) -> list[PageText]:
        return [self._page(index) for index in range(self.page_count)]

    def _page(self, index: int) -> PageText:
        from pypdfium2 import PdfiumError

        self._reads(index + 1, self.page_count)
        try:
            page = self._document[index]
            try:
                text_page = page.get_textpage()
                instead, hidden, unseen = hidden_text(page, text_page)
                edits = edits_of(page, text_page, self._form, unseen)
                order = reading_order(text_page)
                text = edits.applied(text_page, instead, order)
                words = page_words(page, text_page, unseen) if _may_hold_table(text) and not order else None
                garbled = _is_garbled(text, text_page)
                text_page.close()
                drawn = next(page.get_objects(max_depth=1), None) is not None
            finally:
                page.close()
        except PdfiumError:
            return self._stand_in.page(index)
        if garbled:
            return PageText("", GARBLED, tuple(hidden))
        note = "" if text.strip() else HIDDEN_ONLY if hidden else SCANNED if drawn else BLANK
        return PageText(text, note, tuple(hidden), words, FORM if edits.fields else "")

    def label(self, index: int) -> str:
        label = str(self._document.get_page_label(index)).strip()
        return "" if label == str(index + 1) else label

    def outline(self) -> Iterator[tuple[str, int, int]]:
        """(title, level from 1, page index) of each entry that points at a page."""
        for entry in self._document.get_toc():
            target = entry.get_dest()
            index = target.get_index() if target else None
            if index is not None:
                yield entry.get_title(), entry.level + 1, index

    def metadata(self) -> dict[str, str]:
        return _metadata(self._document.get_metadata_dict())

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """(name, content) of the files inside the file."""
        from pypdfium2 import PdfiumError

        for at in range(self._document.count_attachments()):
            attachment = self._document.get_attachment(at)
            try:
                yield one_line(attachment.get_name()), bytes(attachment.get_data())
            except PdfiumError:
                yield one_line(attachment.get_name()), b""


_Source = _Pdfium | StandIn


def _place(title: str, text: str) -> int:
    """Where a heading's words stand on its page; the page's beginning if they do not."""
    words = [re.escape(word) for word in flow(title).split()]
    match = re.search(r"\s+".join(words), text, re.IGNORECASE) if words else None
    return match.start() if match else 0


def _metadata(found: dict[str, str]) -> dict[str, str]:
    names = {
        "Title": "title",
        "Author": "author",
        "Subject": "subject",
        "Keywords": "keywords",
        "CreationDate": "created",
    }
    values = {ours: flow(found.get(theirs) or "") for theirs, ours in names.items()}
    date = re.match(r"D:(\d{4})(\d\d)?(\d\d)?", values["created"])
    values["created"] = "-".join(part for part in date.groups() if part) if date else ""
    return values
