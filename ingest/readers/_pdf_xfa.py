"""Forms of Adobe's XFA, whose pages only ask to wait: what is filled in, with the captions that its template gives."""

from pathlib import Path
from typing import Any

from lxml import etree

from ingest.clean import one_line

XFA = "This is an XFA form: what is filled in was read, the rest only Adobe's program shows. Print it to PDF first."


def xfa_lines(path: Path) -> list[str]:
    """ "Applicant: Choir of St. Ann" for each field that holds something, in the form's order; [] where none does."""
    import pypdf

    try:
        catalogue: Any = pypdf.PdfReader(path).trailer["/Root"]
        form = catalogue["/AcroForm"]["/XFA"]
        parts = [part.get_object() for part in form[1::2]] if isinstance(form, list) else [form.get_object()]
        root = _xml(b"".join(part.get_data() for part in parts))
    except Exception:  # noqa: BLE001 - pypdf lets whatever went wrong inside it pass through
        return []
    if root is None:
        return []
    captions = _captions(root)
    data = root if root.tag.endswith("}datasets") else root.find(".//{*}datasets")
    lines = []
    for element in data.iter() if data is not None else ():
        if isinstance(element.tag, str) and len(element) == 0 and (value := one_line(element.text or "")):
            name = etree.QName(element).localname
            lines.append(f"{captions.get(name) or _spaced(name)}: {value}")
    return lines


def _captions(template: Any) -> dict[str, str]:
    """Name of a field -> its caption."""
    found = {}
    for one in template.iter("{*}field", "{*}exclGroup"):
        caption = one.find("{*}caption")
        if one.get("name") and caption is not None:
            found[one.get("name")] = one_line(" ".join(caption.itertext())).rstrip(" :")
    return found


def _spaced(name: str) -> str:
    """ "project_title" and "projectTitle" as words."""
    words = "".join(f" {sign.lower()}" if sign.isupper() and at else sign for at, sign in enumerate(name))
    return words.replace("_", " ").strip().capitalize()


def _xml(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
