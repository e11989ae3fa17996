"""Office files as packages: made such that python-docx and python-pptx open what Word and PowerPoint open.

These two refuse macro files, templates and shows for their content type, a whole file for a picture that is missing in
it, and the strict variant of the standard for its names. A copy without these is made in memory where it is needed.
"""

import io
import posixpath
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from lxml import etree

from ingest.document_builder import DocumentBuilder

_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?(?:/>|>\s*</(?:\w+:)?Relationship>)", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\b(Target|TargetMode|Type)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TYPES = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document\.macroEnabled|template\.macroEnabledTemplate)"
    rb"|openxmlformats-officedocument\.wordprocessingml\.template)\.main\+xml"
)
_SHOWS = re.compile(
    rb"application/vnd\.(?:ms-powerpoint\.(?:presentation|template|slideshow)\.macroEnabled"
    rb"|openxmlformats-officedocument\.presentationml\.(?:template|slideshow))\.main\+xml"
)
_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_POWERPOINT = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_SEEN = {"image": "a picture", "chart": "a chart", "diagramData": "a diagram", "oleObject": "an embedded object"}
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/presentationml/", b"http://schemas.openxmlformats.org/presentationml/2006/"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
)


def opened(path: Path) -> tuple[str | IO[bytes], list[str]]:
    """What python-docx or python-pptx can open, and the kinds of the parts ("image") that the file names without
    holding them. Raises zipfile.BadZipFile."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        changed: dict[str, bytes] = {}
        missing: list[str] = []
        for name in names:
            if name.endswith(".rels") or name == "[Content_Types].xml":
                data = archive.read(name)
                new = _own_types(data) if name.startswith("[") else _whole(data, name, names, missing)
                if new != data:
                    changed[name] = new
        strict = any(b"purl.oclc.org/ooxml" in archive.read(name)[:4096] for name in names if name == "_rels/.rels")
        if not changed and not strict:
            return str(path), missing
        return _copy(archive, changed, strict=strict), missing


def parse_xml(data: bytes) -> etree._Element:
    """The root of a part; its entities are not expanded and nothing is loaded."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def tell_missing(builder: DocumentBuilder, missing: list[str]) -> None:
    """Warn of parts that the file names and does not hold; a person sees an empty frame in their place."""
    for kind, count in Counter(missing).items():
        if kind in _SEEN:
            what = _SEEN[kind] if count == 1 else f"{count} {_SEEN[kind].partition(' ')[2]}s"
            builder.warnings.append(
                f"{what[:1].upper()}{what[1:]} that the file names {'is' if count == 1 else 'are'} missing in it."
            )


def _own_types(data: bytes) -> bytes:
    return _SHOWS.sub(_POWERPOINT, _TYPES.sub(_WORD, data))


def _whole(data: bytes, name: str, names: set[str], missing: list[str]) -> bytes:
    """Relationships without those whose target is not in the package."""
    folder = posixpath.dirname(posixpath.dirname(name))
    folded = {one.casefold() for one in names}

    def kept(match: re.Match[bytes]) -> bytes:
        found = {key: double or single for key, double, single in _ATTRIBUTE.findall(match[0])}
        target = unquote(found.get(b"Target", b"").decode("utf-8", "replace").partition("#")[0])
        if found.get(b"TargetMode", b"").lower() == b"external":
            return match[0]
        place = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        if target and place.casefold() in folded:
            return match[0]
        missing.append(found.get(b"Type", b"").decode("ascii", "replace").rpartition("/")[2])
        return b""

    return _RELATION.sub(kept, data)


def _copy(archive: zipfile.ZipFile, changed: dict[str, bytes], *, strict: bool) -> IO[bytes]:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as new:
        for info in archive.infolist():
            data = changed.get(info.filename) or archive.read(info)
            if strict and info.filename.endswith((".xml", ".rels")):
                for theirs, ours in _STRICT:
                    data = data.replace(theirs, ours)
            new.writestr(info.filename, data)
    copy.seek(0)
    return copy
