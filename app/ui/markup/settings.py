"""The part Settings as HTML: facts as a list, and what leaves the machine."""

from collections.abc import Sequence
from html import escape

from app.commands.common import one_line
from app.ui.markup.library import NOTHING_LEAVES
from core.messages import _


def facts_html(facts: Sequence[tuple[str, str]]) -> str:
    """Names with what is said of each."""
    shown = ((escape(one_line(name)), escape(one_line(said))) for name, said in facts)
    items = "".join(f"<div><dt>{name}</dt><dd>{said}</dd></div>" for name, said in shown)
    return f'<dl class="lc-facts">{items}</dl>'


def privacy_html(leaves: Sequence[str], home: str, models: str) -> str:
    """What is sent to servers, "nothing" where none is named, and where everything lies."""
    said = " ".join(leaves) or _(NOTHING_LEAVES)
    page = _("The page listens on this machine alone, and loads nothing from elsewhere.")
    places = facts_html([(_("Documents and chats"), home), (_("Models"), models)])
    return f"<p>{escape(one_line(said))} {escape(page)}</p>{places}"
