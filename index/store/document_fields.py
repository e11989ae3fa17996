"""What a document as a whole is found by."""

from collections.abc import Mapping

from index.analyzer import analyze

_LEAD_WORDS = 200
"""Words of a document's beginning that say what it is about: a report's first page tells whose it is and of when."""

_LEAD_FROM = 4_000
"""Characters, about two pages: a shorter document has no first page that speaks for others."""


def about(name: str, title: str, metadata: Mapping[str, str], text: str) -> tuple[str, str]:
    """The words of its name, title, subject and keywords; how it begins."""
    named = analyze("\n".join((name, title, metadata.get("subject", ""), metadata.get("keywords", ""))))
    lead = analyze(text[: _LEAD_WORDS * 10])[:_LEAD_WORDS] if len(text) >= _LEAD_FROM else []
    return " ".join(dict.fromkeys(named)), " ".join(lead)
