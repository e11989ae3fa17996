"""Bytes of a text file -> text, in whatever common encoding it was written."""

import codecs
import re

from core.errors import UnsupportedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16-LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")

CONTROL_SHARE = 0.02
"""A text of which more than this share of characters is control characters is not a text."""

GUESS_BYTES = 512 * 1024
"""How much of a text without mark, and not in UTF-8, its encoding is guessed from."""


def decode(data: bytes, name: str, *, whole: bool = True) -> str:
    """The text of ``data``: by its byte-order mark, else UTF-8, else UTF-16/32 without a mark, else a guess.

    ``whole`` is False where ``data`` is the beginning of a file and may end within a character.
    Raises UnsupportedFile for what is not text.
    """
    for encoding in _candidates(data):
        text = _try(data, encoding, whole)
        if text is not None and _is_text(text):
            return text
    raise UnsupportedFile(f"{name} is not text.", "It holds binary data, or an encoding that could not be told.")


def _candidates(data: bytes) -> list[str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [encoding]
    if b"\0" not in data:
        return ["utf-8", *_guess(data)] if not data.isascii() else ["utf-8"]
    sample = data[:4096]
    by_place = [sample[place::4].count(0) / max(1, len(sample) / 4) for place in range(4)]
    return [
        encoding
        for encoding, fits in (
            ("utf-32-le", min(by_place[2:]) > 0.9),
            ("utf-32-be", min(by_place[:2]) > 0.9),
            ("utf-16-le", by_place[1] + by_place[3] > 2 * (by_place[0] + by_place[2])),
            ("utf-16-be", by_place[0] + by_place[2] > 2 * (by_place[1] + by_place[3])),
        )
        if fits
    ]


def _guess(data: bytes) -> list[str]:
    """Encodings by charset-normalizer, the best first."""
    from charset_normalizer import from_bytes

    if _try(data, "utf-8", whole=False) is not None:  # cut within a character at most
        return []
    return [match.encoding for match in from_bytes(data[:GUESS_BYTES])]


def _try(data: bytes, encoding: str, whole: bool) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(data, final=whole)
    except UnicodeError:
        return None


def _is_text(text: str) -> bool:
    return len(_CONTROL.findall(text)) <= CONTROL_SHARE * len(text)
