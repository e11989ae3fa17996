"""Runs of a Word document that nobody is to read: hidden by a property or a style, white, tiny, or struck out."""

from typing import Any

from ingest.hidden import STRUCK, TINY_POINTS, Hidden

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

WHITE = 240
"""Of 255: each part of a colour from which it is not seen on white paper."""


class HiddenRuns:
    """Finds and removes the hidden runs of one document."""

    def __init__(self, document: Any) -> None:
        styles = document.styles.element
        self._hiding = _styles_with(styles, f"{_W}rPr/{_W}vanish")
        self._striking = _styles_with(styles, f"{_W}rPr/{_W}strike") | _styles_with(styles, f"{_W}rPr/{_W}dstrike")
        self._shading = _styles_with(styles, f"{_W}pPr/{_W}shd") | _styles_with(styles, f"{_W}rPr/{_W}shd")
        self._on_paper = document.element.find(f"{_W}background") is None

    def drop(self, element: Any) -> list[Hidden]:
        """Remove the hidden runs below ``element``; returns their texts."""
        found = []
        for run in list(element.iter(f"{_W}r")):
            text = "".join(node.text or "" for node in run.iter(f"{_W}t"))
            if text.strip() and (why := self._why(run)):
                found.append(Hidden(why, text))
                for node in list(run.iter(f"{_W}t")):
                    node.getparent().remove(node)
        return found

    def _why(self, run: Any) -> str:
        paragraph = next(run.iterancestors(f"{_W}p"), None)
        properties = run.find(f"{_W}rPr")
        style = _value(paragraph, f"{_W}pPr/{_W}pStyle")
        if self._is_struck(properties, style):
            return STRUCK
        if properties is None:
            return "hidden style" if style in self._hiding else ""
        vanish = properties.find(f"{_W}vanish")
        if vanish is not None:
            return "hidden text of Word's" if vanish.get(f"{_W}val") not in ("0", "false", "off") else ""
        if {_value(properties, f"{_W}rStyle"), style} & self._hiding:
            return "hidden style"
        size = _value(properties, f"{_W}sz")  # in half points
        if size.isdigit() and int(size) < TINY_POINTS * 2:
            return f"smaller than {TINY_POINTS:g} points"
        return "white text" if self._is_white(run, properties, paragraph, style) else ""

    def _is_struck(self, properties: Any, style: str) -> bool:
        own = [properties.find(_W + name) for name in ("strike", "dstrike")] if properties is not None else []
        said = [node.get(f"{_W}val") not in ("0", "false", "off") for node in own if node is not None]
        return any(said) if said else bool({_value(properties, f"{_W}rStyle"), style} & self._striking)

    def _is_white(self, run: Any, properties: Any, paragraph: Any, style: str) -> bool:
        """Whether a run is white on paper. A table's style and a text box may give it another ground: it is left."""
        colour = _value(properties, f"{_W}color")
        if len(colour) != 6 or not self._on_paper:
            return False
        try:
            if min(bytes.fromhex(colour)) < WHITE:
                return False
        except ValueError:  # "auto" and the like
            return False
        grounds = (properties.find(f"{_W}shd"), properties.find(f"{_W}highlight"))
        if any(ground is not None for ground in grounds) or {style, _value(properties, f"{_W}rStyle")} & self._shading:
            return False
        if paragraph is not None and paragraph.find(f"{_W}pPr/{_W}shd") is not None:
            return False
        return not any(
            outer.tag == f"{_W}txbxContent"
            or outer.find(f"{_W}tcPr/{_W}shd") is not None
            or outer.find(f"{_W}tblPr/{_W}shd") is not None
            or outer.find(f"{_W}tblPr/{_W}tblStyle") is not None
            for outer in run.iterancestors()
        )


def _styles_with(styles: Any, path: str) -> set[str]:
    """The ids of styles that say ``path`` themselves."""
    found = set()
    for style in styles.iter(f"{_W}style"):
        node = style.find(path)
        if node is not None and node.get(f"{_W}val") not in ("0", "false", "off"):
            found.add(style.get(f"{_W}styleId") or "")
    return found - {""}


def _value(element: Any, path: str) -> str:
    node = element.find(path) if element is not None else None
    return (node.get(f"{_W}val") or "") if node is not None else ""
