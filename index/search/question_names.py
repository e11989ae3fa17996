"""The organisations and persons of documents that a question names, also by other names for them, or with a typo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import regex

from core.facets import Facet, Facets
from index.spelling import spelled_like
from ingest.facets.words import WITHIN_NAMES

Words = tuple[str, ...]
"""The words of a name, in small letters."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:[.&’'-][\p{L}\p{M}\p{N}]+)*")
_ELISION = regex.compile(r"^\p{L}{1,2}['’](?=\p{L}{2})")
_POSSESSIVE = regex.compile(r"['’]s?$")
LEAST = 3
"""Letters of a name that is one word."""


@dataclass(frozen=True, slots=True)
class AskedName:
    """``question[start:end]`` names these documents' organisation or person.

    ``is_exact`` is False where the question spells it another way, and where the name is one that the document only
    uses for a party ("the Tenant").
    """

    start: int
    end: int
    name: str
    document_ids: frozenset[str]
    is_exact: bool


def asked_names(question: str, names: Names, known: Callable[[str], bool] | None = None) -> tuple[AskedName, ...]:
    """The names in a question, in its order, the longest of those that overlap.

    A word that the library has, by ``known``, is no misspelling of a name; without ``known`` none is exact.
    """
    words = list(_words(question))
    entries = names.entries
    found: list[AskedName] = []
    for length in names.lengths:
        for first in range(len(words) - length + 1):
            stretch = words[first : first + length]
            start, end = stretch[0][0], stretch[-1][1]
            if any(start < other.end and other.start < end for other in found):
                continue
            said = tuple(word for _, _, word in stretch)
            spelled = said if said in entries else names.mended(said, known)
            if spelled is None or not _as_written(question[start:end], entries[spelled]):
                continue
            entry = entries[spelled]
            is_exact = entry.is_own and (spelled == said or known is not None)
            found.append(AskedName(start, end, entry.name, frozenset(entry.documents), is_exact))
    return tuple(sorted(found, key=lambda one: one.start))


@dataclass(slots=True)
class _Entry:
    """A name with the documents of which it is one. ``is_own``: part of the name itself, or letters that stand for it.

    ``in_capitals`` where it is an abbreviation, which is a name in capitals only.
    """

    name: str
    documents: set[str]
    is_own: bool
    in_capitals: bool


class Names:
    """The organisations and persons of documents by their words; dear to make of many documents, so made once.

    ``lengths`` are those of the names in words, the longest first.
    """

    def __init__(self, facets: Mapping[str, Facets]) -> None:
        self.entries = _names(facets)
        self.lengths = sorted({len(name) for name in self.entries}, reverse=True)
        self._own: dict[tuple[int, str], list[Words]] = {}
        for name, entry in self.entries.items():
            if entry.is_own:
                initial = name[0][:1] if len(name) == 1 else ""  # a misspelt word begins with the same letter
                self._own.setdefault((len(name), initial), []).append(name)

    def mended(self, said: Words, known: Callable[[str], bool] | None) -> Words | None:
        """The name that is spelt nearly so and was meant; None where the words are right, or like no name."""
        initial = said[0][:1] if len(said) == 1 else ""
        for name in self._own.get((len(said), initial), ()):
            wrong = [(word, right) for word, right in zip(said, name, strict=True) if word != right]
            if len(wrong) == len(said) > 1:
                continue
            if all(spelled_like(word, [right]) and not (known and known(word)) for word, right in wrong):
                return name
        return None


def _names(facets: Mapping[str, Facets]) -> dict[Words, _Entry]:
    """All names by their words, each with its documents."""
    found: dict[Words, _Entry] = {}
    for document_id, of in facets.items():
        for facet in of.facets:
            if facet.kind not in ("organisation", "person"):
                continue
            for name, is_own in _called(facet):
                words = tuple(word for _, _, word in _words(name))
                if not words or (len(words) == 1 and len(words[0]) < LEAST):
                    continue
                capitals = len(words) == 1 and len(name) < 5 and name.isupper() and name != facet.value
                entry = found.setdefault(words, _Entry(facet.value, set(), is_own, capitals))
                entry.documents.add(document_id)
                entry.is_own = entry.is_own or is_own
    return found


def _called(facet: Facet) -> Iterator[tuple[str, bool]]:
    """What a facet is called, and whether that is a name rather than a part that it plays."""
    own = {word for _, _, word in _words(facet.value)}
    yield facet.value, True
    for alias in facet.aliases:
        words = [word for _, _, word in _words(alias) if word not in WITHIN_NAMES]
        if not words:
            continue
        is_own = facet.given or alias.isupper() or any(word in own for word in words) or _is_part(words, own)
        yield " ".join(words), is_own
    if facet.kind == "person" and len(facet.value.split()) > 1:
        yield facet.value.split()[-1], False


def _is_part(words: list[str], own: set[str]) -> bool:
    """ "amazon" of "amazon.com"."""
    return any(name.startswith(f"{word}.") for word in words for name in own)


def _as_written(said: str, entry: _Entry) -> bool:
    return not entry.in_capitals or said.isupper()


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of a text in small letters with their places, without the "s" of "Apple's" and the "d" of "d'Apple"."""
    for match in _WORD.finditer(text):
        word = _POSSESSIVE.sub("", match[0])
        elided = found.end() if (found := _ELISION.match(word)) else 0
        yield match.start() + elided, match.start() + len(word), word[elided:].casefold()
