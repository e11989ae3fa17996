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
# What a file says -> how programs that show it read it (WHATWG Encoding Standard): "iso-8859-1" holds a euro sign.
_LABELS = {
    **dict.fromkeys(
        ("ascii", "us-ascii", "iso-8859-1", "latin-1", "latin1", "l1", "iso8859-1", "iso_8859-1"), "cp1252"
    ),
    **{"iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030"},
    **{"shift_jis": "cp932", "sjis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "big5": "big5hkscs"},
    **{"iso-8859-8-i": "iso-8859-8", "unicode": "utf-16", "utf8": "utf-8"},
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")

CONTROL_SHARE = 0.02
"""Largest share of control characters in a text."""

STRAY_NULS = 2
"""Zero bytes in a text that are taken for slips, however short it is."""

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


def decode_as(data: bytes, label: str, name: str) -> str:
    """The text of ``data``, which says that its encoding is ``label``; by the bytes where that cannot be.

    Raises UnsupportedFile for what is not text.
    """
    encoding = _LABELS.get(label.strip().lower(), label.strip() or "utf-8")
    if encoding == "cp1252" and not data.isascii() and (text := _try(data, "utf-8", whole=True)) is not None:
        return text  # bytes that are UTF-8 by chance are very rare, and programs that forget to say so are not
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError):
        pass
    if encoding == "cp1252":  # five codes have no character in it
        return data.decode("cp1252", "ignore")
    return decode(data, name) if data.strip() else ""


def _candidates(data: bytes) -> list[str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [encoding]
    if b"\0" not in data:
        return ["utf-8", *_guess(data)] if not data.isascii() else ["utf-8"]
    # One that slipped into a text is dropped with other control characters.
    slipped = data.count(b"\0") <= max(STRAY_NULS, CONTROL_SHARE * len(data))
    scores = {encoding: _spaces(data[: 4 * SAMPLE_CHARACTERS], encoding) for encoding in _WIDE}
    wide = [
        encoding for encoding in sorted(_WIDE, key=scores.__getitem__, reverse=True) if scores[encoding] >= SPACE_SHARE
    ]
    return ["utf-8", *wide, *_guess(data)] if slipped else wide


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
    return len(_CONTROL.findall(text)) <= max(
        STRAY_NULS, CONTROL_SHARE * len(text)
    ) and no_characters <= CONTROL_SHARE * len(sample)
