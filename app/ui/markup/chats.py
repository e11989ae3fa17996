"""Conversations in their list: the day that they stand below, and their names."""

from datetime import date, datetime, timedelta
from html import escape

from app.commands.common import one_line
from core.messages import _
from index.store.chats import ChatRecord

WEEK = timedelta(days=7)


def day_of(record: ChatRecord, today: date | None = None) -> str:
    """What the conversation stands below: "Pinned", "Today", "Yesterday", "The last 7 days", its month: "2026-11"."""
    if record.pinned:
        return _("Pinned")
    today, day = today or date.today(), _local(record).date()
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return _("The last 7 days") if day > today - WEEK else f"{day:%Y-%m}"


def label_of(record: ChatRecord, *, alone: bool) -> str:
    """The conversation's title; after its day and time where others have the same."""
    return record.title if alone else f"{_local(record):%m-%d %H:%M} {record.title}"


def deleted_chat_html(title: str) -> str:
    line = _("“{title}” is deleted.", title=one_line(title))
    return f'<p class="lc-foot" role="status" dir="auto">{escape(line)}</p>'


def _local(record: ChatRecord) -> datetime:
    return datetime.fromisoformat(record.changed_at).astimezone()
