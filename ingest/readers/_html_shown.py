"""HTML's elements as the words that a browser shows for them: raised figures, formulas, readings, what is filled in."""

import re
from collections import Counter
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ingest.hidden import STRUCK, Hidden
from ingest.raised import lowered, raised
from ingest.readers._formulas import mathml
from ingest.readers._links import with_target

_STRIKING = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_TEX = re.compile(r"^\s*\{?\\(?:displaystyle|textstyle|begin)\b|^\$.*\$$")
_TYPED = frozenset(("text", "", "email", "tel", "url", "number", "date", "time", "datetime-local", "month", "week"))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

MOST_LINKS = 3
"""In one paragraph or cell: more links than this are a menu or a list of sources, whose addresses nobody asks for."""


def write_out(root: Any) -> None:
    """Put the words that a browser shows into the tree, in place of elements that show them by other means."""
    for element in list(root.iter("sup", "sub")):
        _shift(element)
    for element in list(root.iter("math")):
        _replace(element, mathml(element))
    for element in list(root.iter("img")):
        if _TEX.match(element.get("alt") or ""):
            _replace(element, element.get("alt") or "")
    for element in list(root.iter("ruby")):
        _ruby(element)
    for element in list(root.iter("svg")):
        _drawing(element)
    for element in list(root.iter("input", "select", "textarea")):
        if shown := _filled_in(element):
            _replace(element, f" {shown} ")
    for element in root.iter("ol"):
        _number(element)


def drop_struck(root: Any) -> list[Hidden]:
    """Remove what a page strikes out; returns its texts."""
    found = []
    for element in list(root.iter("del", "s", "strike")) + [
        one for one in root.iter() if isinstance(one.tag, str) and _STRIKING.search(one.get("style") or "")
    ]:
        if element.getparent() is not None:
            found.append(Hidden(STRUCK, "".join(element.itertext())))
            element.drop_tree()
    return found


def tell_targets(root: Any) -> None:
    """Write the addresses of links behind their words, where they lead elsewhere and stand in a text."""
    outward = ("http", "mailto:", "tel:")
    links = [link for link in root.iter("a") if (link.get("href") or "").lower().startswith(outward)]
    hosts = Counter(_host(link.get("href")) for link in links)
    own, count = hosts.most_common(1)[0] if hosts else ("", 0)
    for link in links:
        host = _host(link.get("href"))
        holder = link.getparent()
        inside = bool(host) and host == own and count > MOST_LINKS
        if inside or holder is None or sum(1 for _ in islice(holder.iter("a"), MOST_LINKS + 1)) > MOST_LINKS:
            continue
        words = "".join(link.itertext())
        if (shown := with_target(words, link.get("href"))) != words:
            link.tail = shown[len(words.rstrip()) :].removesuffix(words[len(words.rstrip()) :]) + (link.tail or "")


def _host(address: str) -> str:
    """The host of an address; "" where it has none or is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _replace(element: Any, text: str) -> None:
    """Make ``element`` a plain one that holds ``text``."""
    for child in list(element):
        element.remove(child)
    element.tag, element.text = "span", text
    for name in ("style", "hidden", "class"):
        element.attrib.pop(name, None)


def _drawing(svg: Any) -> None:
    """The words that are written in a drawing, in the order in which they are drawn."""
    texts = [" ".join("".join(text.itertext()).split()) for text in svg.iter("text")]
    if any(texts) and svg.get("aria-hidden") != "true":
        _replace(svg, f" {'; '.join(filter(None, texts))} ")


def _shift(element: Any) -> None:
    words = "".join(element.itertext())
    shifted = (raised if element.tag == "sup" else lowered)(words, _before(element))
    if shifted != words:
        _replace(element, shifted)


def _before(element: Any) -> str:
    """The last characters that stand before an element in its paragraph."""
    while element is not None:
        earlier = element.getprevious()
        text = ""
        if earlier is not None and isinstance(earlier.tag, str):
            text = "".join(earlier.itertext()) + (earlier.tail or "")
        parent = element.getparent()
        if earlier is None and parent is not None:
            text = parent.text or ""
        if text:
            return text[-2:]
        if parent is None or parent.tag in ("p", "td", "th", "li", "div", "body"):
            return ""
        element = earlier if earlier is not None else parent
    return ""


def _ruby(element: Any) -> None:
    """A reading above its characters stands behind them in brackets, as where a browser knows no readings."""
    reading = "".join("".join(one.itertext()).strip() for one in element.iter("rt"))
    for one in list(element.iter("rt", "rp", "rtc")):
        if one.getparent() is not None:
            one.drop_tree()
    base = "".join("".join(element.itertext()).split())
    _replace(element, f"{base}（{reading}）" if reading else base)


def _filled_in(element: Any) -> str:
    """What a form's field shows: what is typed, ticked or chosen; "" for buttons and passwords."""
    kind = (element.get("type") or "").lower()
    if element.tag == "textarea":
        return "".join(element.itertext()).strip()
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return ", ".join("".join(option.itertext()).strip() for option in chosen)
    if kind in ("checkbox", "radio"):
        return "☒" if element.get("checked") is not None else "☐"
    return (element.get("value") or "").strip() if kind in _TYPED else ""


def _number(listing: Any) -> None:
    """Note the number of each item of an ordered list on the item."""
    start = listing.get("start") or "1"
    number = int(start) if start.lstrip("-").isdigit() else 1
    for item in listing.iterfind("li"):
        own = item.get("value") or ""
        number = int(own) if own.isdigit() else number
        form = listing.get("type") or "1"
        letter = _LETTERS[(number - 1) % 26] if form in ("a", "A") and number > 0 else ""
        item.set("data-number", f"{letter.upper() if form == 'A' else letter or number}. ")
        number += 1
