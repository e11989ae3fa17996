"""The sources of an answer as HTML: each quote in the text around it, and what became of its file."""

from collections.abc import Mapping, Sequence
from html import escape

from app.answer.citations import SOURCE_NOTES, number_sources, source_change_notes
from app.commands.common import one_line, plain
from app.ui.markup.answer import columns_html
from app.ui.markup.text import place_html
from core.messages import _, ngettext
from core.types import Answer, Citation, Passage
from index.store.chats import SourceState

CONTEXT_CHARS = 400
"""Characters shown before and after a quote, each: five lines, so that the quote is in sight when a source opens."""


def sources_html(answer: Answer, states: Mapping[str, SourceState]) -> str:
    """The numbered sources below an answer: file, place, and the quote marked in the text around it.

    ``states`` says by document id whether a source has changed or gone since it was quoted.
    """
    # An outline has the places beside its sentences and no passages to open; a stopped answer was not aligned.
    cites = answer.found and not answer.headings and not answer.cancelled
    numbered = number_sources(answer.sentences).sources if cites else ()
    items = "".join(
        source_html(citation, answer.passages, states[citation.document_id], number)
        for number, citation in enumerate(numbered, 1)
    )
    head = ngettext("{count} source", "{count} sources", len(numbered))
    return f'<details class="lc-sources"><summary>{escape(head)}</summary>{items}</details>' if items else ""


def source_html(citation: Citation, passages: Sequence[Passage], state: SourceState, number: int) -> str:
    """One source: its number and place, and the quote marked in its passage."""
    before, after = quote_context(citation, passages)
    quote = f"<mark>{escape(plain(citation.quote))}</mark>"
    text = f"{columns_html(citation)}{escape(plain(before))}{quote}{escape(plain(after))}"
    note = f'<p class="lc-flag">{escape(_(SOURCE_NOTES[state]))}</p>' if SOURCE_NOTES[state] else ""
    return (
        f'<div class="lc-source"><p><b>{number}</b> {place_html(citation)}</p>'
        f'{note}<div class="lc-passage" dir="auto" tabindex="0">{text}</div></div>'
    )


def quote_context(citation: Citation, passages: Sequence[Passage]) -> tuple[str, str]:
    """The text before and after the quote in its passage, each cut at a space to ``CONTEXT_CHARS`` characters.

    Both are "" where no passage holds the quote.
    """
    start, end = citation.start, citation.end
    for passage in passages:
        if passage.document_id == citation.document_id and passage.start <= start <= end <= passage.end:
            before, after = passage.text[: start - passage.start], passage.text[end - passage.start :]
            if len(before) > CONTEXT_CHARS:
                before = "… " + before[-CONTEXT_CHARS:].partition(" ")[2]
            if len(after) > CONTEXT_CHARS:
                after = after[:CONTEXT_CHARS].rpartition(" ")[0] + " …"
            return before, after
    return "", ""


def changed_sources_html(answer: Answer, states: Mapping[str, SourceState]) -> str:
    """A line for each quoted document that has changed or gone since; "" where none has."""
    lines = (escape(one_line(line)) for line in source_change_notes(answer, states))
    return "".join(f'<p class="lc-flag" dir="auto">{line}</p>' for line in lines)


def nearest_passages_html(answer: Answer) -> str:
    """The passages found, for the person to read, where the documents do not answer; else ""."""
    if answer.found or answer.cancelled or not answer.passages:
        return ""
    items = "".join(
        f'<div class="lc-source"><p>{place_html(passage)}</p>'
        f'<div class="lc-passage" dir="auto" tabindex="0">{escape(plain(passage.text))}</div></div>'
        for passage in answer.passages
    )
    head = escape(_("The nearest passages"))
    return f'<details class="lc-sources"><summary>{head}</summary>{items}</details>'
