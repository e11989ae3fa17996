"""A turn of a conversation as HTML: the question, and its answer finished, being written or waiting."""

from collections.abc import Mapping
from html import escape

from app.answer.window_budget import Budget, WindowSection
from app.chat.jobs import JobSnapshot
from app.commands.common import one_line, plain
from app.ui.markup.answer import answer_html, cost_html, evidence_html, steps_html
from app.ui.markup.sources import changed_sources_html, nearest_passages_html, sources_html
from app.ui.markup.text import notes_html, paragraphs_html
from core.messages import _, ngettext
from core.types import Answer
from index.store.chats import SourceState


def question_html(text: str) -> str:
    return f'<div class="lc-question" dir="auto">{escape(plain(text.strip()))}</div>'


def finished_turn_html(answer: Answer, states: Mapping[str, SourceState], budget: Budget | None = None) -> str:
    """A finished turn without its question: evidence, steps, answer, sources, notes, cost and the window's use."""
    # A stopped answer was being written from evidence that was shown as answering.
    found = evidence_html(answer.evidence, answer.words, answers=answer.found or answer.cancelled)
    proof = sources_html(answer, states) + nearest_passages_html(answer)
    return (
        found
        + steps_html(answer.steps)
        + answer_html(answer)
        + changed_sources_html(answer, states)
        + proof
        + notes_html(answer.notes)
        + cost_html(answer)
        + window_html(budget)
    )


def window_html(budget: Budget | None) -> str:
    """A bar of how the model's window was used; opened, a line for each item, and what was left out and why."""
    if budget is None:
        return ""
    used = [item for item in budget.sections if item.tokens and item.key != "free"]
    bar = "".join(f'<i class="lc-part-{item.key}" style="width: {item.share:.2%}"></i>' for item in used)
    rows = "".join(f'<li><i class="lc-part-{item.key}"></i>{escape(token_line(item))}</li>' for item in used)
    dropped = (_("Left out: {what} ({why})", what=one_line(d.what), why=_(d.why)) for d in budget.left_out)
    rows += "".join(f'<li dir="auto">{escape(line)}</li>' for line in dropped)
    window = f"{budget.window:,}"
    summary = escape(_("{share} of the model's {window} tokens", share=f"{budget.used:.0%}", window=window))
    if budget.left_out:
        summary += " · " + escape(ngettext("{count} thing left out", "{count} things left out", len(budget.left_out)))
    return (
        f'<details class="lc-meter"><summary><span class="lc-bar">{bar}</span> {summary}</summary>'
        f"<ul>{rows}</ul></details>"
    )


def token_line(item: WindowSection) -> str:
    """ "sources: 258 tokens"."""
    return ngettext("{name}: {count} token", "{name}: {count} tokens", item.tokens, name=item.name)


def unfinished_turn_html(now: JobSnapshot) -> str:
    """A turn while it is being answered: the evidence, then the draft as it grows, which is not checked yet."""
    written = f'<div class="lc-answer lc-writing">{paragraphs_html(now.text)}</div>' if now.text.strip() else ""
    found = evidence_html(now.evidence, now.words, answers=now.answers)
    return found + notes_html(now.notes) + steps_html(now.steps, going_on=not now.text) + written + status_html(now)


def waiting_turn_html(now: JobSnapshot) -> str:
    """A question that waits for the answers above it, or was stopped while it waited."""
    if now.stopping:
        state = escape(_("Stopped before anything was written."))
    else:
        state = escape(_("Waiting for the answer above")) + "<i></i>"
    return question_html(now.question) + f'<p class="lc-status" role="status">{state}</p>'


def status_html(now: JobSnapshot) -> str:
    """A few words about what the person is waiting for; "" where nothing needs to be said."""
    if now.stopping:
        text = _("Stopping")
    elif now.stage == "working":
        text = now.progress
    elif now.stage == "waiting":
        text = _("Waiting: {place} before you", place=now.place) if now.place > 1 else _("Waiting: you are next")
    else:
        text = {
            "behind": _("Getting ready"),
            "loading": _("Getting ready"),
            "searching": _("Looking for the sentences that answer"),
            "reading": _("The model is reading"),
            "writing": _("Writing"),
        }.get(now.stage, "")
    return f'<p class="lc-status" role="status">{escape(text)}<i></i></p>' if text else ""
