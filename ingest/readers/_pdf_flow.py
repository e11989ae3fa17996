"""The text of a PDF's pages put together again: cut words, large initials, sentences over a page's end."""

import re
from itertools import pairwise

from core.types import Page
from ingest.clean import flow
from ingest.furniture import furniture, goes_on
from ingest.sentences import Span

_WORD = re.compile(r"\w+(?:-\w+)*")
_INITIAL = re.compile(r"^([^\W\d_])\n(?=[^\W\d_])", re.MULTILINE)


def mended(texts: list[str], cut: re.Pattern[str]) -> list[str]:
    """Join words that a line's end cut, and keep the hyphen of those that have one of their own.

    What stands elsewhere in the document decides: "stock-based" with its hyphen, "information" without; if neither
    does, two parts that are words by themselves ("credit-financing") keep it. So do parts that are no continuation
    in small letters ("COVID-19", "Anglo-Saxon").
    """
    if not any(map(cut.search, texts)):
        return texts
    words: set[str] = set()
    for text in texts:
        words.update(_WORD.findall(cut.sub(" ", text).lower()))

    def join(match: re.Match[str]) -> str:
        before, after = match[1].lower(), match[2].lower()
        if not before.isalpha() or not match[2][:1].islower() or f"{before}-{after}" in words:
            own = True
        else:
            own = before + after not in words and before in words and after in words
        return f"{match[1]}-{match[2]}" if own else match[1] + match[2]

    return [cut.sub(join, text) for text in texts]


def whole_initials(texts: list[str]) -> list[str]:
    """Join a large first letter, which stands on a line of its own, with its word: "T", "he bell".

    A letter that is a word elsewhere in the document ("A") stays one, unless the joined word stands there as well.
    """
    if not any(map(_INITIAL.search, texts)):
        return texts
    words = {word for text in texts for word in _WORD.findall(_INITIAL.sub("", text).lower())}

    def join(match: re.Match[str]) -> str:
        rest = _WORD.match(match.string, match.end())
        following = rest[0] if rest else ""
        letter = match[1].lower()
        is_word = letter in words and letter + following.lower() not in words
        return match[1] if following[:1].islower() and match[1].isupper() and not is_word else match[0]

    return [_INITIAL.sub(join, text) for text in texts]


def without_running_lines(texts: list[str]) -> list[str]:
    """Pages without the running headers and footers that stand inside a sentence which goes on over the page's end."""
    pages, at = [], 0
    for number, text in enumerate(texts, 1):
        pages.append(Page("page", number, "", at, at + len(text)))
        at += len(text) + 1
    lines = furniture("\n".join(texts), pages)
    if not lines:
        return texts
    margins = [_margins(text, page, lines) for text, page in zip(texts, pages, strict=True)]
    starts, ends = [0] * len(texts), [len(text) for text in texts]
    for number, (before, after) in enumerate(pairwise(margins)):
        if goes_on(texts[number][before[0] : before[1]], texts[number + 1][after[0] : after[1]]):
            ends[number], starts[number + 1] = before[1], after[0]
    return [flow(text[start:end]) for text, start, end in zip(texts, starts, ends, strict=True)]


def _margins(text: str, page: Page, lines: list[Span]) -> Span:
    """Where a page's own text begins and ends, between its running lines."""
    start, end = 0, len(text)
    own = [(first - page.start, last - page.start) for first, last in lines if page.start <= first < page.end]
    for first, last in own:
        if not text[start:first].strip():
            start = last
    for first, last in reversed(own):
        if not text[last:end].strip() and first >= start:
            end = first
    return start, end
