"""Recognises questions that ask for a summary of a document or a comparison of two, if it is clear which ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from app.answer.rules.text_features import content_words
from app.query.loose_names import find_loosely, number_key
from app.summarize.request import read_request
from index.analyzer import FUNCTION_WORDS, analyze
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
_BITTE = r"(?:bitte\s+|(?:können|könnten)\s+sie\s+|kannst\s+du\s+)?(?:bitte\s+)?"
_SIL_VOUS_PLAIT = r"(?:(?:pouvez|pourriez)[- ]vous\s+|¿?\s*(?:puede|podría)\s+)?"
_SUMMARY_ELSEWHERE = re.compile(
    rf"(?i){_BITTE}(?:fass(?:en\s+sie|e)?\s+(?:bitte\s+)?(?P<fasse>.+?)(?:\s+bitte)?\s+zusammen"
    r"|(?P<what>\S.*?)(?:\s+bitte)?\s+zusammenfassen)(?:,?\s+bitte)?\s*[.?!]*"
    rf"|{_SIL_VOUS_PLAIT}(?:résume[rz]?|resum(?:ir|e|a))\s+(?P<resume>.+?)"
    r"(?:,?\s+(?:s['’]il\s+(?:vous|te)\s+plaît|por\s+favor))?\s*[.?!]*"
    r"|(?:worum\s+geht\s+es\s+in|wovon\s+handelt|de\s+quoi\s+parle|¿?\s*de\s+qué\s+trata)\s+(?P<named>.+?)"
    r"\s*[.?!]*"
)
"""How a summary is asked for in German, French and Spanish: the forms in which the page itself asks for one too."""

_WHAT_IS = (
    r"(?:(?:what(?:\s+is|\s+are|['’]s)?|show(?:\s+me)?|list|give\s+me|tell\s+me)\s+)?(?:all\s+)?(?:of\s+)?(?:the\s+)?"
)
_COMPARISON = re.compile(
    rf"(?i)(?:{_POLITE}(?:compare|vergleiche?n?(?:\s+sie)?|comparer?z?|comparar?)"
    rf"|{_POLITE}{_WHAT_IS}(?:differences?|changes|different)\s+(?:between|from|in)"
    r"|what\s+(?:has\s+)?changed\s+(?:between|from)|how\s+do(?:es)?"
    r"|was\s+hat\s+sich\s+(?:geändert\s+)?zwischen|(?:(?:was|welche)\s+sind\s+)?(?:die\s+)?(?:unterschiede|änderungen)\s+zwischen"
    r"|worin\s+unterscheiden\s+sich"
    r"|qu['’]est-ce\s+qui\s+a\s+changé\s+entre|(?:quelles\s+sont\s+)?(?:les\s+)?différences\s+entre"
    r"|¿?\s*qué\s+(?:ha\s+cambiado|cambió)\s+entre|¿?\s*(?:cuáles\s+son\s+)?(?:las\s+)?diferencias\s+entre)"
    r"\s+(?P<pair>.+?)(?:\s+(?:geändert|verändert|differ))?(?:,?\s+(?:please|bitte))?\s*[.?!]*"
)
"""How a comparison is asked for in English, German, French and Spanish; what is compared is known by the documents'
names."""

_HOW = re.compile(r"(?i)how\s+do")
_JOINTS = re.compile(r"(?i)\s+(?:and|with|to|differs?\s+from|from|und|mit|et|avec|y|con)\s+(?:from\s+)?")
_KINDS = r"(?:documents?|reports?|files?|papers?|pdfs?|texts?|contracts?|articles?|minutes|manuals?|filings?)"
_POINTS = re.compile(rf"(?i)(?:this|the|that|my|it|whole|entire|all\s+of|\s)*{_KINDS}|this|it|that")
_TWO = re.compile(
    rf"(?i)(?:these|the|both|those)\s+(?:two(?:\s+\w+)?|{_KINDS}|versions)(?:\s+of\s+(?P<of>.+))?|both"
    r"|(?:den|die)\s+(?:beiden|zwei)(?:\s+\w+)?|les\s+deux(?:\s+\w+)?|(?:los|las)\s+dos(?:\s+\w+)?"
)
MOST_WORDS = 24
"""Words in which a document's name is looked for."""

_ARTICLE = re.compile(r"(?i)^(?:the|this|my|our|that|der|die|das|den|dem|le|la|les|el|los|las)\s+")


TaskKind = Literal["summary", "comparison", "read_through", "about", "audience", "extent"]


@dataclass(frozen=True, slots=True)
class DocumentTask:
    """A summary of one document, a comparison of two or more, a question to all of one, or one about it as a whole.

    ``documents`` are their ids; ``words`` is what is asked beside their names: "for the tenant in five points".
    """

    kind: TaskKind
    documents: tuple[str, ...]
    words: str = ""


def is_document_task(question: str) -> bool:
    """Whether a question has the form of a task on whole documents; cheap, the library is not looked at."""
    line = " ".join(question.split())
    if _summarised(line):
        return True
    match = _COMPARISON.fullmatch(line)
    return bool(match and (_TWO.fullmatch(match["pair"]) or _JOINTS.search(match["pair"])))


def _asks_about(line: str) -> bool:
    """Whether a question is for what something is about, which may be a thing in a document as well as the document."""
    match = _SUMMARY.fullmatch(line) or _SUMMARY_ELSEWHERE.fullmatch(line)
    return bool(match and match["named"])


def _summarised(line: str) -> str:
    """The words for what a question asks a summary of; "" where it asks for none."""
    match = _SUMMARY.fullmatch(line) or _SUMMARY_ELSEWHERE.fullmatch(line)
    return next(filter(None, match.groupdict().values()), "") if match else ""


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
    if what := _summarised(line):
        one = _identify(what, documents, recent)
        found = (one, "") if one else None if _asks_about(line) else _identify_within(what, documents, recent)
        return DocumentTask("summary", found[:1], found[1]) if found else None
    if match := _COMPARISON.fullmatch(line):
        pair = _find_several(match["pair"], documents) or _find_pair(match["pair"], documents, recent)
        if not pair and (not _HOW.match(line) or "differ" in line):  # "How do the boilers of 2019 and 2024 work?"
            pair = find_loosely(match["pair"], documents)
        return DocumentTask("comparison", pair) if pair else None
    return None


def find_whole_question(
    kind: TaskKind, question: str, documents: Sequence[DocumentRecord], recent: Sequence[str] = ()
) -> DocumentTask | None:
    """The task of a question that is known to be about a whole document; None where it is not clear about which.

    It is the one that its words name, else the one that the last answer quoted, else the only one there is.
    """
    if named := _identify_within(" ".join(question.split()), documents, ()):
        return DocumentTask(kind, named[:1], named[1])
    known = {document.id for document in documents}
    among = [one for one in recent if one in known] or [document.id for document in documents]
    return DocumentTask(kind, (among[0],)) if len(among) == 1 else None


def _identify_within(words: str, documents: Sequence[DocumentRecord], recent: Sequence[str]) -> tuple[str, str] | None:
    """The id of the one document that a stretch of ``words`` names, the longest that does, and the words beside it.

    Words that ask for a length or a section are of the only document there can be, where none is named.
    """
    tokens = words.rstrip(" .?!").split()[:MOST_WORDS]
    for length in range(len(tokens), 0, -1):
        for start in range(len(tokens) - length + 1):
            before, named, after = tokens[:start], tokens[start : start + length], tokens[start + length :]
            if not _stands_apart(before, named, after):
                continue
            if one := _identify(" ".join(named).strip(",;:"), documents, recent):
                return one, " ".join((*before, *after))
    among = list(recent) or [document.id for document in documents]
    request = read_request(" ".join(tokens))
    if len(among) == 1 and (request.section or request.sentences):
        return among[0], " ".join(tokens)
    return None


def _stands_apart(before: Sequence[str], named: Sequence[str], after: Sequence[str]) -> bool:
    """Whether words can be a name by themselves: joined to those around by function words ("section 3 of", "in five
    points"), which "the last" before "talk" is not, and with a word in them that says something."""
    if not set(analyze(" ".join(named).lower())) - FUNCTION_WORDS or not any(
        any(map(str.isalpha, one)) for one in named
    ):
        return False
    return (not before or _joins(before[-1])) and (not after or _joins(after[0]) or named[-1][-1:] in ",:;")


def _joins(word: str) -> bool:
    return word.casefold().strip(",;:") in _JOINING


_JOINING = frozenset(
    (
        *("of", "in", "from", "for", "with", "about", "on", "does", "do", "has", "is", "are", "what", "only", "and"),
        *("von", "vom", "im", "aus", "für", "mit", "über", "zu", "hat", "ist", "sind", "auf", "nennt", "enthält"),
        *("de", "du", "des", "dans", "pour", "avec", "sur", "en", "est", "sont"),
        *(
            "del",
            "para",
            "con",
            "sobre",
            "es",
            "son",
            "the",
            "der",
            "die",
            "das",
            "dem",
            "den",
            "le",
            "la",
            "les",
            "el",
        ),
    )
)
"""Words that join a document's name to what is asked of it: English, German, French and Spanish."""


def _find_several(words: str, documents: Sequence[DocumentRecord]) -> tuple[str, ...]:
    """The three or more documents that ``words`` name, joined by commas and "and"; () where it is not clear."""
    named = [part for part in re.split(rf",\s*(?:{_JOINTS.pattern[4:]})?|{_JOINTS.pattern[4:]}", f"{words} ") if part]
    sides = [_identify(part, documents, ()) for part in named if part.strip()]
    return tuple(map(str, sides)) if len(sides) > 2 and all(sides) and len(set(sides)) == len(sides) else ()


def _find_pair(words: str, documents: Sequence[DocumentRecord], recent: Sequence[str]) -> tuple[str, str] | None:
    """The two documents that ``words`` name, the older first where they do not say; None where it is not clear."""
    if both := _TWO.fullmatch(words):
        there = list(documents)
        if both["of"]:
            wanted = content_words(_ARTICLE.sub("", both["of"]))
            there = [one for one in documents if wanted <= _name_words(one)]
        elif len(recent) == 2:
            there = [one for one in documents if one.id in recent]
        if len(there) != 2:
            return None
        one, other = there if len(recent) == 2 else sorted(there, key=lambda record: number_key(record.name))
        return one.id, other.id
    for joint in _JOINTS.finditer(words):
        sides = [_identify(side, documents, ()) for side in (words[: joint.start()], words[joint.end() :])]
        if sides[0] and sides[1] and sides[0] != sides[1]:
            return sides[0], sides[1]
    return None


def _identify(words: str, documents: Sequence[DocumentRecord], recent: Sequence[str]) -> str | None:
    """The id of the only document that ``words`` can refer to; None if there is none, or more than one."""
    named = words.strip("\"'“”‘’„«»‹› ")
    exact = [d.id for d in documents if named.casefold() in map(str.casefold, (*_names(d), d.title))]
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
    stems = " ".join(PurePath(name).stem for name in _names(document))
    return content_words(f"{stems} {stems.replace('_', ' ').replace('-', ' ')} {document.title.replace('-', ' ')}")


def _names(document: DocumentRecord) -> list[str]:
    """The names of the files that hold the document: two of the same content are one document."""
    files = (PurePath(source.removeprefix("upload:")).name for source in document.sources)
    return list(dict.fromkeys((document.name, *files)))
