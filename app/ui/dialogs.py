"""Dialogs that only their person closes: while one is open, nothing draws the whole page anew.

Streamlit takes a dialog away when the script runs from its beginning. What goes on by itself in the page (files are in,
an answer is complete, another tab asks) asks for such a run, and would take the words away that a person types.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")

OPEN = "dialog_is_open"


def dialog(
    title: str,
    *,
    width: Literal["small", "large"] | int = "small",
    position: Literal["center", "right"] = "center",
    icon: str | None = None,
) -> Callable[[Callable[P, object]], Callable[P, None]]:
    """As ``st.dialog``; the page knows while it is open."""

    def decorate(draw: Callable[P, object]) -> Callable[P, None]:
        shown = st.dialog(title, width=width, position=position, icon=icon, on_dismiss=forget)(draw)

        @wraps(draw)
        def opened(*args: P.args, **kwargs: P.kwargs) -> None:
            st.session_state[OPEN] = True
            shown(*args, **kwargs)

        return opened

    return decorate


def forget() -> None:
    """No dialog is open: one was closed, or the page is drawn from its beginning."""
    st.session_state.pop(OPEN, None)


def is_open() -> bool:
    return OPEN in st.session_state


def draw_again() -> None:
    """Draw the whole page anew, unless a dialog is open: who asks for it by the clock asks again."""
    if not is_open():
        st.rerun()
