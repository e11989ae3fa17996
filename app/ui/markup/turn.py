"""A turn of a conversation as HTML: the question, and its answer finished, being written or waiting."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from app.answer.answer_table import AnswerTable
from app.answer.window_budget import Budget
from app.chat.chat_turns import Turn
from app.chat.jobs import JobSnapshot
from app.commands.common import plain
from app.ui.markup.answer import answer_html, evidence_html, steps_html
from app.ui.markup.sources import changed_sources_html, nearest_passages_html, sources_html
from app.ui.markup.text import notes_html, paragraphs_html
from app.ui.markup.turn_row import button_html, turn_row_html
from core.messages import _
from core.types import Answer
from index.store.chats import SourceState
from index.store.feedback import Verdict


@dataclass(frozen=True, slots=True)
class TurnHtml:
    """A finished turn as HTML: what is ``told``, its table, what stands ``below``; ``state`` is what it hangs on."""

    turn: Turn
    state: tuple[object, ...]
    told: str
    table: AnswerTable | None = None
    below: str = ""


def question_html(text: str) -> str:
    return f'<div class="lc-question" dir="auto">{escape(plain(text.strip()))}</div>'


def asked_html(turn: Turn, number: int) -> str:
    """The question of a finished turn, to be edited; with arrows where there are other versions of it."""
    if not turn.asked:
        return question_html(turn.question)
    edit = button_html("edit", _("Edit"), number)
    if not turn.versions:
        return f'{question_html(turn.question)}<div class="lc-versions">{edit}</div>'
    at, count = turn.versions.index(turn.asked), len(turn.versions)
    earlier = button_html("earlier", "‹", number, said=_("Earlier version"), off=at == 0)
    later = button_html("later", "›", number, said=_("Later version"), off=at + 1 == count)
    place = escape(_("{number} of {count}", number=at + 1, count=count))
    return f'{question_html(turn.question)}<div class="lc-versions">{earlier}<span>{place}</span>{later}{edit}</div>'


def finished_turn_html(
    answer: Answer,
    states: Mapping[str, SourceState],
    budget: Budget | None = None,
    *,
    number: int = 0,
    verdict: Verdict | None = None,
) -> str:
    """A finished turn without its question: ``told_html``, and below it ``below_html``."""
    return told_html(answer) + below_html(answer, states, budget, number=number, verdict=verdict)


def told_html(answer: Answer, *, has_table: bool = False) -> str:
    """What a finished turn says: evidence, steps, answer. With a table below it the cells are not quoted once more."""
    # A stopped answer was being written from evidence that was shown as answering.
    found = "" if has_table else evidence_html(answer.evidence, answer.words, answers=answer.found or answer.cancelled)
    return found + steps_html(answer.steps) + answer_html(answer)


def below_html(
    answer: Answer,
    states: Mapping[str, SourceState],
    budget: Budget | None = None,
    *,
    number: int = 0,
    verdict: Verdict | None = None,
    kept: bool = True,
) -> str:
    """What stands below an answer: what changed since, notes, what can be done with it, sources.

    ``number`` is its place in the conversation, from 0; ``verdict`` what the person said of it. ``kept`` is False in a
    temporary conversation, of which nothing is noted.
    """
    return (
        changed_sources_html(answer, states)
        + notes_html(answer.notes)
        + turn_row_html(answer, number, verdict, budget, kept=kept)
        + sources_html(answer, states)
        + nearest_passages_html(answer)
    )


def unfinished_turn_html(now: JobSnapshot) -> str:
    """A turn while it is being answered: the evidence, then the draft as it grows, which is not checked yet."""
    written = f'<div class="lc-answer lc-writing">{paragraphs_html(now.text)}</div>' if now.text.strip() else ""
    found = evidence_html(now.evidence, now.words, answers=now.answers)
    steps = steps_html(now.steps, going_on=not now.text)
    return f'<div class="lc-unfinished">{found}{notes_html(now.notes)}{steps}{written}{status_html(now)}</div>'


def waiting_turn_html(now: JobSnapshot) -> str:
    """A question that waits for the answers above it, or was stopped while it waited."""
    if now.stopping:
        state = escape(_("Stopped before anything was written."))
    else:
        state = escape(_("Waiting for the answer above")) + "<i></i>"
    return question_html(now.question) + f'<p class="lc-status lc-behind">{state}</p>'


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
    return f'<p class="lc-status">{escape(text)}<i></i></p>' if text else ""
