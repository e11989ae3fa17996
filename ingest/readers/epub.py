"""EPUB by its own standard: the package file names the chapters, which are XHTML, in reading order."""

import posixpath
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from core.errors import DamagedFile, EncryptedFile
from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers import _markup

_FONTS_ONLY = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
"""Algorithms that scramble only fonts; any other in META-INF/encryption.xml protects the text (DRM)."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """Sections by heading, over all chapters of the spine. Raises EncryptedFile for a protected book, DamagedFile."""
    builder.media_type = "application/epub+zip"
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if _protected(archive, names):
            raise EncryptedFile(f"{builder.name} is copy-protected.", "Only books without DRM can be read.")
        container = _xml(archive.read("META-INF/container.xml"))
        package_name = container.find(".//{*}rootfile").get("full-path")
        package = _xml(archive.read(package_name))
        _metadata(package, builder)
        items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
        chapters = [
            items[ref.get("idref")] for ref in package.iterfind(".//{*}spine/{*}itemref") if ref.get("idref") in items
        ]
        missing = 0
        for chapter in chapters:
            name = posixpath.normpath(
                posixpath.join(posixpath.dirname(package_name), unquote(chapter.get("href") or ""))
            )
            if name not in names:
                missing += 1
            elif "nav" not in (chapter.get("properties") or "").split():  # the table of contents
                source = decode(archive.read(name), builder.name)
                root = _markup.parse(source)
                builder.page("section", label=builder.path_label)
                builder.hide((*_markup.drop_hidden(root), *hidden_signs(source)))
                _markup.write(builder, _markup.blocks(root))
    if not chapters:
        raise DamagedFile(f"{builder.name} names no chapters.", "Download or export it again.")
    if missing:
        builder.warnings.append(f"{missing} chapters are missing in the file.")


def _metadata(package: Any, builder: DocumentBuilder) -> None:
    builder.title = one_line(package.findtext(".//{*}metadata/{*}title") or "")
    for name, element in (
        ("author", "creator"),
        ("publisher", "publisher"),
        ("created", "date"),
        ("language", "language"),
    ):
        builder.metadata[name] = one_line(package.findtext(f".//{{*}}metadata/{{*}}{element}") or "")


def _protected(archive: zipfile.ZipFile, names: set[str]) -> bool:
    if "META-INF/encryption.xml" not in names:
        return False
    methods = _xml(archive.read("META-INF/encryption.xml")).iterfind(".//{*}EncryptionMethod")
    return any(method.get("Algorithm") not in _FONTS_ONLY for method in methods)


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
