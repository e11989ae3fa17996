"""The text of a draft -> its sentences, as they are compared with the sources one by one."""

import re
from collections.abc import Sequence

_MARK = re.compile(r"\s*(?:\[\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\]|\((?:see )?sources? \d[\d, and]*\))", re.IGNORECASE)

_MARKER = re.compile(r"[\s*]*(?:[-*•–]|\(?\d{1,2}[.):]|\(?[a-z][.)])\s*")
"""What begins an item of a list."""


def sentences_of(text: str) -> list[str]:
    """The sentences of an answer, an item's number or dot with its own; marks such as "[2]" are left out."""
    from ingest.sentences import sentence_spans

    plain = without_marks(text)
    return [plain[start:end] for start, end in with_markers(plain, sentence_spans(plain))]


def with_markers(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences of ``text``, where an item's number or dot ("2.", "-") belongs to the sentence after it."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and _MARKER.fullmatch(text[slice(*found[-1])]):
            start = found.pop()[0]
        found.append((start, end))
    return found


def statement_of(sentence: str) -> str:
    """What a sentence states: without an item's number or dot, and without Markdown's stars."""
    item = _MARKER.match(sentence)
    return (sentence[item.end() :] if item and item.end() < len(sentence) else sentence).replace("**", "").strip()


def without_marks(text: str) -> str:
    """The text without marks such as "[2]" or "(Source 1)": the citations are computed, not taken from the model."""
    return _MARK.sub("", text).strip()
