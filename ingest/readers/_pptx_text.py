"""The text of PowerPoint's paragraphs as a slide shows it: raised figures, equations, own numbers, link targets."""

import re
from collections.abc import Mapping
from typing import Any

from ingest.raised import lowered, raised
from ingest.readers._docx_text import roman
from ingest.readers._drawings import A
from ingest.readers._formulas import omml
from ingest.readers._links import with_target

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NUMBER = re.compile(r"(alpha|roman|arabic)(?:Lc|Uc)?(ParenBoth|ParenR|Period|Plain)?")


def choose_alternatives(root: Any) -> None:
    """Put what newer programs show in the place of each choice, for python-pptx knows neither side of one."""
    for choice in list(root.iter(f"{_MC}AlternateContent")):
        chosen = next(
            (side for side in (choice.find(f"{_MC}Choice"), choice.find(f"{_MC}Fallback")) if _holds(side)), None
        )
        parent = choice.getparent()
        if chosen is not None and parent is not None:
            for at, element in enumerate(list(chosen), parent.index(choice)):
                parent.insert(at, element)
            parent.remove(choice)


def _holds(side: Any) -> bool:
    return side is not None and len(side) > 0


def body_text(body: Any, links: Mapping[str, str]) -> str:
    """The paragraphs of a text body (``a:txBody`` and the like), one a line; ``links`` are targets by their ids."""
    numbers: dict[int, int] = {}
    lines = []
    for paragraph in body.iterfind(f"{A}p") if body is not None else ():
        text = _paragraph(paragraph, links)
        lines.append(f"{label} {text}" if text.strip() and (label := _label(paragraph, numbers)) else text)
    return "\n".join(lines)


def _paragraph(paragraph: Any, links: Mapping[str, str]) -> str:
    parts: list[str] = []
    for node in paragraph:
        if node.tag in (f"{A}r", f"{A}fld"):
            properties = node.find(f"{A}rPr")
            text = (node.findtext(f"{A}t") or "").replace("\v", "\n")
            shift = properties.get("baseline") or "0" if properties is not None else "0"
            before = "".join(parts[-2:])
            if shift.rstrip("%").lstrip("-").isdigit() and int(shift.rstrip("%")):
                text = lowered(text, before) if shift.startswith("-") else raised(text, before)
            link = properties.find(f"{A}hlinkClick") if properties is not None else None
            target = links.get(link.get(f"{_R}id") or "", "") if link is not None else ""
            parts.append(with_target(text, target) if target else text)
        elif node.tag == f"{A}br":
            parts.append("\n")
        elif isinstance(node.tag, str):
            parts += [omml(equation) for equation in node.iter(f"{_M}oMath")]
    return "".join(parts)


def _label(paragraph: Any, numbers: dict[int, int]) -> str:
    """The number before a paragraph that PowerPoint counts by itself, "" for none; ``numbers`` counts on."""
    properties = paragraph.find(f"{A}pPr")
    depth = int(properties.get("lvl") or 0) if properties is not None else 0
    for deeper in [known for known in numbers if known > depth]:
        del numbers[deeper]
    automatic = properties.find(f"{A}buAutoNum") if properties is not None else None
    if automatic is None:
        numbers.pop(depth, None)
        return ""
    first = int(automatic.get("startAt") or 1)
    numbers[depth] = numbers[depth] + 1 if depth in numbers else first
    return _written(numbers[depth], automatic.get("type") or "arabicPeriod")


def _written(number: int, form: str) -> str:
    match = _NUMBER.match(form)
    kind, end = (match[1], match[2] or "Period") if match else ("arabic", "Period")
    figure = str(number)
    if kind == "alpha":
        figure = chr(ord("a") + (number - 1) % 26)
    elif kind == "roman":
        figure = roman(number)
    figure = figure.upper() if "Uc" in form else figure
    return {"ParenBoth": f"({figure})", "ParenR": f"{figure})", "Plain": figure}.get(end, f"{figure}.")
