"""The row below an answer: copy, try again, useful or not, more; and the details of what it cost."""

from html import escape

from app.answer.window_budget import Budget
from app.ui.markup.answer import cost_html
from app.ui.markup.copying import copy_html, copy_markdown, copy_text
from app.ui.markup.window import window_html
from core.messages import _
from core.types import Answer
from index.store.feedback import Verdict


def turn_row_html(answer: Answer, number: int, verdict: Verdict | None, budget: Budget | None) -> str:
    """What can be done with the answer of turn ``number``, from 0; ``verdict`` is what the person said of it."""
    parts = [_copy(_("Copy"), copy_text(answer), copy_html(answer))] if answer.text.strip() else []
    parts.append(_button("again", _("Try again"), number))
    if answer.text.strip():
        parts.append(_button("useful", _("Useful"), number, pressed=verdict == "useful"))
        parts.append(_button("useless", _("Not useful"), number, pressed=verdict == "useless"))
    if compared_documents(answer):
        parts.append(_button("compared", _("Side by side"), number))
    more = [_copy(_("Copy as Markdown"), copy_markdown(answer))] if answer.text.strip() else []
    if answer.passages:
        more.append(_button("explain", _("How was this found?"), number))
        more.append(_button("keep", _("Keep this question"), number))
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


def _button(does: str, label: str, number: int, *, pressed: bool | None = None) -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return f'<button type="button" data-lc="{does}" data-turn="{number}"{state}>{escape(label)}</button>'


def _copy(label: str, text: str, html: str = "") -> str:
    rich = f' data-html="{escape(html)}"' if html else ""
    done, failed = escape(_("Copied")), escape(_("The browser does not allow it"))
    return (
        f'<button type="button" data-lc="copy" data-text="{escape(text)}"{rich} data-done="{done}"'
        f' data-failed="{failed}">{escape(label)}</button>'
    )
