"""The text of a draft -> its sentences, as they are compared with the sources one by one."""

import re
from collections.abc import Sequence

_MARK = re.compile(r"\s*(?:\[\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\]|\((?:see )?sources? \d[\d, and]*\))", re.IGNORECASE)

_MARKER = re.compile(r"[\s*]*(?:[-*•–]|\(?\d{1,2}[.):]|\(?[a-z][.)])\s*")
"""What begins an item of a list."""

_FENCE = re.compile(r"\s*(?:```|~~~)\w*\s*")
"""What begins or ends a block of code."""


def sentences_of(text: str) -> list[str]:
    """The sentences of an answer, an item's number or dot with its own; marks such as "[2]" are left out.

    What says nothing, brackets and the fences of code, is a part of the sentence after it, at the end of that before.
    """
    from ingest.sentences import sentence_spans

    plain = without_marks(text)
    spans = _saying_something(plain, with_markers(plain, sentence_spans(plain)))
    return [plain[start:end] for start, end in spans]


def without_marker(sentence: str) -> str:
    """A sentence without the number or dot of an item of a list, and without Markdown's stars: "2. Close the valve." is
    no claim of a 2."""
    sentence = sentence.replace("**", "")
    marker = _MARKER.match(sentence)
    rest = sentence[marker.end() :] if marker else ""
    return rest if marker and marker.group()[-1:].isspace() and rest.strip() else sentence


def with_markers(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences of ``text``, where an item's number or dot ("2.", "-") belongs to the sentence after it."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and _MARKER.fullmatch(text[slice(*found[-1])]):
            start = found.pop()[0]
        found.append((start, end))
    return found


def _saying_something(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences of ``text``, those without a letter or figure and fences of code joined to the next one."""
    found: list[tuple[int, int]] = []
    empty: int | None = None
    for start, end in spans:
        start = start if empty is None else empty
        says = any(map(str.isalnum, _FENCE.sub(" ", text[start:end])))
        empty = None if says else start
        if says:
            found.append((start, end))
    if empty is not None:
        found = [*found[:-1], (found[-1][0], spans[-1][1])] if found else list(spans)
    return found


def without_marks(text: str) -> str:
    """The text without marks such as "[2]" or "(Source 1)": the citations are computed, not taken from the model."""
    return _MARK.sub("", text).strip()
