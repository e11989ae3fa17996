"""What kind of document one is, by the words of its own title or first lines.

A document speaks of itself by its kind: "this agreement", "dieses Protokoll", "le présent règlement". So of its title
and first lines the one is taken that holds what it says so most often; else its title, else its first heading.
No list of kinds is needed, in any language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from core.facets import Facet
from core.types import Document
from ingest.facets.words import THIS, either, small

OPENING = 2500
"""Characters in which a document's title stands."""

LINES = 9
"""First lines among which it is."""

LONGEST = 100
"""Characters of a line above which it is prose."""

MOST_SAID = 5
"""Times that a document speaks of itself by a word from which it does not matter how often."""

SHOWN = 80
"""Characters of a kind that are kept."""


def read_kind(document: Document, taken: tuple[Facet, ...] = ()) -> tuple[Facet, ...]:
    """The line that says what a document is; () where nothing does. Lines that hold a name of ``taken`` are passed."""
    candidates = [
        (start, end)
        for start, end in _candidates(document)
        if not any(facet.start < end and start < facet.end for facet in taken if facet.kind == "organisation")
    ]
    if not candidates:
        return ()
    said, title = _of_itself(document.text), set(_words(_said_title(document)))

    def score(stretch: tuple[int, int]) -> int:
        words = _words(document.text[stretch[0] : stretch[1]])
        return max((min(said[word], MOST_SAID) for word in words), default=0) + 2 * len(title.intersection(words))

    start, end = max(candidates, key=score)  # the first of those that score alike
    line = document.text[start:end]
    words = line.strip("#*_☒☐☑ \t|")
    start += line.index(words)
    if len(words) > SHOWN:
        words = words[:SHOWN].rpartition(" ")[0] or words[:SHOWN]
    return (Facet("kind", words, start, start + len(words)),)


def _said_title(document: Document) -> str:
    """The title that the file has of itself; "" where that is its name."""
    return "" if document.name.startswith(document.title) else document.title


def _of_itself(text: str) -> Counter[str]:
    """How often a document speaks of itself by each word: "this agreement", "this quarterly report"."""
    counted: Counter[str] = Counter()
    for match in _this().finditer(small(text[:100_000])):
        first, *further = match["noun"].split()
        if len(first) > 3:
            counted.update(word for word in (first, *further) if len(word) > 3)
    return Counter({word: times for word, times in counted.items() if times > 1})


def _candidates(document: Document) -> Iterator[tuple[int, int]]:
    """The first lines with words that are no prose, from the top."""
    text = document.text
    lines = [match.span() for match in re.finditer(r"[^\n]*[^\W\d_]{3}[^\n]*", text[:OPENING])][:LINES]
    for start, end in lines:
        line = text[start:end]
        letters = sum(map(str.isalpha, line))
        if end - start <= LONGEST and letters * 2 > len(line.strip()) and not _PROSE.search(line):
            yield start, end


def _words(line: str) -> list[str]:
    return re.findall(r"[^\W\d_]{4,}", small(line))


_PROSE = re.compile(r"^\W*\w{1,4}[.)]\s|[,;]\s*$|:\s*$")
"""A line that is numbered, or that goes on."""


@cache
def _this() -> re.Pattern[str]:
    return re.compile(rf"\b{either(THIS)}\s+(?P<noun>[^\W\d_]+(?:\s[^\W\d_]+)?)")
