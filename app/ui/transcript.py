"""The middle of the page: the turns, the answers that are being written, and the line to type in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from app.answer.answer_table import table_of
from app.ui import answer_tables, dialogs, options, sidebar, source_drawer, uploads
from app.ui.markup.answer import evidence_html
from app.ui.markup.library import welcome_html
from app.ui.markup.text import escape_markdown, failure_html, notes_html
from app.ui.markup.turn import (
    TurnHtml,
    asked_html,
    below_html,
    question_html,
    told_html,
    unfinished_turn_html,
    waiting_turn_html,
)
from app.what_leaves import what_leaves
from core.errors import LecternError
from core.messages import _
from index.store import feedback

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from app.chat.chat_turns import ChatSnapshot, Turn
    from app.chat.jobs import AnswerJob
    from app.chat.open_chat import OpenChat
    from app.ui.workspace import Workspace
    from index.store.chats import SourceState
    from index.store.feedback import Feedback, Verdict

POLL_SECONDS = 0.15
"""Between two drawings of an answer that is being written: short enough that the text seems to flow."""

IDLE_SECONDS = 2.0
"""Between two checks of a conversation in which nothing is answered: another tab or program may ask in it."""

TWICE_SECONDS = 2.0
"""The same question from the same session within this time was delivered twice by Streamlit."""

PAGES_AHEAD = 6
"""Of an answer's sources that are drawn before they are opened."""

TOGETHER = 20
"""Older turns that are drawn in one piece."""

QUESTION_CHARS = 100_000
"""Longest text that the input line takes; a question too long for the model's window is refused with its limit."""


def show(workspace: Workspace, chat: OpenChat) -> None:
    """The whole conversation, and below it what the person can do next."""
    ask_held(workspace, chat)
    now = chat.snapshot()
    if chat.temporary:
        st.html(notes_html([_("A temporary chat: it is not saved, and gone once you leave it or Lectern ends.")]))
    with st.container(key="turns"):
        if not now.turns and not now.jobs:
            welcome(workspace, chat)
        states = workspace.source_states(now.turns)
        verdicts = {} if chat.temporary else feedback.of_chat(workspace.library, chat.key)
        finished(workspace, chat, now.turns, states, verdicts)
        draw_ahead(workspace, now.turns)
    if now.turns or now.jobs:
        every = POLL_SECONDS if now.jobs else IDLE_SECONDS
        st.fragment(live, run_every=every)(workspace, chat.key, now.version, len(now.turns))
    ask_or_stop(workspace, chat, now)


def finished(
    workspace: Workspace,
    chat: OpenChat,
    turns: Sequence[Turn],
    states: Mapping[str, SourceState],
    verdicts: Mapping[int, Feedback],
    since: int = 0,
) -> None:
    """The finished turns from number ``since`` on.

    Of older ones ``TOGETHER`` are one piece of HTML, so that a long chat is drawn quickly. A table of an answer stands
    between two pieces.
    """
    waiting = ""
    for number, turn in enumerate(turns[since:], since):
        given = verdicts.get(turn.message)
        html = turn_html(workspace, chat, turn, states, number, given.verdict if given else None)
        waiting += html.told
        if html.table and turn.answer and turn.answer.figures:
            st.html(waiting)
            answer_tables.show(html.table, turn.answer.figures, number)
            waiting = ""
        waiting += html.below
        is_old = number < len(turns) - len(turns) % TOGETHER
        if not is_old or (number + 1) % TOGETHER == 0:
            st.html(waiting)
            waiting = ""


def turn_html(
    workspace: Workspace,
    chat: OpenChat,
    turn: Turn,
    states: Mapping[str, SourceState],
    number: int,
    verdict: Verdict | None,
) -> TurnHtml:
    """A turn as HTML, made once for as long as nothing of it changes; a chat that is read again has the same turns."""
    quoted = {one.document_id for one in turn.answer.citations} if turn.answer else set()
    state = (verdict, tuple(sorted((key, states[key]) for key in quoted)))
    if (known := workspace.turn_html.get((chat.key, number))) and (known.turn, known.state) == (turn, state):
        return known
    asked, failed = asked_html(turn, number), failure_html(turn.error) if turn.error else ""
    if turn.answer is None:
        told = asked + evidence_html(turn.evidence, turn.words, answers=turn.answers) + failed
        made = TurnHtml(turn, state, told)
    else:
        table = table_of(turn.answer)
        told = asked + told_html(turn.answer, has_table=table is not None)
        kept = not chat.temporary
        below = below_html(turn.answer, states, turn.budget, number=number, verdict=verdict, kept=kept) + failed
        made = TurnHtml(turn, state, told, table, below)
    workspace.keep_turn_html(chat.key, number, made)
    return made


def draw_ahead(workspace: Workspace, turns: Sequence[Turn]) -> None:
    """Draw the pages that the last answer cites, once, before anybody opens them."""
    answer = turns[-1].answer if turns else None
    if answer is None:
        return
    cited = tuple(dict.fromkeys((*answer.citations, *answer.evidence)))[:PAGES_AHEAD]
    if cited and st.session_state.get("drawn_ahead") != cited:
        st.session_state.drawn_ahead = cited
        source_drawer.draw_ahead(workspace, cited)


def live(workspace: Workspace, key: str, version: tuple[object, ...], drawn: int) -> None:
    """The answer that is being written, and the questions that wait behind it.

    Draws the whole page again when anything else in the conversation changes, as told by ``version``. While a dialog is
    open the turns that have come since stand here: the page holds the first ``drawn``.
    """
    try:
        chat = workspace.chats.get(key)
        now = chat.snapshot()
    except LecternError:
        dialogs.draw_again()  # the page says what is wrong
        return
    if now.version != version:
        dialogs.draw_again()
    finished(workspace, chat, now.turns, workspace.source_states(now.turns[drawn:]), {}, since=drawn)
    for job in now.jobs[:1]:
        written = job.snapshot()
        st.html(question_html(written.question) + unfinished_turn_html(written))
    for job in now.jobs[1:]:
        waiting(job)


def waiting(job: AnswerJob) -> None:
    """A question that waits behind the one that is being answered, with a button to leave it out."""
    now = job.snapshot()
    with st.container(key=f"waiting-{job.number}"):
        st.html(waiting_turn_html(now))
        if not now.stopping:
            key = f"skip-{job.number}"
            st.button(_("Do not answer"), key=key, icon=":material/close:", type="tertiary", on_click=job.stop)


def ask_or_stop(workspace: Workspace, chat: OpenChat, now: ChatSnapshot) -> None:
    """The input line, and above it the choices; while an answer is being written, Stop."""
    with st.bottom, st.container(key="controls", horizontal=True, vertical_alignment="center"):
        if now.jobs:
            # Stops this answer alone: pressed as the answer ends, it must not stop the next one.
            job = now.jobs[0]
            key = f"stop-answer-{job.number}"
            st.button(_("Stop"), key=key, icon=":material/stop_circle:", on_click=job.stop, shortcut="esc")
        options.show(workspace)
    # Outside of ``st.bottom``, into which Streamlit puts it anyway: only then does the page scroll with new text.
    st.chat_input(
        _("Ask your documents") if workspace.library.counts().documents else _("Add documents first, then ask"),
        key="question",
        max_chars=QUESTION_CHARS,
        accept_file="multiple",
        on_submit=submit,
        args=(workspace, chat),
        kwargs={"drawn": submissions()[0]},
    )


def ask_held(workspace: Workspace, chat: OpenChat) -> None:
    """Ask what another part of the page has left to be asked, and what waits for files, once these are in."""
    if question := st.session_state.pop("to_ask", ""):
        submit(workspace, chat, question)
        st.rerun()
    if held := st.session_state.get("held", []):
        if workspace.is_taking_in():
            shown = "".join(map(question_html, held))
            st.html(shown + notes_html([_("Asked as soon as the files are in.")]))
            return
        del st.session_state.held
        for question in held:
            submit(workspace, chat, question)
        st.rerun()


def submissions() -> tuple[int, str, float]:
    """How many questions this session has asked, the last of them, and when."""
    return st.session_state.get("submissions", (0, "", 0.0))  # type: ignore[no-any-return]


def submit(workspace: Workspace, chat: OpenChat, question: str = "", *, drawn: int | None = None) -> None:
    """Ask ``question``, or what was typed; ``drawn`` is how many questions had been asked when the line was drawn."""
    files: Sequence[UploadedFile] = ()
    if not question and (typed := st.session_state.question):
        files, question = typed.files, typed.text
        uploads.take(workspace, files)
    question = question.strip()
    if not question:
        return
    if files and workspace.is_taking_in():  # it is about what comes in; any other is answered meanwhile
        st.session_state.held = [*st.session_state.get("held", []), question]
        return
    # Streamlit may deliver what was just typed with a redrawing of the answer that is being written, and then again.
    count, last, when = submissions()
    if question == last and (drawn not in (None, count) or time.monotonic() - when < TWICE_SECONDS):
        return
    st.session_state.submissions = (count + 1, question, time.monotonic())
    try:
        answering = workspace.chats.ask(chat, question, options.chosen())
    except LecternError as error:
        st.toast(escape_markdown(str(error)), duration="long")
        return
    if answering.key != chat.key:
        st.toast(_("That conversation was deleted; your question begins a new one."), duration="long")
    sidebar.open_chat(workspace, answering.key, temporary=answering.temporary)


def welcome(workspace: Workspace, chat: OpenChat) -> None:
    """What to do first: add documents or, where there are some, up to three questions that were answered well."""
    count = workspace.library.counts().documents
    st.html(welcome_html(count, what_leaves(workspace.opened.models.settings)))
    if not count:
        uploads.box(workspace)
        return
    offered = workspace.starters.offered()
    for number, example in enumerate(offered):
        st.button(
            escape_markdown(example),
            key=f"example-{number}",
            type="tertiary",
            icon=":material/arrow_forward:",
            on_click=submit,
            args=(workspace, chat, example),
        )
    if workspace.starters.choosing:
        st.fragment(until_chosen, run_every=IDLE_SECONDS)(workspace, offered)


def until_chosen(workspace: Workspace, offered: tuple[str, ...]) -> None:
    """Draw the page again once the questions to start with are chosen, or where there is nothing to wait for."""
    if not workspace.starters.choosing or workspace.starters.offered() != offered:
        dialogs.draw_again()
