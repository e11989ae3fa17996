"""XML of any kind: one section a record, a line a value with its name; prose as prose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from core.errors import DamagedFile
from ingest.clean import flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.hidden import hidden_signs

PROSE_CHARACTERS = 100
"""Text of an element that is as long as this is prose, and stands without the element's name before it."""

MOST_RECORDS = 2000
"""Elements below the root that get a section of their own; of more, several share one."""

_PLUMBING = ("xmlns", "schemaLocation", "noNamespaceSchemaLocation")


def read(path: Path, builder: DocumentBuilder) -> None:
    """Elements directly below the root are the records, each with the words behind it. Raises DamagedFile."""
    builder.media_type = "application/xml"
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    root = etree.fromstring(path.read_bytes(), parser)
    if root is None:
        raise DamagedFile(f"{builder.name} is damaged: it is no XML any more.", "Download or export it again.")
    builder.hide(hidden_signs("".join(root.itertext())), everywhere=True)
    head = [*_attributes(root), *([text] if (text := one_line(root.text or "")) else [])]
    records = [element for element in root if isinstance(element.tag, str)]
    if not records or all(len(element) == 0 and not element.attrib for element in records):
        builder.page("section", "\n".join(_lines(root)))
        return
    if head:
        builder.page("section", "\n".join(head), label=_name(root))
    several = len(records) // MOST_RECORDS + 1
    for first in range(0, len(records), several):
        group = records[first : first + several]
        if text := "\n\n".join(filter(None, map(_record, group))):
            builder.page("section", text, label=f"{_name(group[0])} {first + 1}")


def _record(element: Any) -> str:
    return "\n".join(filter(None, (*_lines(element), flow(element.tail or ""))))


def _lines(element: Any) -> Iterator[str]:
    """An element as lines. Where words stand beside its children ("<p>see <b>this</b></p>") it is prose, in one."""
    yield from _attributes(element)
    mixed = bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
    children = [child for child in element if isinstance(child.tag, str)]
    if mixed or not children:
        text = flow(" ".join("".join(element.itertext()).split()))
        if text:
            long = len(text) > PROSE_CHARACTERS or (mixed and children)
            yield text if long else f"{_name(element)}: {text}"
        return
    for child in children:
        yield from _lines(child)


def _attributes(element: Any) -> Iterator[str]:
    for key, value in element.attrib.items():
        name = etree.QName(key).localname
        if value.strip() and name not in _PLUMBING:
            yield f"{_name(element)} {name}: {one_line(value)}"


def _name(element: Any) -> str:
    return etree.QName(element).localname
