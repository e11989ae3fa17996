"""A library as HTML: its uploads and documents, the welcome, and which model answers."""

from collections.abc import Sequence
from html import escape

from app.chat.upload_state import FileOutcome, IngestState
from app.commands.common import one_line
from app.phrases import quotes_in_words
from app.ui.markup.text import failure_html
from core.messages import N_, _, ngettext
from index.store.quotes import Quotes

BUSY_AFTER_S = 20
"""Seconds without a step of an ingest after which the page says so."""

NAMES_SHOWN = 4
"""Of files that were added."""

NOTHING_LEAVES = N_("Everything is read, kept and answered on this machine. Nothing is sent anywhere.")


def upload_line(state: IngestState) -> str:
    """ "report.pdf · 2 of 5 files · 12 s left"."""
    if state.stopping:
        return _("Stopping")
    slow = _("the machine is busy, {seconds} s without a step", seconds=state.quiet_s)
    busy = f" · {slow}" if state.quiet_s >= BUSY_AFTER_S else ""
    if state.waiting:
        return _("Waits while an answer is written") + busy
    if state.files_done >= state.files and not state.file and state.files:
        return _("Finishing") + busy
    facts = [state.file or _("Starting")]
    if state.pages:
        facts.append(_("page {number} of {pages}", number=state.page, pages=state.pages))
    if state.files > 1:
        at = min(state.files_done + 1, state.files)
        facts.append(_("{number} of {files} files", number=at, files=state.files))
    if state.seconds_left is not None:
        facts.append(_("{seconds} s left", seconds=max(1, round(state.seconds_left))))
    return " · ".join(facts) + busy


def upload_report_html(state: IngestState) -> str:
    """The files that failed, what could not be read of the others, and how many were added."""
    lines = [f'<p class="lc-foot">{escape(state.note)}</p>'] if state.note else []
    lines += [outcome_html(outcome) for outcome in state.outcomes if outcome.failed or outcome.problems or outcome.note]
    added = sum(not outcome.failed for outcome in state.outcomes)
    if added:
        names = [one_line(outcome.name) for outcome in state.outcomes if not outcome.failed]
        line = _("Added: {names}.", names=", ".join(names[:NAMES_SHOWN]))
        if added > NAMES_SHOWN:
            line = ngettext("{count} file added.", "{count} files added.", added)
        lines.append(f'<p class="lc-foot">{escape(line)}</p>')
    if state.error:
        lines.append(failure_html(state.error))
    return "".join(lines)


def paused_html(state: IngestState) -> str:
    """The files that are paused."""
    names = ", ".join(map(one_line, state.paused[:NAMES_SHOWN])) + (", …" if len(state.paused) > NAMES_SHOWN else "")
    line = _("Paused: {names}.", names=names)
    return f'<p class="lc-foot" role="status" dir="auto">{escape(line)}</p>'


def outcome_html(outcome: FileOutcome) -> str:
    problems = " ".join(outcome.problems)
    problems = _("Not added: {problems}", problems=problems) if outcome.failed else problems
    text = " ".join(filter(None, (outcome.note[:1].upper() + outcome.note[1:], problems)))
    return (
        f'<p class="lc-doc" dir="auto"><b>{escape(one_line(outcome.name))}</b>'
        f'<small class="lc-flag">{escape(one_line(text))}</small></p>'
    )


def removed_html(names: Sequence[str]) -> str:
    """The documents that were removed and can be brought back until the next files are added."""
    shown = ", ".join(map(one_line, names[:NAMES_SHOWN])) + (", …" if len(names) > NAMES_SHOWN else "")
    line = _("Removed: {names}. It can be brought back until the next files are added.", names=shown)
    return f'<p class="lc-foot" role="status" dir="auto">{escape(line)}</p>'


def removal_html(name: str, quotes: Quotes) -> str:
    """What a person is told before a document is removed that saved chats or kept questions quote."""
    leaves = escape(_("{name} leaves the library; your own file stays.")).format(
        name=f"<b>{escape(one_line(name))}</b>"
    )
    return f'<p dir="auto">{leaves} {escape(quotes_in_words(quotes))}.</p>'


def welcome_html(documents: int, leaves: Sequence[str] = ()) -> str:
    """What the page says before the first question; ``leaves`` says what is sent to servers."""
    if documents:
        head = _("What would you like to know?")
        text = ngettext(
            "Ask about the {count} document in this library. You see the sentences that answer first, then an answer "
            "in which every sentence names its page.",
            "Ask about the {count} documents in this library. You see the sentences that answer first, then an answer "
            "in which every sentence names its page.",
            documents,
        )
        return f'<div class="lc-welcome"><h1>{escape(head)}</h1><p>{escape(text)}</p></div>'
    head = _("Start with your documents")
    text = _(
        "Drop files into the box below, or run {command} in a terminal. Then ask: you see the sentences that "
        "answer, quoted with file and page, and an answer tied to them."
    )
    text = escape(text).format(command="<code>lectern ingest PATH</code>")
    quiet = escape(" ".join(leaves) or _(NOTHING_LEAVES))
    return f'<div class="lc-welcome"><h1>{escape(head)}</h1><p>{text}</p><p class="lc-quiet">{quiet}</p></div>'


def footer_html(model: str, *, leaves: Sequence[str], ready: bool, failure: str) -> str:
    """Which model answers and whether it is loaded, or why it cannot be; ``leaves`` says what is sent to servers."""
    if failure:
        return f'<p class="lc-doc"><small class="lc-flag">{escape(one_line(failure))}</small></p>'
    state = "" if ready else "<br>" + escape(_("Loading the models…"))
    place = escape(one_line(" ".join(leaves) or _("Nothing leaves this machine.")))
    named = escape(_("Model: {name}.", name=one_line(model)))
    return f'<p class="lc-foot">{named} {place}{state}</p>'
