"""Calendars (ICS) and address cards (VCF): one section an event or person, a line a property, as people read them."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode, decode_as
from ingest.hidden import hidden_signs

_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_PARAMETER = re.compile(r';([^=:;]+)(?:=("[^"]*"|[^:;]*))?')
_TIME = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}))?(?::?\d{2})?(Z?)$")
_CALENDAR = "VCALENDAR"
_CALENDAR_NAMES = ("X-WR-CALNAME", "NAME")
_CALENDAR_LINES = (*_CALENDAR_NAMES, "X-WR-CALDESC", "DESCRIPTION")
"""What a calendar says of itself (RFC 7986, and what programs wrote before it)."""

_OUTER = ("VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT")
_PLUMBING = frozenset(
    {
        *("VERSION", "PRODID", "UID", "DTSTAMP", "SEQUENCE", "CREATED", "LAST-MODIFIED", "TRANSP", "REV", "PHOTO"),
        *("LOGO", "SOUND", "KEY", "CALSCALE", "METHOD", "CLASS", "ACTION", "TRIGGER", "XML", "N", "ATTACH"),
    }
)
_SHOWN = {
    **{
        "DTSTART": "Start",
        "DTEND": "End",
        "DUE": "Due",
        "RRULE": "Repeats",
        "EXDATE": "Not on",
        "DURATION": "Duration",
    },
    **{
        "FN": "Name",
        "TEL": "Phone",
        "ADR": "Address",
        "ORG": "Organisation",
        "BDAY": "Birthday",
        "NICKNAME": "Nickname",
    },
    **{"URL": "Web", "EMAIL": "E-mail", "TITLE": "Role", "DESCRIPTION": "Description", "X-WR-CALNAME": "Calendar"},
    **{"NAME": "Calendar", "X-WR-CALDESC": "Description"},
}


@dataclass
class _Entry:
    kind: str
    lines: list[str] = field(default_factory=list)
    title: str = ""


def read(path: Path, builder: DocumentBuilder) -> None:
    source = decode(path.read_bytes(), builder.name)
    builder.media_type = "text/vcard" if "BEGIN:VCARD" in source[:4096].upper() else "text/calendar"
    builder.hide(hidden_signs(source), everywhere=True)
    for entry in _entries(source):
        if entry.lines:
            start = builder.page("section", "\n".join(entry.lines), label=entry.title)
            builder.heading(1, entry.title, start)


def _entries(source: str) -> Iterator[_Entry]:
    """The calendar's name, the events, tasks and cards; reminders and time zones within them are left out.

    What has no end of its own ends with what is around it, or with the file.
    """
    open_now: list[_Entry] = []
    for line in _lines(source):
        name, parameters, value = _split(line)
        if name in ("BEGIN", "END"):
            kind = value.strip().upper()
            if open_now and open_now[-1].kind == _CALENDAR:  # its own lines stand before what is in it
                yield _of_calendar(open_now[-1])
            if name == "BEGIN":
                open_now.append(_Entry(kind))
            elif any(entry.kind == kind for entry in open_now):
                at = max(at for at, entry in enumerate(open_now) if entry.kind == kind)
                yield from filter(_is_shown, open_now[at:])
                del open_now[at:]
        elif open_now and name not in _PLUMBING and (shown := _value(name, parameters, value)):
            entry = open_now[-1]
            if name in ("SUMMARY", "FN") or (entry.kind == _CALENDAR and name in _CALENDAR_NAMES):
                entry.title = shown
            if entry.kind != _CALENDAR or name in _CALENDAR_LINES:
                entry.lines.append(f"{_label(name, parameters)}: {shown}")
    yield from filter(_is_shown, open_now)


def _of_calendar(entry: _Entry) -> _Entry:
    """What the calendar says of itself, each line once, and no more of it from then on."""
    own = _Entry(entry.kind, list(dict.fromkeys(entry.lines)), entry.title)
    entry.lines.clear()
    return own


def _is_shown(entry: _Entry) -> bool:
    return entry.kind not in (*_OUTER, "VALARM")


def _lines(source: str) -> Iterator[str]:
    """Properties, unfolded; a value in quoted-printable goes on over the lines that it breaks."""
    held = ""
    for line in _FOLD.sub("", source).splitlines():
        held += line
        if "QUOTED-PRINTABLE" in held.upper() and held.endswith("="):
            held = held[:-1]
            continue
        yield held
        held = ""


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """(name, parameters, value) of a property."""
    head = re.match(r'(?:"[^"]*"|[^":])*', line)
    left = head[0] if head else line
    value = line[len(left) + 1 :]
    name = left.partition(";")[0].rpartition(".")[2].upper()
    parameters = {key.upper(): text.strip('"') for key, text in _PARAMETER.findall(left)}
    return name, parameters, value


def _value(name: str, parameters: dict[str, str], value: str) -> str:
    if "QUOTED-PRINTABLE" in (parameters.get("ENCODING", "") + " ".join(parameters)).upper():
        value = decode_as(quopri.decodestring(value.encode()), parameters.get("CHARSET", "utf-8"), "a card")
    if name in ("ADR", "ORG"):
        value = ", ".join(filter(None, re.split(r"(?<!\\);", value)))
    if name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub(r"(?i)^mailto:", "", value)
        value = f"{parameters['CN']} ({address})" if parameters.get("CN") else address
    text = one_line(_ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value))
    if moment := _TIME.match(text):
        year, month, day, hour, minute, utc = moment.groups()
        zone = " UTC" if utc else f" ({parameters['TZID']})" if parameters.get("TZID") else ""
        return f"{year}-{month}-{day}" + (f" {hour}:{minute}{zone}" if hour else "")
    return text


def _label(name: str, parameters: dict[str, str]) -> str:
    shown = _SHOWN.get(name) or name.removeprefix("X-").replace("-", " ").capitalize()
    kinds = parameters.get("TYPE", "").lower().replace("pref", "").strip(",")
    return f"{shown} ({kinds})" if kinds and name in ("TEL", "EMAIL", "ADR") else shown
