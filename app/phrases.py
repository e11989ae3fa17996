"""Phrases that the page and the terminal share: numbers with their nouns, and the notes on documents and answers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.store.quotes import Quotes
    from index.store.records import DocumentRecord

from core.types import Answer

PAGE_NOUNS: Mapping[str, str] = {
    "application/pdf": "page",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slide",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
    "text/csv": "table",
    "text/plain": "part",
}
"""What the pages of a document are called, by media type; those of all others are sections."""


def count(number: int, noun: str) -> str:
    """ "1 page", "1,024 pages"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def quotes_in_words(quotes: "Quotes") -> str:
    """ "2 saved chats and 1 kept question hold"."""
    kinds = ((quotes.chats, "saved chat"), (quotes.questions, "kept question"))
    holders = " and ".join(count(number, noun) for number, noun in kinds if number)
    return f"{holders} {'holds' if quotes.chats + quotes.questions == 1 else 'hold'}"


def page_count(number: int, media_type: str) -> str:
    """ "8 pages" of a PDF, "8 sections" of a text with headings."""
    return count(number, PAGE_NOUNS.get(media_type, "section"))


def facts_of(record: "DocumentRecord") -> list[str]:
    """Lines about a document: that its file is gone, and what could not be read of it."""
    from index.store.sources import all_gone, shown_place

    gone = [f"no longer at {shown_place(record.sources[0])}"] if all_gone(record.sources) else []
    return [*gone, *record.warnings]


def stop_note(answer: Answer) -> str:
    """A line that says how much of a stopped answer is there; "" for an answer that was not stopped."""
    if not answer.cancelled:
        return ""
    if not answer.text.strip():
        return "Stopped before anything was written."
    if answer.headings:  # its sentences are quotes, or were checked one by one against their section
        return "Stopped before it was complete."
    return "Stopped here, and not checked against your documents."
