"""The page's one component of its own: what is clicked in its HTML, the clipboard, the keys, and what is read aloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import source_drawer, turn_actions
from core.messages import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.chat.open_chat import OpenChat
    from app.ui.workspace import Workspace

COMPONENT = st.components.v2.component(
    "lectern_companion",
    html='<div class="lc-live" role="status" aria-live="polite"></div>',
    js=Path(__file__).with_name("companion.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(workspace: Workspace, chat: OpenChat) -> None:
    """Listen to the page's HTML. What is clicked runs this fragment alone, however long the conversation is."""
    with st.container(key="companion"):
        st.fragment(listen)(workspace, chat)


def listen(workspace: Workspace, chat: OpenChat) -> None:
    said = {
        "skip": _("Skip to the question"),
        "working": _("Looking for the sentences that answer."),
        "evidence": _("Found in your documents:"),
        "answered": _("The answer:"),
        "gone": _("Lectern does not answer"),
        "comesBack": _(
            "It has ended, or is starting again. This page goes on by itself once Lectern runs: nothing is lost."
        ),
    }
    acted = COMPONENT(key="companion-act", data=said, on_act_change=lambda: None).act
    if acted:
        act(workspace, chat, acted)


def act(workspace: Workspace, chat: OpenChat, clicked: Mapping[str, str]) -> None:
    """Do what the clicked element says; ``clicked`` holds its data attributes."""
    if clicked["lc"] == "source":
        source_drawer.open_at(workspace, clicked["document"], int(clicked["start"]), int(clicked["end"]))
    else:
        turn_actions.act(workspace, chat, clicked["lc"], int(clicked["turn"]))
