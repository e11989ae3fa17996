"""The model that answers, and the fetching of a better one, as lines and HTML."""

import re
from html import escape

from app.chat.embedder_change import ChangeState
from app.chat.model_pull import ELSEWHERE, PullState
from app.commands.common import one_line
from core.messages import N_, _

WAYS = {
    "from the hub": N_("from the hub"),
    "from the package index": N_("from the package index"),
    ELSEWHERE: N_("by another program"),
}
"""Where a model comes from, as ``PullState.doing`` says it."""


def title(name: str) -> str:
    """A model's name for a sentence: "Qwen2.5-Coder 1.5B" of "Qwen2.5-Coder-1.5B-Instruct-Q4_K_M"."""
    return re.sub(r"-(\d[\d.]*[BM])$", r" \1", re.sub(r"-instruct\b.*", "", name, flags=re.IGNORECASE))


def pull_line(state: PullState) -> str:
    """ "312 of 1,117 MB · 21 MB/s · 40 s left"."""
    if state.stage == "loading":
        return _("Loading it")
    if state.doing == "checking":
        return _("Checking it")
    if state.doing == ELSEWHERE:
        return _("{megabytes} MB; its progress is that program's", megabytes=f"{state.total / 1e6:,.0f}")
    done, total = f"{state.done / 1e6:,.0f}", f"{state.total / 1e6:,.0f}"
    facts = [_("{done} of {total} MB", done=done, total=total)]
    if state.rate:
        facts.append(f"{state.rate / 1e6:.1f} MB/s")
    if state.seconds_left is not None:
        facts.append(time_left(state.seconds_left))
    return " · ".join(facts)


def change_line(state: ChangeState) -> str:
    """ "Reads the library again: 96 of 4,512 passages · 3 min left"."""
    if state.stopping:
        return _("Stopping")
    if state.waiting:
        return _("Waits while an answer is written")
    if not state.chunks:
        return _("Getting ready")
    done, total = f"{state.done:,}", f"{state.chunks:,}"
    facts = [_("Reads the library again: {done} of {total} passages", done=done, total=total)]
    if state.seconds_left:
        facts.append(time_left(state.seconds_left))
    return " · ".join(facts)


def time_left(seconds: float) -> str:
    if seconds < 90:
        return _("{seconds} s left", seconds=max(1, round(seconds)))
    return _("{minutes} min left", minutes=round(seconds / 60))


def pull_html(state: PullState, what: str) -> str:
    """``what`` is fetched and from where, above its progress; the reason where it failed; which model answers now."""
    if state.stage == "failed":
        return f'<p class="lc-doc"><small class="lc-flag">{escape(one_line(state.line))}</small></p>'
    if state.moving:
        where = f" {_(WAYS[state.doing])}" if state.doing in WAYS else ""
        line = _(
            "{what} is fetched{where}, once. Nothing of yours is sent. You can ask meanwhile.", what=what, where=where
        )
        return f'<p class="lc-foot">{escape(one_line(line))}</p>'
    return f'<p class="lc-foot">{escape(one_line(state.line))}</p>' if state.line else ""


def notice_html(notice: str) -> str:
    """Why the better model does not answer, where it is on this machine."""
    return f'<p class="lc-foot">{escape(one_line(notice))}</p>'
