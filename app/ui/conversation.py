"""The middle of the page: the turns, the answer that is being written, and the line to type in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui import markup, options, turns

if TYPE_CHECKING:
    from app.talks import Talk, Turn
    from app.ui.shared import Library
    from index.chats import SourceState

POLL_SECONDS = 0.15
"""Between two looks at an answer that is being written: below what reads as a stutter."""

QUESTION_CHARS = 100_000
"""Longest text that the line to type in takes; what does not fit the model's window is answered with how much does."""


def show(library: Library, talk: Talk) -> None:
    """The whole conversation, and below it what the person can do next."""
    with st.container(key="turns"):
        if not talk.turns and talk.job is None:
            welcome(library, talk)
        done = tuple(talk.turns)  # another session may add to them at any moment
        states = library.source_states(done)
        for number, turn in enumerate(done):
            finished(library, turn, states, f"{talk.key}-{number}")
    if talk.job is not None:
        live(talk)
    ask_or_stop(library, talk)


def finished(library: Library, turn: Turn, states: dict[str, SourceState], key: str) -> None:
    body = (
        markup.finished(turn.answer, states, turn.budget) if turn.answer else markup.evidence(turn.evidence, turn.words)
    )
    st.html(markup.question(turn.question) + body + (markup.failure(turn.error) if turn.error else ""))
    if turn.answer and turn.answer.passages:
        turns.actions(library, turn, key)


@st.fragment(run_every=POLL_SECONDS)
def live(talk: Talk) -> None:
    """The answer as it is being written; draws the whole page again when it is done."""
    job = talk.job
    now = job.snapshot() if job else None
    if now is None or now.done:
        st.rerun()
    st.html(markup.question(now.question) + markup.unfinished(now))


def ask_or_stop(library: Library, talk: Talk) -> None:
    """The line to type in, and above it how to answer; while an answer is written, Stop."""
    busy = talk.job is not None
    with st.bottom, st.container(key="controls", horizontal=True, vertical_alignment="center"):
        if busy:
            st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=talk.stop, shortcut="esc")
        options.show(library)
    # Outside of st.bottom, where it goes by itself: only so does the page follow what is added at its end.
    st.chat_input(
        "Ask your documents" if library.desk.library.counts().documents else "Add documents first, then ask",
        key="question",
        max_chars=QUESTION_CHARS,
        disabled=busy,
        on_submit=submit,
        args=(talk,),
    )


def submit(talk: Talk, question: str = "") -> None:
    """Start an answer to what was typed or clicked."""
    asked = (question or st.session_state.question or "").strip()
    if asked:
        talk.ask(asked, options.chosen())
        st.query_params["chat"] = talk.key


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
            args=(talk, example),
        )
