"""What kind of file it is, told by what is in it; the name only breaks ties between kinds of text."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath

from core.errors import DamagedFile, EmptyFile, EncryptedFile, UnsupportedFile
from ingest.encoding import decode

SNIFF_BYTES = 64 * 1024
"""How much of a text file is looked at. Headers of real mail reach 20 KiB; a page's <html> stands in the first few."""

UNPACKED_BYTES = 512 * 2**20
"""Most that a zip-based file may declare to unpack to. An 872-page DOCX declares 11 MiB; half a GiB leaves room for
pictures and stays below the limit on a reader's memory."""

READABLE = "It reads PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, EPUB, e-mail (.eml) and text."

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
# The first bytes of kinds that have no reader -> what they are and what to do.
_OTHERS: Mapping[bytes, str] = {
    b"{\\rtf": "Rich text (RTF): save it as .docx first.",
    b"\x89PNG": "An image: its text must be recognized (OCR) first.",
    b"\xff\xd8\xff": "An image: its text must be recognized (OCR) first.",
    b"GIF8": "An image: its text must be recognized (OCR) first.",
    b"II*\x00": "An image: its text must be recognized (OCR) first.",
    b"MM\x00*": "An image: its text must be recognized (OCR) first.",
    b"BM": "",
    b"\x7fELF": "A program.",
    b"MZ": "",
    b"\x1f\x8b": "A compressed file: unpack it first.",
    b"BZh": "A compressed file: unpack it first.",
    b"\xfd7zXZ": "A compressed file: unpack it first.",
    b"7z\xbc\xaf": "An archive: unpack it first.",
    b"Rar!": "An archive: unpack it first.",
    b"ID3": "A sound.",
    b"SQLite format 3": "A database.",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in an OLE file's directory, which is written in UTF-16-LE.
_OLE_STREAMS = {
    "EncryptedPackage": "encrypted",
    "Workbook": "xlsx",
    "WordDocument": "Word 97-2003 (.doc): save it as .docx first.",
    "PowerPoint Document": "PowerPoint 97-2003 (.ppt): save it as .pptx first.",
    "__substg1.0_": "An Outlook message (.msg): save it as .eml first.",
    "Book": "xlsx",
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
    for magic, what in _OTHERS.items():
        if head.startswith(magic) and (what or b"\0" in head):
            raise UnsupportedFile(f"{name}: no reader for this kind of file.", what or READABLE)
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
        raise UnsupportedFile(f"{name}: OpenDocument has no reader.", "Save it as .docx, .pptx or PDF first.")
    if "META-INF/container.xml" in members:
        return "epub"
    raise UnsupportedFile(f"{name} is an archive.", "Unpack it first, then add the files in it.")


def _ole_kind(path: Path, name: str) -> str:
    content = path.read_bytes()
    for stream, kind in _OLE_STREAMS.items():
        if stream.encode("utf-16-le") not in content:
            continue
        if kind == "encrypted":
            raise EncryptedFile(f"{name} needs a password.", "Open it in its program and save it without a password.")
        if kind == "xlsx":
            return kind
        raise UnsupportedFile(f"{name}: no reader for this kind of file.", kind)
    raise UnsupportedFile(f"{name}: no reader for this kind of file.", READABLE)


def _text_kind(head: str, extension: str) -> str:
    if _HTML.match(head) or (extension in _HTML_EXTENSIONS and _HTML_ANYWHERE.search(head)):
        return "html"
    if _mail_headers(head) >= (1 if extension == ".eml" else 3) and extension not in _CODE_LIKE:
        return "eml"
    return _BY_EXTENSION.get(extension, "text")


def _mail_headers(head: str) -> int:
    """How many of mail's own headers stand in the block before the first blank line; 0 if it is no header block."""
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
