"""Cleans text from a file so that it can be shown, searched and quoted."""

import re
import unicodedata

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
# Arabic letters in the shapes that they take in a word, which PDFs hold and nobody types.
_SHAPES = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB50, 0xFDFB), *range(0xFE70, 0xFEFD))}
_SPACES = (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x000B, 0x000C)
_LINE_ENDS = (0x0085, 0x2028, 0x2029)
# Invisible: soft hyphen, zero-width space, word joiner, byte-order mark, and the marks and overrides of writing
# direction, which can show a text in another order than it is stored; the invisible signs of formulas, the tags and the
# variation selectors of the last plane, in which whole sentences can be hidden. The joiners U+200C and U+200D stay:
# Indic scripts, Persian and emoji need them.
_INVISIBLE = (
    *(0x00AD, 0x180E, 0x200B, 0xFEFF, 0x200E, 0x200F),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)),
)
_CONTROLS = (*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xFFFE, 0xFFFF)
# The Symbol font's bullets have no code point of their own in many office files and PDFs.
_BULLETS = (0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC, 0xF076)

_TABLE: dict[int, str | None] = {
    **_LIGATURES,
    **_SHAPES,
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_LINE_ENDS, "\n"),
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_CONTROLS),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # half of a pair: cannot be written as UTF-8
    **dict.fromkeys(_BULLETS, "•"),
}
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""What colours a terminal's lines or names its window (ECMA-48, 5.4)."""

_TRAILING = re.compile(r"[ \t]+(?=\n|\Z)")
_SPACE_RUN = re.compile(r"[ \t]+")
_BLANK_RUN = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Text in NFC, without ligatures, control characters, invisible signs and odd spaces; lines end in LF.

    The number of lines stays as it was wherever lines end in CR, LF or both.
    """
    if text.isascii() and text.isprintable():  # most cells and headings: nothing to do
        return text.rstrip()
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)
    return _TRAILING.sub("", unicodedata.normalize("NFC", text))


def flow(text: str) -> str:
    """Clean text with runs of spaces and of blank lines collapsed, for formats in which they mean nothing."""
    lines = (_SPACE_RUN.sub(" ", line).strip() for line in clean(text).split("\n"))
    return _BLANK_RUN.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str, most: int = 0) -> str:
    """Clean text on one line, for headings, cells and titles; cut to ``most`` characters if that is not 0."""
    line = " ".join(clean(text).split())
    return line if not most or len(line) <= most else line[: most - 1].rstrip() + "…"
