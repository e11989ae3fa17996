"""Phrases that the page and the terminal share: numbers with their nouns, and the notes on documents and answers."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from app.answer.citations import place_of
from core.messages import N_, _, ngettext
from core.types import Answer, AnswerPart

if TYPE_CHECKING:
    from index.store.file_report import FileReport
    from index.store.quotes import Quotes
    from index.store.records import DocumentRecord

_NOUNS: Mapping[str, Callable[[int], str]] = {
    "chunk": lambda n: ngettext("{count} chunk", "{count} chunks", n),
    "conversation": lambda n: ngettext("{count} conversation", "{count} conversations", n),
    "document": lambda n: ngettext("{count} document", "{count} documents", n),
    "file": lambda n: ngettext("{count} file", "{count} files", n),
    "job": lambda n: ngettext("{count} job", "{count} jobs", n),
    "kept question": lambda n: ngettext("{count} kept question", "{count} kept questions", n),
    "message": lambda n: ngettext("{count} message", "{count} messages", n),
    "page": lambda n: ngettext("{count} page", "{count} pages", n),
    "part": lambda n: ngettext("{count} part", "{count} parts", n),
    "passage": lambda n: ngettext("{count} passage", "{count} passages", n),
    "saved chat": lambda n: ngettext("{count} saved chat", "{count} saved chats", n),
    "section": lambda n: ngettext("{count} section", "{count} sections", n),
    "sheet": lambda n: ngettext("{count} sheet", "{count} sheets", n),
    "slide": lambda n: ngettext("{count} slide", "{count} slides", n),
    "step": lambda n: ngettext("{count} step", "{count} steps", n),
    "table": lambda n: ngettext("{count} table", "{count} tables", n),
    "thread": lambda n: ngettext("{count} thread", "{count} threads", n),
}

PAGE_NOUNS: Mapping[str, str] = {
    "application/pdf": "page",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slide",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "sheet",
    "application/vnd.oasis.opendocument.spreadsheet": "sheet",
    "application/vnd.oasis.opendocument.presentation": "slide",
    **dict.fromkeys(("image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff"), "page"),
    "text/csv": "table",
    "text/plain": "part",
}
"""What the pages of a document are called, by media type; those of all others are sections."""

PAGES_NAMED = 8
"""Pages without text that the table names one by one; a scanned book has hundreds."""

KINDS: Mapping[str, str] = {
    "docx": "Word",
    "doc": "Word",
    "odt": "Writer",
    "rtf": "RTF",
    "pptx": "PowerPoint",
    "ppt": "PowerPoint",
    "xlsx": "Excel",
    "xls": "Excel",
    "ods": "Calc",
    "odp": "Impress",
    "htm": "HTML",
    "md": "Markdown",
    "txt": N_("Text"),
    "eml": N_("Mail"),
    "msg": N_("Mail"),
    "mbox": N_("Mail"),
}
"""Kinds of documents by the end of a file's name, as their programs are called."""


def count(number: int, noun: str) -> str:
    """ "1 page", "1,024 pages"; ``noun`` is one of `_NOUNS`."""
    return _NOUNS[noun](number)


def quotes_in_words(quotes: "Quotes") -> str:
    """ "2 saved chats and 1 kept question hold words of it"."""
    kinds = ((quotes.chats, "saved chat"), (quotes.questions, "kept question"))
    holders = [count(number, noun) for number, noun in kinds if number]
    named = holders[0] if len(holders) == 1 else _("{one} and {other}", one=holders[0], other=holders[1])
    number = quotes.chats + quotes.questions
    return ngettext("{holders} holds words of it", "{holders} hold words of it", number, holders=named)


def page_count(number: int, media_type: str) -> str:
    """ "8 pages" of a PDF, "8 sections" of a text with headings."""
    return count(number, PAGE_NOUNS.get(media_type, "section"))


def kind_of(record: "DocumentRecord") -> str:
    """What a document is, as people say it: "PDF", "Word"; the end of its name where there is no word for it."""
    end = PurePath(record.name).suffix.lstrip(".").lower()
    return _(KINDS[end]) if end in KINDS else end.upper() or _("Text")


def document_state(record: "DocumentRecord") -> str:
    """Whether a document can be asked: "in", "3 pages not read", "not read (no text: scanned?)"."""
    pages = sum(number for _note, number in record.unread)
    if not pages:
        return _("in")
    if pages >= record.pages:
        return _("not read ({why})", why=record.unread[0][0])
    return ngettext("{count} page not read", "{count} pages not read", pages)


def facts_of(record: "DocumentRecord") -> list[str]:
    """Lines about a document: that its file is gone, and what could not be read of it."""
    from index.store.sources import all_gone, shown_place

    gone = [_("no longer at {place}", place=shown_place(record.sources[0]))] if all_gone(record.sources) else []
    unread = [document_state(record)] if record.unread else []
    return [*gone, *unread, *record.warnings]


def second_reading(answer: Answer | AnswerPart) -> str:
    """A line with the words that the span reader points at, where an answer lacks them; "" elsewhere."""
    if answer.readers != "differ" or answer.words is None:
        return ""
    words = " ".join(answer.words.text.split())
    return _("Read a second way, the documents say “{words}” ({place}).", words=words, place=place_of(answer.words))


def readers_agree(answer: Answer) -> bool:
    """Whether the span reader points at what the answer says, in all of its parts."""
    told = answer.parts or (answer,)
    return all(one.readers == "agree" for one in told)


def stop_note(answer: Answer) -> str:
    """A line that says how much of a stopped answer is there; "" for an answer that was not stopped."""
    if not answer.cancelled:
        return ""
    if not answer.text.strip():
        return _("Stopped before anything was written.")
    if answer.headings:  # its sentences are quotes, or were checked one by one against their section
        return _("Stopped before it was complete.")
    return _("Stopped here, and not checked against your documents.")


def problems_of(file: "FileReport") -> list[str]:
    """What could not be read of a file and why; pages that fail for the same reason share a line."""
    if file.message:
        return [file.message]
    pages: dict[str, list[int]] = {}
    for number, why in file.unreadable:
        pages.setdefault(why, []).append(number)
    notes = [f"{name_pages(numbers)}: {why}" for why, numbers in pages.items()]
    return [*file.warnings, *notes]


def name_pages(numbers: list[int]) -> str:
    if len(numbers) > PAGES_NAMED:
        return f"{len(numbers)} pages"
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
