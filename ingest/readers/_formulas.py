"""Equations on one line: Word's (OMML) and the web's (MathML) as a person would type them, "F=37L/20+14"."""

from collections.abc import Callable, Iterable
from typing import Any

from ingest.raised import lowered, raised

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TIGHT = frozenset("+-−±×·*/=<>≤≥≠ ,;^_")
_OPENING = {"(": ")", "[": "]", "{": "}", "|": "|"}


def fraction(above: str, below: str) -> str:
    return f"{_grouped(above)}/{_grouped(below)}"


def power(base: str, exponent: str) -> str:
    return _script(_grouped(base), exponent, "^", raised)


def index(base: str, below: str) -> str:
    return _script(base, below, "_", lowered)


def _limits(base: str, below: str, above: str) -> str:
    return _script(index(base, below), above, "^", raised)


def root(inner: str, degree: str = "") -> str:
    return f"{degree and raised(degree, 'x')}√{_grouped(inner)}"


def _script(base: str, script: str, sign: str, own: Callable[[str, str], str]) -> str:
    """``base`` with its exponent or index: by characters of their own where there are any ("10⁶"), else by a sign."""
    script = script.strip()
    if not script:
        return base
    if "/" not in script and (written := own(script, "0")) != script and sign not in written:
        return base + written
    return f"{base}{sign}{_grouped(script)}"


def _grouped(text: str) -> str:
    """In brackets, unless it is one term or has brackets around it."""
    text = text.strip()
    if not any(sign in _TIGHT for sign in text) or _is_bracketed(text):
        return text
    return f"({text})"


def _is_bracketed(text: str) -> bool:
    if _OPENING.get(text[:1]) != text[-1:]:
        return False
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == text[0]) - (sign == text[-1])
        if not depth and at < len(text) - 1:
            return False
    return True


def omml(element: Any) -> str:
    """The words and signs of an ``m:oMath`` or ``m:oMathPara``; the equations of the latter are separated by lines."""
    if element.tag == f"{_M}oMathPara":
        return "\n".join(filter(None, map(omml, element.iterfind(f"{_M}oMath"))))
    return _omml_all(element).strip()


def _omml_all(parent: Any) -> str:
    return "".join(map(_omml, parent)) if parent is not None else ""


def _omml(node: Any) -> str:
    name = node.tag.removeprefix(_M) if isinstance(node.tag, str) else ""

    def part(child: str) -> str:
        return _omml_all(node.find(_M + child))

    def sign(child: str, default: str) -> str:
        found = node.find(f"{_M}{name}Pr/{_M}{child}")
        return default if found is None else found.get(f"{_M}val") or ""

    match name:
        case "t":
            return node.text or ""
        case "f":
            flat = sign("type", "bar")
            return f"({part('num')} {part('den')})" if flat == "noBar" else fraction(part("num"), part("den"))
        case "sSup":
            return power(part("e"), part("sup"))
        case "sSub":
            return index(part("e"), part("sub"))
        case "sSubSup":
            return _limits(part("e"), part("sub"), part("sup"))
        case "sPre":
            return power("", part("sup")) + index("", part("sub")) + part("e")
        case "rad":
            return root(part("e"), part("deg"))
        case "nary":
            return _limits(sign("chr", "∫"), part("sub"), part("sup")) + f" {part('e')}"
        case "d":
            inner = sign("sepChr", "|").join(map(_omml_all, node.iterfind(f"{_M}e")))
            return sign("begChr", "(") + inner + sign("endChr", ")")
        case "func":
            return f"{part('fName')} {part('e')}"
        case "limLow":
            return index(part("e"), part("lim"))
        case "limUpp":
            return power(part("e"), part("lim"))
        case "m":
            return _matrix([_omml_all(cell) for cell in row.iterfind(f"{_M}e")] for row in node.iterfind(f"{_M}mr"))
        case "eqArr":
            return "; ".join(map(_omml_all, node.iterfind(f"{_M}e")))
        case _ if name.endswith("Pr"):
            return ""
        case _:
            return _words(node) if not name or name.startswith("{") else _omml_all(node)


def _words(node: Any) -> str:
    """Plain text inside an equation, as Word's own runs hold it, without what changes tracked deleted."""
    if not isinstance(node.tag, str) or node.tag.endswith(("}del", "}moveFrom", "Pr")):
        return ""
    return (node.text or "") + "".join(map(_words, node)) if node.tag.endswith("}t") else _omml_all(node)


def mathml(element: Any) -> str:
    """The words and signs of a ``math`` element of HTML, EPUB or OpenDocument, with or without a namespace."""
    return " ".join(_mathml(element).split())


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(node.tag, str) else ""


def _mathml(node: Any) -> str:
    name = _name(node)
    parts = [_mathml(child) for child in node if _name(child)]

    def part(at: int) -> str:
        return parts[at] if at < len(parts) else ""

    match name:
        case "mfrac":
            return fraction(part(0), part(1))
        case "msup" | "mover":
            return power(part(0), part(1))
        case "msub" | "munder":
            return index(part(0), part(1))
        case "msubsup" | "munderover":
            return _limits(part(0), part(1), part(2))
        case "msqrt":
            return root("".join(parts))
        case "mroot":
            return root(part(0), part(1))
        case "mfenced":
            return (node.get("open") or "(") + (node.get("separators") or ",").join(parts) + (node.get("close") or ")")
        case "mtable":
            return _matrix([_mathml(cell) for cell in row] for row in node)
        case "mspace":
            return " "
        case "mtext":
            return f" {node.text or ''} "
        case "semantics":
            return part(0)
        case "annotation" | "annotation-xml" | "mphantom":
            return ""
        case "mo" | "mi" | "mn" | "ms":
            return (node.text or "").strip() + "".join(parts)
        case _:
            return "".join(parts)


def _matrix(rows: Iterable[Iterable[str]]) -> str:
    return "[" + "; ".join(", ".join(cell.strip() for cell in row) for row in rows) + "]"
