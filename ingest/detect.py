"""Detects a file's format by its content; the name only decides between kinds of plain text."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePath

from core.errors import DamagedFile, EmptyFile, EncryptedFile, UnsupportedFile
from ingest.detect_text import text_kind
from ingest.encoding import decode

SNIFF_BYTES = 64 * 1024
"""Bytes of a text file that are looked at. Headers of real mail reach 20 KiB; <html> comes in the first few."""

UNPACKED_BYTES = 512 * 2**20
"""Most that a zip-based file may declare to unpack to. An 872-page DOCX declares 11 MiB; half a GiB leaves room for
pictures and stays below the limit on a reader's memory."""

READABLE = (
    "What has one: PDF, Word, PowerPoint, Excel, OpenDocument, RTF, CSV, HTML, Markdown, EPUB, mail (.eml, .mbox, "
    ".msg), calendars, JSON, XML, notebooks, subtitles, text, images where text recognition is installed, and .zip "
    "archives of these."
)

# A member that only this kind of zip holds -> the module in ingest/readers that reads it.
_ZIP_MEMBERS = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsx",
}
_ZIP_KINDS = {
    "application/epub": "epub",
    "application/vnd.oasis.opendocument": "odf",
    "application/vnd.sun.xml": "odf",
}
_RECOGNIZE = "Save it as JPEG or PNG first."
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_BITMAP = b"BM"
_UNPACK = "Unpack it first, then add the files in it."
# The first bytes of kinds that have no reader -> what they are, what to do.
_OTHERS: Mapping[bytes, tuple[str, str]] = {
    b"\xd7\xcd\xc6\x9a": ("a drawing (WMF)", "Save it as PDF first."),
    b"\x1f\x8b": ("a compressed file", _UNPACK),
    b"BZh": ("a compressed file", _UNPACK),
    b"\xfd7zXZ": ("a compressed file", _UNPACK),
    b"7z\xbc\xaf": ("an archive", _UNPACK),
    b"Rar!": ("an archive", _UNPACK),
    b"\x7fELF": ("a program", ""),
    b"MZ\x90\x00": ("a program", ""),
    b"ID3": ("a sound", ""),
    b"RIFF": ("a sound or film", ""),
    b"OggS": ("a sound or film", ""),
    b"\x1aE\xdf\xa3": ("a film", ""),
    b"%!PS": ("PostScript", "Save or convert it as PDF first."),
    b"SQLite format 3\x00": ("a database", "Export its tables as CSV first."),
}
_MEDIA_BOX = b"ftyp"
"""At byte 4 of films, and of photographs (HEIC, AVIF), which say so after it."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage"
# Names in an OLE file's directory, which is written in UTF-16-LE -> the module in ingest/readers.
_OLE_STREAMS: Mapping[str, str] = {
    "__substg1.0_": "msg",
    "WordDocument": "libreoffice",
    "PowerPoint Document": "libreoffice",
    "Workbook": "xlsx",
    "Book": "xlsx",
}


def detect(path: Path, name: str) -> str:
    """The module of ``ingest.readers`` for the file.

    Raises EmptyFile, EncryptedFile (an Office file with a password), DamagedFile (a zip that is broken or unpacks to
    more than ``UNPACKED_BYTES``), UnsupportedFile saying what the file is.
    """
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    if not head.strip(b"\0 \t\r\n\v\f"):
        raise EmptyFile(f"{name} is empty.", "Was it saved or copied to the end?")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path, name)
    if head.startswith(_OLE):
        return _ole_kind(path, name)
    if b"%PDF-" in head[:1024]:  # the header may stand anywhere in the first 1024 bytes (ISO 32000-1, annex H)
        return "pdf"
    if head.lstrip().startswith(b"{\\rt"):
        return "rtf"
    if head.startswith(_IMAGES) or (head.startswith(_BITMAP) and b"\0" in head[:32]):
        return "image"
    for magic, (what, hint) in _OTHERS.items():
        if head.startswith(magic):
            raise _unsupported(name, what, hint)
    if head[4:8] == _MEDIA_BOX:
        photograph = head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
        raise _unsupported(name, "an image" if photograph else "a sound or film", _RECOGNIZE if photograph else "")
    return text_kind(decode(head, name, whole=False), PurePath(name).suffix.lower())


def _zip_kind(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            members = {info.filename for info in infos}
            mimetype = (
                archive.read("mimetype")[:200].decode("ascii", "replace").strip() if "mimetype" in members else ""
            )
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
        raise DamagedFile(
            f"{name} is a damaged archive: it was cut off or changed on its way.",
            "Download or copy it again, or open it in its program and save it again.",
        ) from error
    unpacked = sum(info.file_size for info in infos)
    if unpacked > UNPACKED_BYTES:
        raise DamagedFile(
            f"{name} would unpack to {unpacked / 2**20:,.0f} MiB; {UNPACKED_BYTES / 2**20:.0f} MiB are allowed.",
            "It may be a zip bomb. If it is not, split it or remove its large pictures.",
        )
    for begins, reader in _ZIP_KINDS.items():
        if mimetype.startswith(begins):
            return reader
    for member, reader in _ZIP_MEMBERS.items():
        if member in members:
            return reader
    if "META-INF/container.xml" in members:
        return "epub"
    if "content.xml" in members and "META-INF/manifest.xml" in members:
        return "odf"
    return _office_kind(path) or "archive"


def _office_kind(path: Path) -> str:
    """The reader of an Office package whose main part is not where it usually is; "" for other zips."""
    with zipfile.ZipFile(path) as archive:
        try:
            types = archive.read("[Content_Types].xml")
        except (KeyError, zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError):
            return ""
    kinds = ((b"wordprocessingml", "docx"), (b"presentationml", "pptx"), (b"spreadsheetml", "xlsx"))
    return next((reader for sign, reader in kinds if sign in types), "")


def _ole_kind(path: Path, name: str) -> str:
    content = path.read_bytes()

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds(_ENCRYPTED_STREAM):
        raise EncryptedFile(f"{name} needs a password.", "Open it in its program and save it without a password.")
    for stream, reader in _OLE_STREAMS.items():
        if holds(stream):
            return reader
    raise _unsupported(name, "an old Office file", "Open it in its program and save it as PDF.")


def _unsupported(name: str, what: str, hint: str) -> UnsupportedFile:
    return UnsupportedFile(f"{name} is {what}, which has no reader.", hint or READABLE)
