"""The row below an answer: copy, try again, useful or not, more; and the details of what it cost."""

from html import escape

from app.answer.window_budget import Budget
from app.export.as_html import fragment
from app.export.as_markdown import as_markdown
from app.ui.markup.answer import cost_html
from app.ui.markup.copying import as_text, copied
from app.ui.markup.window import window_html
from core.messages import _
from core.types import Answer
from index.store.feedback import Verdict


def turn_row_html(
    answer: Answer, number: int, verdict: Verdict | None, budget: Budget | None, *, kept: bool = True
) -> str:
    """What can be done with the answer of turn ``number``, from 0; ``verdict`` is what the person said of it.

    With ``kept`` False nothing is noted of it.
    """
    taken = copied(answer) if answer.text.strip() else None
    parts = [_copy(_("Copy"), as_text(taken), fragment(taken))] if taken else []
    parts.append(button_html("again", _("Try again"), number))
    if taken and kept:
        parts.append(button_html("useful", _("Useful"), number, pressed=verdict == "useful"))
        parts.append(button_html("useless", _("Not useful"), number, pressed=verdict == "useless"))
    if compared_documents(answer):
        parts.append(button_html("compared", _("Side by side"), number))
    more = []
    if taken:
        more.append(_copy(_("Copy as Markdown"), as_markdown(taken).strip()))
        more.append(button_html("export", _("Save as a file"), number))
    if answer.passages:
        more.append(button_html("explain", _("How was this found?"), number))
        more.append(button_html("keep", _("Keep this question"), number))
    if more:
        parts.append(_folded("lc-more", _("More"), f"<div>{''.join(more)}</div>"))
    parts.append(_folded("lc-details", _("Details"), cost_html(answer) + window_html(budget)))
    label = escape(_("What can be done with answer {number}", number=number + 1))
    return f'<div class="lc-row" role="group" aria-label="{label}">{"".join(parts)}</div>'


def compared_documents(answer: Answer) -> tuple[str, str] | None:
    """The ids of the old and the new document of a comparison; None for any other answer."""
    pairs = {tuple(quote.document_id for quote in one.citations) for one in answer.sentences if len(one.citations) == 2}
    known = {quote.document_id for quote in answer.citations}
    both = [pair for pair in pairs if pair[0] != pair[1]]
    if not answer.headings or answer.passages or len(known) != 2 or len(both) != 1:
        return None
    return both[0][0], both[0][1]


def _folded(kind: str, label: str, body: str) -> str:
    return f'<details class="{kind}"><summary>{escape(label)}</summary>{body}</details>'


def button_html(
    does: str, label: str, number: int, *, pressed: bool | None = None, said: str = "", off: bool = False
) -> str:
    """A button of turn ``number``; ``said`` is what a screen reader says of a sign, and ``off`` makes it idle."""
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    state += f' aria-label="{escape(said)}" title="{escape(said)}"' if said else ""
    state += " disabled" if off else ""
    return f'<button type="button" data-lc="{does}" data-turn="{number}"{state}>{escape(label)}</button>'


def _copy(label: str, text: str, html: str = "") -> str:
    rich = f' data-html="{escape(html)}"' if html else ""
    done, failed = escape(_("Copied")), escape(_("The browser does not allow it"))
    return (
        f'<button type="button" data-lc="copy" data-text="{escape(text)}"{rich} data-done="{done}"'
        f' data-failed="{failed}">{escape(label)}</button>'
    )
