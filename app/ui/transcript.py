"""The middle of the page: the turns, the answers that are being written, and the line to type in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import markup, options, sidebar, turn_actions
from core.errors import LecternError

if TYPE_CHECKING:
    from app.chat.jobs import AnswerJob
    from app.chat.open_chats import Look, Talk, Turn
    from app.ui.shared import Library
    from index.store.chats import SourceState

POLL_SECONDS = 0.15
"""Between two looks at an answer that is being written: below what reads as a stutter."""

IDLE_SECONDS = 2.0
"""Between two looks at a conversation in which nothing is answered: another tab or program may ask in it."""

TWICE_SECONDS = 2.0
"""The same question of the same session within this time is one that Streamlit delivered twice."""

QUESTION_CHARS = 100_000
"""Longest text that the line to type in takes; what does not fit the model's window is answered with how much does."""


def show(library: Library, talk: Talk) -> None:
    """The whole conversation, and below it what the person can do next."""
    look = talk.look()
    with st.container(key="turns"):
        if not look.turns and not look.jobs:
            welcome(library, talk)
        states = library.source_states(look.turns)
        for number, turn in enumerate(look.turns):
            finished(library, turn, states, f"{talk.key}-{number}")
    if look.turns or look.jobs:
        every = POLL_SECONDS if look.jobs else IDLE_SECONDS
        st.fragment(live, run_every=every)(library, talk.key, look.version)
    ask_or_stop(library, talk, look)


def finished(library: Library, turn: Turn, states: dict[str, SourceState], key: str) -> None:
    body = (
        markup.finished(turn.answer, states, turn.budget)
        if turn.answer
        else markup.evidence(turn.evidence, turn.words, answers=turn.answers)
    )
    st.html(markup.question(turn.question) + body + (markup.failure(turn.error) if turn.error else ""))
    if turn.answer and turn.answer.passages:
        turn_actions.actions(library, turn, key)


def live(library: Library, key: str, version: tuple[object, ...]) -> None:
    """The answer as it is being written and the questions behind it; draws the whole page again when anything else
    changes in the conversation."""
    try:
        look = library.talks.get(key).look()
    except LecternError:
        st.rerun()  # the page says what is wrong
    if look.version != version:
        st.rerun()
    for job in look.jobs[:1]:
        now = job.snapshot()
        st.html(markup.question(now.question) + markup.unfinished(now))
    for job in look.jobs[1:]:
        waiting(job)


def waiting(job: AnswerJob) -> None:
    """A question behind the one that is being answered."""
    now = job.snapshot()
    with st.container(key=f"waiting-{job.number}"):
        st.html(markup.waiting(now))
        if not now.stopping:
            key = f"skip-{job.number}"
            st.button("Do not answer", key=key, icon=":material/close:", type="tertiary", on_click=job.stop)


def ask_or_stop(library: Library, talk: Talk, look: Look) -> None:
    """The line to type in, and above it how to answer; while an answer is written, Stop."""
    with st.bottom, st.container(key="controls", horizontal=True, vertical_alignment="center"):
        if look.jobs:
            # Of this answer alone: pressed as the answer ends, it must not stop the next one.
            job = look.jobs[0]
            key = f"stop-answer-{job.number}"
            st.button("Stop", key=key, icon=":material/stop_circle:", on_click=job.stop, shortcut="esc")
        options.show(library)
    # Outside of st.bottom, where it goes by itself: only so does the page follow what is added at its end.
    st.chat_input(
        "Ask your documents" if library.desk.library.counts().documents else "Add documents first, then ask",
        key="question",
        max_chars=QUESTION_CHARS,
        on_submit=submit,
        args=(library, talk),
        kwargs={"drawn": submissions()[0]},
    )


def submissions() -> tuple[int, str, float]:
    """How many questions this session has asked, the last of them, and when."""
    return st.session_state.get("submissions", (0, "", 0.0))  # type: ignore[no-any-return]


def submit(library: Library, talk: Talk, question: str = "", *, drawn: int | None = None) -> None:
    """Start an answer to what was typed or clicked. ``drawn`` questions had been asked when the line was drawn."""
    asked = (question or st.session_state.question or "").strip()
    if not asked:
        return
    # A look at the answer that is being written may take along what was just typed, which then comes by itself too.
    count, last, when = submissions()
    if asked == last and (drawn not in (None, count) or time.monotonic() - when < TWICE_SECONDS):
        return
    st.session_state.submissions = (count + 1, asked, time.monotonic())
    try:
        answering = library.talks.ask(talk, asked, options.chosen())
    except LecternError as error:
        st.toast(markup.unmarked(str(error)), duration="long")
        return
    if answering.key != talk.key:
        st.toast("That conversation was deleted; your question begins a new one.", duration="long")
    sidebar.open_chat(library, answering.key)


def welcome(library: Library, talk: Talk) -> None:
    """What to do first: add documents, or, where there are some, three questions to start with."""
    count = library.desk.library.counts().documents
    st.html(markup.welcome(count))
    for number, example in enumerate(library.example_questions()):
        st.button(
            markup.unmarked(example),
            key=f"example-{number}",
            type="tertiary",
            icon=":material/arrow_forward:",
            on_click=submit,
            args=(library, talk, example),
        )
