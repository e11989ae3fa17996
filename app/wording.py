"""Numbers with their nouns."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "application/pdf": "page",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slide",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
    "text/csv": "table",
    "text/plain": "part",
}
"""What a document of a media type is divided into; the others have sections."""


def count(number: int, noun: str) -> str:
    """ "1 page", "1,024 pages"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def parts(number: int, media_type: str) -> str:
    """ "8 pages" of a PDF, "8 sections" of a text with headings."""
    return count(number, KINDS.get(media_type, "section"))
