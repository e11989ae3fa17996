"""Recognises questions that ask for a summary of a document or a comparison of two, if it is clear which ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from app.answer.rules.text_features import content_words
from index.store.records import DocumentRecord

if TYPE_CHECKING:
    from index.search.filters import Filter
    from index.store.library import Library

_POLITE = r"(?:please\s+|(?:can|could|would)\s+you\s+(?:please\s+)?)?"
_SUMMARY = re.compile(
    rf"(?i){_POLITE}(?:summari[sz]e|sum\s+up|give\s+(?:me\s+)?an?\s+(?:short\s+)?(?:summary|overview)\s+of"
    r"|what\s+is\s+the\s+summary\s+of|tl;?dr:?)\s+(?P<what>.+?)(?:\s+for\s+me)?(?:,?\s+please)?\s*[.?!]*"
    r"|what(?:\s+is|['’]s)\s+(?P<named>.+?)\s+about\s*[.?!]*"
)
_COMPARISON = re.compile(
    rf"(?i)(?:{_POLITE}compare|what\s+(?:has\s+)?changed\s+between|what(?:\s+is|\s+are|['’]s)\s+the\s+differences?\s+between)"
    r"\s+(?:(?P<two>(?:these|the|both|those)(?:\s+two)?(?:\s+\w+)?)"
    r"|(?P<one>.+?)\s+(?:and|with|to)\s+(?P<other>.+?))(?:,?\s+please)?\s*[.?!]*"
)
_KINDS = r"(?:documents?|reports?|files?|papers?|pdfs?|texts?|contracts?|articles?|minutes|manuals?|filings?)"
_POINTS = re.compile(rf"(?i)(?:this|the|that|my|it|whole|entire|all\s+of|\s)*{_KINDS}|this|it|that")
_TWO = re.compile(rf"(?i)(?:these|the|both|those)\s+(?:two(?:\s+{_KINDS})?|{_KINDS})|both")
_ARTICLE = re.compile(r"(?i)^(?:the|this|my|our|that)\s+")


@dataclass(frozen=True, slots=True)
class DocumentTask:
    """A summary of one document or a comparison of two; ``documents`` are their ids."""

    kind: Literal["summary", "comparison"]
    documents: tuple[str, ...]


def is_document_task(question: str) -> bool:
    """Whether a question has the form of a task on whole documents; cheap, the library is not looked at."""
    line = " ".join(question.split())
    return bool(_SUMMARY.fullmatch(line) or _COMPARISON.fullmatch(line))


def whole_documents(library: "Library", within: "Filter | None") -> list[DocumentRecord]:
    """The documents that a task can be about: all that the filter keeps, but none if the filter names pages.

    Raises UsageError if the filter keeps no document.
    """
    records = library.documents()
    if within is None:
        return records
    from index.search.filters import kept_documents

    with library.database.reading() as db:
        kept = kept_documents(db, within)
    return [record for record in records if record.id in kept] if within.pages is None else []


def find_document_task(
    question: str, documents: Sequence[DocumentRecord], recent: Sequence[str] = ()
) -> DocumentTask | None:
    """The task that a question sets; None if it sets none, or if it is not clear which documents it is about.

    "This report" is the one document that the last answer quoted (``recent``: the ids of all it quoted), or the only
    document there is. Otherwise a document is identified by its file name, its title, or words of these that fit no
    other document.
    """
    line = " ".join(question.split())
    known = {document.id for document in documents}
    recent = [one for one in recent if one in known]  # others were removed since, or a filter leaves them out
    if match := _SUMMARY.fullmatch(line):
        one = _identify(match["what"] or match["named"], documents, recent)
        return DocumentTask("summary", (one,)) if one else None
    if match := _COMPARISON.fullmatch(line):
        if match["two"]:
            there = tuple(recent) if len(recent) == 2 else tuple(d.id for d in documents)
            return DocumentTask("comparison", there) if _TWO.fullmatch(match["two"]) and len(there) == 2 else None
        pair = tuple(_identify(match[name], documents, ()) for name in ("one", "other"))
        return DocumentTask("comparison", pair) if all(pair) and pair[0] != pair[1] else None  # type: ignore[arg-type]
    return None


def _identify(words: str, documents: Sequence[DocumentRecord], recent: Sequence[str]) -> str | None:
    """The id of the only document that ``words`` can refer to; None if there is none, or more than one."""
    named = words.strip("\"'“”‘’ ")
    exact = [d.id for d in documents if named.casefold() in (d.name.casefold(), d.title.casefold())]
    if len(exact) == 1:
        return exact[0]
    if _POINTS.fullmatch(named):
        among = list(recent) or [d.id for d in documents]
        if len(among) == 1:
            return among[0]
    wanted = content_words(_ARTICLE.sub("", named).replace("_", " ").replace("-", " "))
    found = [d.id for d in documents if wanted and wanted <= _name_words(d)]
    return found[0] if len(found) == 1 else None


def _name_words(document: DocumentRecord) -> set[str]:
    """The content words of a document's name and title."""
    stem = PurePath(document.name).stem
    return content_words(f"{stem} {stem.replace('_', ' ').replace('-', ' ')} {document.title.replace('-', ' ')}")
