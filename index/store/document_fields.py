"""What a document as a whole is found by."""

from collections.abc import Mapping

from index.analyzer import analyze, second_forms

_LEAD_WORDS = 200
"""Words of a document's beginning that say what it is about: a report's first page tells whose it is and of when."""

_LEAD_FROM = 4_000
"""Characters, about two pages: a shorter document has no first page that speaks for others."""


def about(name: str, title: str, metadata: Mapping[str, str], text: str, language: str) -> tuple[str, str]:
    """The words of its name, title, subject and keywords; how it begins. ``language`` is the document's."""
    fields = "\n".join((name, title, metadata.get("subject", ""), metadata.get("keywords", "")))
    named = dict.fromkeys(analyze(fields)) | dict.fromkeys(second_forms(fields, language).values())
    if len(text) < _LEAD_FROM:
        return " ".join(named), ""
    beginning = text[: _LEAD_WORDS * 10]
    lead, stems = analyze(beginning)[:_LEAD_WORDS], second_forms(beginning, language)
    return " ".join(named), " ".join([*lead, *(stems[word] for word in lead if word in stems)])
