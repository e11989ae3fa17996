"""A library as HTML: its uploads and documents, the welcome, and which model answers."""

from collections.abc import Sequence
from html import escape

from app.chat.upload_state import FileOutcome, IngestState
from app.commands.common import one_line
from app.phrases import count, facts_of, page_count, quotes_in_words
from app.ui.markup.text import failure_html
from index.store.quotes import Quotes
from index.store.records import DocumentRecord

BUSY_AFTER_S = 20
"""Seconds without a step of an ingest after which the page says so."""

WARNINGS_SHOWN = 3
"""Of a document in the list; a scanned book has one for every page."""


NOTHING_LEAVES = "Everything is read, kept and answered on this machine. Nothing is sent anywhere."


def upload_line(state: IngestState) -> str:
    """ "report.pdf · 2 of 5 files · 12 s left"."""
    if state.stopping:
        return "Stopping"
    busy = f" · the machine is busy, {state.quiet_s} s without a step" if state.quiet_s >= BUSY_AFTER_S else ""
    if state.waiting:
        return "Waits while an answer is written" + busy
    if state.files_done >= state.files and not state.file and state.files:
        return "Finishing" + busy
    facts = [state.file or "Starting"]
    if state.files > 1:
        facts.append(f"{min(state.files_done + 1, state.files)} of {state.files} files")
    if state.seconds_left is not None:
        facts.append(f"{max(1, round(state.seconds_left))} s left")
    return " · ".join(facts) + busy


def upload_report_html(state: IngestState) -> str:
    """The files that failed, what could not be read of the others, and how many were added."""
    lines = [f'<p class="lc-foot">{escape(state.note)}</p>'] if state.note else []
    lines += [outcome_html(outcome) for outcome in state.outcomes if outcome.failed or outcome.problems or outcome.note]
    added = sum(not outcome.failed for outcome in state.outcomes)
    if added:
        lines.append(f'<p class="lc-foot">{count(added, "file")} added.</p>')
    if state.error:
        lines.append(failure_html(state.error))
    return "".join(lines)


def outcome_html(outcome: FileOutcome) -> str:
    problems = ("Not added: " if outcome.failed else "") + " ".join(outcome.problems)
    text = " ".join(filter(None, (outcome.note[:1].upper() + outcome.note[1:], problems)))
    return (
        f'<p class="lc-doc" dir="auto"><b>{escape(one_line(outcome.name))}</b>'
        f'<small class="lc-flag">{escape(one_line(text))}</small></p>'
    )


def document_html(record: DocumentRecord, *, is_open: bool = False) -> str:
    """A document in the list: name, pages, passages and tags, and up to ``WARNINGS_SHOWN`` warnings.

    One that ``is_open`` is read whole, and marked.
    """
    size = f"{page_count(record.pages, record.media_type)} · {count(record.chunks, 'passage')}"
    facts = facts_of(record)
    shown, more = facts[:WARNINGS_SHOWN], len(facts) - WARNINGS_SHOWN
    lines = [*shown, f"and {more} more"] if more > 0 else shown
    warnings = "".join(f'<small class="lc-flag">{escape(one_line(line))}</small>' for line in lines)
    if record.tags:
        size += " · " + escape(one_line(", ".join(record.tags)))
    if is_open:
        size = "<mark>open</mark> · " + size
    name = escape(one_line(record.name))
    return f'<div class="lc-doc" dir="auto"><b>{name}</b><small>{size}</small>{warnings}</div>'


def removal_html(name: str, quotes: Quotes) -> str:
    """What a person is told before a document is removed that saved chats or kept questions quote."""
    return (
        f'<p dir="auto"><b>{escape(one_line(name))}</b> leaves the library; your own file stays. '
        f"{escape(quotes_in_words(quotes))} words of it.</p>"
    )


def welcome_html(documents: int, leaves: Sequence[str] = ()) -> str:
    """What the page says before the first question; ``leaves`` says what is sent to servers."""
    if documents:
        return (
            '<div class="lc-welcome"><h1>What would you like to know?</h1><p>Ask about the '
            f"{count(documents, 'document')} in this library. You see the sentences that answer first, then an "
            "answer in which every sentence names its page.</p></div>"
        )
    return (
        '<div class="lc-welcome"><h1>Start with your documents</h1><p>Drop files into the box on the left, or run '
        "<code>lectern ingest PATH</code> in a terminal. Then ask: you see the sentences that answer, quoted with file "
        'and page, and an answer tied to them.</p><p class="lc-quiet">'
        f"{escape(' '.join(leaves) or NOTHING_LEAVES)}</p></div>"
    )


def footer_html(model: str, *, leaves: Sequence[str], ready: bool, failure: str) -> str:
    """Which model answers and whether it is loaded, or why it cannot be; ``leaves`` says what is sent to servers."""
    if failure:
        return f'<p class="lc-doc"><small class="lc-flag">{escape(one_line(failure))}</small></p>'
    state = "" if ready else "<br>Loading the models…"
    place = escape(one_line(" ".join(leaves) or "Nothing leaves this machine."))
    return f'<p class="lc-foot">Model: {escape(one_line(model))}. {place}{state}</p>'
