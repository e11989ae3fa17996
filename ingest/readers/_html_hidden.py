"""Elements of HTML that a browser would not show, or would show so that nobody sees them.

Only what an element says itself is looked at (attributes, inline styles); style sheets are not read. Text that is
marked as not for readers' ears (``aria-hidden``) repeats for the eye what stands beside it.
"""

import re
from typing import Any

from ingest.hidden import TINY_POINTS

UNDISPLAYED = "not displayed"
"""What menus, tabs and dialogues are until they are opened: ordinary on web pages."""

_UNDISPLAYED = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_FONT_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*([\d.]+)\s*(px|pt|r?em|%)?", re.IGNORECASE)
_OPACITY = re.compile(r"(?:^|;)\s*opacity\s*:\s*([\d.]+)(%?)", re.IGNORECASE)
_OFF_SCREEN = re.compile(
    r"(?:^|;)\s*(?:left|right|top|bottom|text-indent|margin(?:-\w+)?)\s*:\s*-(?:\d{4,}|\d{3,}(?=\s*(?:r?em|v[wh])))",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|;)\s*background(?:-color|-image|-clip)?\s*:\s*([^;!]+)", re.IGNORECASE)
_POINTS = {"px": 0.75, "pt": 1.0, "em": 12.0, "rem": 12.0, "%": 0.12, "": 0.75}
"""Points of a unit of length; 12 points are a browser's usual size."""

FAINT_OPACITY = 0.1
WHITE = 240
"""Of 255: each part of a colour from which it is not seen on white paper."""


def why_hidden(element: Any, styled: bool) -> str:
    """How ``element`` hides its text, "" where it does not. ``styled``: the page has style sheets, which may give it a
    background."""
    style = element.get("style") or ""
    if element.get("hidden") is not None or _UNDISPLAYED.search(style):
        return UNDISPLAYED
    colour = _COLOUR.search(style)
    colour_name = colour[1] if colour else element.get("color") or ""
    if colour_name and (why := _by_colour(element, colour_name, styled)):
        return why
    if not style:
        return ""
    size = _FONT_SIZE.search(style)
    if size and _number(size[1]) * _POINTS[(size[2] or "").lower()] < TINY_POINTS:
        return f"smaller than {TINY_POINTS:g} points"
    opacity = _OPACITY.search(style)
    if opacity and _number(opacity[1]) / (100 if opacity[2] else 1) < FAINT_OPACITY:
        return "transparent"
    return "off the page" if _OFF_SCREEN.search(style) else ""


def is_styled(root: Any) -> bool:
    """Whether a page brings or names style sheets."""
    return next(root.iter("style"), None) is not None or any(
        "stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link")
    )


def _by_colour(element: Any, name: str, styled: bool) -> str:
    """By its colour: transparent, the same as its own background, or white where nothing gives it another one."""
    colour = _colour(name)
    own = _BACKGROUND.search(element.get("style") or "")
    if colour is None:
        return "transparent" if name.strip().lower() == "transparent" and not own else ""
    if own:
        return "the colour of its background" if _colour(own[1]) == colour else ""
    if min(colour) < WHITE:
        return ""
    for outer in (element, *element.iterancestors()):
        if outer.tag == "body" and not (outer.get("bgcolor") or _BACKGROUND.search(outer.get("style") or "")):
            break
        background = _BACKGROUND.search(outer.get("style") or "")
        behind = _colour(background[1] if background else outer.get("bgcolor") or "")
        if background or outer.get("bgcolor") or outer.get("background"):
            return "white text" if behind and min(behind) >= WHITE else ""
        if styled and (outer.get("class") or outer.get("id")):
            return ""
    return "white text"


def _colour(text: str) -> tuple[int, int, int] | None:
    """Red, green and blue of a colour as style sheets write it; None for those that are not told."""
    word = text.strip().lower()
    if word.startswith("white"):
        return 255, 255, 255
    if match := re.match(r"#([\da-f]{6}|[\da-f]{3})\b", word):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := re.match(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)", word):
        return int(match[1]), int(match[2]), int(match[3])
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # "1.2.3": not a size; a browser ignores it as well
        return 1000.0
