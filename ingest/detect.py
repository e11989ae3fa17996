"""Detects a file's format by its content; the name only decides between kinds of plain text."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath

from core.errors import DamagedFile, EmptyFile, EncryptedFile, UnsupportedFile
from ingest.encoding import decode

SNIFF_BYTES = 64 * 1024
"""Bytes of a text file that are looked at. Headers of real mail reach 20 KiB; <html> comes in the first few."""

UNPACKED_BYTES = 512 * 2**20
"""Most that a zip-based file may declare to unpack to. An 872-page DOCX declares 11 MiB; half a GiB leaves room for
pictures and stays below the limit on a reader's memory."""

READABLE = "What has one: PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, EPUB, e-mail (.eml) and text."

# A member that only this kind of zip holds -> the module in ingest/readers that reads it.
_ZIP_MEMBERS = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsx",
}
_ZIP_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.spreadsheet": "xlsx",
}
_RECOGNIZE = "Its text must be recognized (OCR) first."
_UNPACK = "Unpack it first, then add the files in it."
# The first bytes of kinds that have no reader -> what they are, what to do.
_OTHERS: Mapping[bytes, tuple[str, str]] = {
    b"{\\rtf": ("rich text (RTF)", "Save it as .docx first."),
    b"\x89PNG": ("an image", _RECOGNIZE),
    b"\xff\xd8\xff": ("an image", _RECOGNIZE),
    b"GIF8": ("an image", _RECOGNIZE),
    b"II*\x00": ("an image", _RECOGNIZE),
    b"MM\x00*": ("an image", _RECOGNIZE),
    b"\x1f\x8b": ("a compressed file", _UNPACK),
    b"BZh": ("a compressed file", _UNPACK),
    b"\xfd7zXZ": ("a compressed file", _UNPACK),
    b"7z\xbc\xaf": ("an archive", _UNPACK),
    b"Rar!": ("an archive", _UNPACK),
    b"\x7fELF": ("a program", ""),
    b"MZ\x90\x00": ("a program", ""),
    b"ID3": ("a sound", ""),
    b"SQLite format 3\x00": ("a database", "Export its tables as CSV first."),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage"
_WORKBOOK_STREAMS = ("Workbook", "Book")
# Names in an OLE file's directory, which is written in UTF-16-LE -> what the file is, what to do.
_OLE_STREAMS: Mapping[str, tuple[str, str]] = {
    "WordDocument": ("Word 97-2003 (.doc)", "Save it as .docx first."),
    "PowerPoint Document": ("PowerPoint 97-2003 (.ppt)", "Save it as .pptx first."),
    "__substg1.0_": ("an Outlook message (.msg)", "Save it as .eml first."),
}
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*)*(<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])", re.I | re.S
)
_HTML_ANYWHERE = re.compile(r"<(p|div|h[1-6]|table|ul|body|article)[\s>]", re.I)
_MAIL_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):[ \t\r\n]")
_MAIL_HEADERS = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "date", "received", "message-id", "mime-version", "return-path"),
        *("sender", "content-type", "content-transfer-encoding", "delivered-to", "reply-to", "in-reply-to", "x-mailer"),
    }
)
_BY_EXTENSION = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "table",
    ".tsv": "table",
    ".tab": "table",
}
_HTML_EXTENSIONS = (".html", ".htm", ".xhtml")
_CODE_LIKE = (".py", ".js", ".ts", ".go", ".c", ".h", ".java", ".rs", ".rb", ".php", ".md", ".markdown")


def detect(path: Path, name: str) -> str:
    """The module of ``ingest.readers`` for the file.

    Raises EmptyFile, EncryptedFile (an Office file with a password), DamagedFile (a zip that is broken or unpacks to
    more than ``UNPACKED_BYTES``), UnsupportedFile saying what the file is.
    """
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    if not head.strip(b"\0 \t\r\n\v\f"):
        raise EmptyFile(f"{name} is empty.", "Was it saved or copied to the end?")
    if b"%PDF-" in head[:1024]:  # the header may stand anywhere in the first 1024 bytes (ISO 32000-1, annex H)
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path, name)
    if head.startswith(_OLE):
        return _ole_kind(path, name)
    for magic, (what, hint) in _OTHERS.items():
        if head.startswith(magic):
            raise _unsupported(name, what, hint)
    return _text_kind(decode(head, name, whole=False), PurePath(name).suffix.lower())


def _zip_kind(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            members = {info.filename for info in infos}
            mimetype = (
                archive.read("mimetype")[:200].decode("ascii", "replace").strip() if "mimetype" in members else ""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise DamagedFile(
            f"{name} is a damaged archive: {error}.", "Open it in its program and save it again."
        ) from error
    unpacked = sum(info.file_size for info in infos)
    if unpacked > UNPACKED_BYTES:
        raise DamagedFile(
            f"{name} would unpack to {unpacked / 2**20:,.0f} MiB; {UNPACKED_BYTES / 2**20:.0f} MiB are allowed.",
            "It may be a zip bomb. If it is not, split it or remove its large pictures.",
        )
    if mimetype in _ZIP_MIMETYPES:
        return _ZIP_MIMETYPES[mimetype]
    for member, reader in _ZIP_MEMBERS.items():
        if member in members:
            return reader
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        raise _unsupported(name, "OpenDocument", "Save it as .docx, .pptx or PDF first.")
    if "META-INF/container.xml" in members:
        return "epub"
    raise _unsupported(name, "an archive", _UNPACK)


def _ole_kind(path: Path, name: str) -> str:
    content = path.read_bytes()

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds(_ENCRYPTED_STREAM):
        raise EncryptedFile(f"{name} needs a password.", "Open it in its program and save it without a password.")
    for stream, (what, hint) in _OLE_STREAMS.items():
        if holds(stream):
            raise _unsupported(name, what, hint)
    if any(map(holds, _WORKBOOK_STREAMS)):
        return "xlsx"
    raise _unsupported(name, "an old Office file", "")


def _unsupported(name: str, what: str, hint: str) -> UnsupportedFile:
    return UnsupportedFile(f"{name} is {what}, which has no reader.", hint or READABLE)


def _text_kind(head: str, extension: str) -> str:
    if _HTML.match(head) or (extension in _HTML_EXTENSIONS and _HTML_ANYWHERE.search(head)):
        return "html"
    if _mail_headers(head) >= (1 if extension == ".eml" else 3) and extension not in _CODE_LIKE:
        return "eml"
    return _BY_EXTENSION.get(extension, "text")


def _mail_headers(head: str) -> int:
    """How many mail headers the block before the first blank line has; 0 if it is not a header block."""
    names: set[str] = set()
    for line in head.removeprefix("From ").splitlines(keepends=True):
        if not line.strip():
            break
        if line[0] in " \t":  # a folded header goes on
            continue
        match = _MAIL_HEADER.match(line)
        if not match and names:
            return 0
        if match:
            names.add(match[1].lower())
    return len(names & _MAIL_HEADERS)
