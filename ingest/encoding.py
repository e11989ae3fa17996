"""Decodes the bytes of a text file in any common encoding."""

import codecs
import re
import unicodedata

from core.errors import UnsupportedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16-LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")

CONTROL_SHARE = 0.02
"""Largest share of control characters in a text."""

SPACE_SHARE = 0.02
"""Least share of spaces, line ends and ideographic stops in a text of two or four bytes a character."""

SAMPLE_CHARACTERS = 4096
"""Characters looked up in Unicode's tables to tell a text from bytes that merely decode."""

GUESS_BYTES = 512 * 1024
"""Bytes from which the encoding of a text without byte-order mark, not in UTF-8, is guessed."""


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
    scores = {encoding: _spaces(data[: 4 * SAMPLE_CHARACTERS], encoding) for encoding in _WIDE}
    return [
        encoding for encoding in sorted(_WIDE, key=scores.__getitem__, reverse=True) if scores[encoding] >= SPACE_SHARE
    ]


def _spaces(sample: bytes, encoding: str) -> float:
    """The share of spaces, line ends and stops; near zero if the bytes are read in a wrong width or order."""
    text = sample.decode(encoding, "replace")
    return sum(text.count(sign) for sign in " \n。、") / max(1, len(text))


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
    sample = text[:SAMPLE_CHARACTERS]
    no_characters = sum(
        unicodedata.category(sign) in ("Cn", "Co", "Cs") for sign in sample
    )  # unassigned, private, half
    return len(_CONTROL.findall(text)) <= CONTROL_SHARE * len(text) and no_characters <= CONTROL_SHARE * len(sample)
