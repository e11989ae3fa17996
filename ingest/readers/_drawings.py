"""Charts and diagrams (SmartArt) of Office files, from their own parts: rows of values, and boxes' texts in order."""

from collections import defaultdict
from typing import Any

from ingest.clean import flow
from ingest.tables.grid import Grid, grid_of

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"

MOST_INDENT = 6


def chart_title(root: Any) -> str:
    return _words(root.find(f"{C}chart/{C}title"))


def chart_words(root: Any) -> str:
    """A chart's title with those of its axes."""
    axes = [_words(axis.find(f"{C}title")) for axis in root.iter(f"{C}catAx", f"{C}dateAx", f"{C}valAx")]
    named = ", ".join(filter(None, axes))
    return " ".join(filter(None, (chart_title(root), f"({named})" if named else "")))


def chart_grid(root: Any) -> Grid:
    """A chart's series' names as the columns of its categories, as it was last drawn."""
    axes = [_words(axis.find(f"{C}title")) for axis in root.iter(f"{C}catAx", f"{C}dateAx")]
    series = list(root.iter(f"{C}ser"))
    categories: dict[int, str] = {}
    columns = []
    for one in series:
        points = _points(one.find(f"{C}cat") if one.find(f"{C}cat") is not None else one.find(f"{C}xVal"))
        categories = {**points, **categories}
        values = one.find(f"{C}val") if one.find(f"{C}val") is not None else one.find(f"{C}yVal")
        columns.append(_points(values))
    names = [" ".join(_points(one.find(f"{C}tx")).values()) or _text(one.find(f"{C}tx/{C}v")) for one in series]
    rows = [[next(filter(None, axes), ""), *names]] if series else []
    places = sorted({*categories, *(at for column in columns for at in column)})
    rows += [[categories.get(at, str(at + 1)), *(column.get(at, "") for column in columns)] for at in places]
    return grid_of(rows, len(rows[:1]))


def diagram_text(root: Any) -> str:
    """The boxes of a diagram's data, one a line, those within others indented."""
    points = {point.get("modelId"): point for point in root.iter(f"{DIAGRAM}pt")}
    below: dict[str, list[tuple[int, str]]] = defaultdict(list)
    inner = set()
    for link in root.iter(f"{DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd") or "0"
            below[link.get("srcId") or ""].append((int(order) if order.isdigit() else 0, link.get("destId") or ""))
            inner.add(link.get("destId"))
    lines: list[str] = []
    seen: set[str] = set()

    def write(key: str, depth: int) -> None:
        if key in seen or key not in points:
            return
        seen.add(key)
        text = flow(_paragraphs(points[key])).replace("\n", " ")
        if text:
            lines.append("  " * min(depth, MOST_INDENT) + f"- {text}")
        for _, child in sorted(below[key]):
            write(child, depth + bool(text))

    for key in [*(key for key in points if key not in inner), *points]:
        write(key or "", 0)
    return "\n".join(lines)


def _points(node: Any) -> dict[int, str]:
    """The cached values of a reference, as numbers are usually shown; several levels of names joined."""
    found: dict[int, str] = {}
    if node is None:
        return found
    for point in node.iter(f"{C}pt"):
        at = point.get("idx") or ""
        text = " ".join((point.findtext(f"{C}v") or "").split())
        if at.isdigit() and text:
            form = point.getparent().findtext(f"{C}formatCode") or point.get("formatCode") or ""
            shown = _shown(text, point.get("formatCode") or form, numeric=point.getparent().tag != f"{C}strCache")
            found[int(at)] = f"{shown} {found[int(at)]}" if int(at) in found else shown
    return found


def _shown(text: str, form: str, *, numeric: bool) -> str:
    from ingest.readers._number_formats import shown_number

    if not numeric:
        return text
    try:
        return shown_number(float(text), form)
    except ValueError:
        return text


def _words(node: Any) -> str:
    if node is None:
        return ""
    cached = " ".join(_points(node).values())
    return cached or " ".join("".join(part.text or "" for part in node.iter(f"{A}t")).split())


def _text(node: Any) -> str:
    return "" if node is None else node.text or ""


def _paragraphs(point: Any) -> str:
    return "\n".join("".join(part.text or "" for part in paragraph.iter(f"{A}t")) for paragraph in point.iter(f"{A}p"))
