"""One mail -> its headers, its body, the mails that it forwards, and the names of what is attached."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from ingest.clean import clean, flow, one_line
from ingest.document_builder import PATH_SIGN, DocumentBuilder
from ingest.encoding import decode_as
from ingest.hidden import hidden_signs
from ingest.readers import _markup

HEADERS = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
_SIGNATURES = frozenset(("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"))

STANDS_FOR = 0.5
"""Of the words of a mail in HTML, that its plain text has: one made from it has nearly all of them."""

_WORD = re.compile(r"\w+")

FORWARDED_DEPTH = 20
"""Mails within mails that are read; real threads that are forwarded as attachments stay far below."""


@dataclass
class _Found:
    """Parts of a mail in order: what is shown, the mails in it, and what is attached, by name."""

    shown: list[EmailMessage] = field(default_factory=list)
    forwarded: list[EmailMessage] = field(default_factory=list)
    attached: list[tuple[str, EmailMessage]] = field(default_factory=list)

    def add(self, other: "_Found") -> None:
        self.shown += other.shown
        self.forwarded += other.forwarded
        self.attached += other.attached


def write_mail(builder: DocumentBuilder, message: EmailMessage, place: str = "", depth: int = FORWARDED_DEPTH) -> None:
    """Write a mail; its places begin with ``place`` ("message 3"). What is attached is read after all else."""
    write_headers(builder, {name: header(message, name) for name in HEADERS}, place)
    found = _parts(message)
    if found.shown:
        builder.page("section", label=within(place, "message"))
    for body in found.shown:
        write_body(builder, _text(body), html=body.get_content_type() == "text/html")
    write_attached(builder, [name for name, _ in found.attached], place)
    for name, part in found.attached:
        builder.embed(name, lambda part=part: _bytes(part), place=within(place, name))  # type: ignore[misc]
    for inner in found.forwarded:
        if depth:
            write_mail(builder, inner, within(place, f"forwarded mail “{header(inner, 'Subject')}”"), depth - 1)
        else:
            builder.warnings.append(f"Mails within {FORWARDED_DEPTH} others were not read.")


def write_headers(builder: DocumentBuilder, headers: dict[str, str], place: str) -> None:
    shown = "\n".join(f"{name}: {value}" for name, value in headers.items() if value)
    start = builder.page("section", shown, label=within(place, "headers"))
    builder.heading(1, headers.get("Subject", "") or place, start)


def write_body(builder: DocumentBuilder, text: str, *, html: bool) -> None:
    if html:
        root = _markup.parse(text)
        builder.hide((*_markup.drop_hidden(root), *hidden_signs(text)))
        for block in _markup.blocks(root):
            _markup.write_block(builder, block)
    else:
        builder.hide(hidden_signs(text))
        if words := clean(text).strip("\n"):
            builder.write(words)


def write_attached(builder: DocumentBuilder, names: list[str], place: str) -> None:
    """Write the names of what is attached, as a mail program shows them."""
    if names:
        builder.page("section", "\n".join(f"Attachment: {name}" for name in names), label=within(place, "attachments"))


def within(place: str, part: str) -> str:
    return f"{place}{PATH_SIGN}{part}" if place else part


def header(message: EmailMessage, name: str) -> str:
    """A decoded header; "" where it is missing. The email package raises various errors on malformed ones."""
    try:
        return one_line(str(message[name] or ""))
    except (ValueError, OverflowError, IndexError, AttributeError, TypeError, LookupError):
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return flow(str(raw)).replace("\n", " ")


def _parts(message: EmailMessage) -> _Found:
    """What a mail program would show of a message and list below it; of alternatives the best one."""
    kind = message.get_content_type()
    if kind == "message/rfc822":
        return _Found(forwarded=list(_inner(message)))
    if kind in _SIGNATURES:
        return _Found()
    if kind == "text/calendar":  # an invitation, whether it stands in the mail or beside it
        return _Found(attached=[(_name(message) or "invitation.ics", message)])
    name = _name(message)
    if message.get_content_disposition() == "attachment" or (name and not _is_shown(message, kind)):
        return _Found(attached=[(name or kind, message)])
    if not message.is_multipart():
        if message.get_content_maintype() == "text":
            return _Found(shown=[message])
        return _Found(attached=[(name or kind, message)])
    parts = [_parts(part) for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if kind == "multipart/alternative" and parts:
        richest = next((part for part in reversed(parts) if part.shown), parts[-1])
        plain = (part for part in parts if part.shown and part.shown[0].get_content_type() == "text/plain")
        chosen = next((part for part in plain if _stands_for(part.shown, richest.shown)), richest)
        beside = _Found(chosen.shown)
        for part in parts:
            beside.add(_Found([], part.forwarded, part.attached))
        return beside
    found = _Found()
    for part in parts:
        found.add(part)
    return found


def _stands_for(plain: list[EmailMessage], richest: list[EmailMessage]) -> bool:
    """Whether a plain text says what its alternative does, and not only that there is one."""
    words = set(_WORD.findall(_text(plain[0]).lower()))
    if not richest or richest[0].get_content_type() != "text/html":
        return bool(words)
    root = _markup.parse(_text(richest[0]))
    _markup.drop_hidden(root)
    shown = {word for block in _markup.blocks(root) for word in _WORD.findall(block.text.lower())}
    return bool(words) and len(shown & words) >= STANDS_FOR * len(shown)


def _is_shown(message: EmailMessage, kind: str) -> bool:
    """Whether a part with a file name stands in the mail itself: containers, and text that says so."""
    return kind.startswith("multipart/") or (
        kind in ("text/plain", "text/html") and message.get_content_disposition() == "inline"
    )


def _inner(message: EmailMessage) -> Iterator[EmailMessage]:
    payload = message.get_payload() if message.is_multipart() else []
    yield from (one for one in payload if isinstance(one, EmailMessage)) if isinstance(payload, list) else ()


def _name(message: EmailMessage) -> str:
    try:
        return one_line(message.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "an attachment"


def _bytes(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else bytes(part)


def _text(part: EmailMessage) -> str:
    """The part's text; where its charset is unknown or wrong, by its bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        charset = part.get_content_charset() or "utf-8"
    except (LookupError, UnicodeError):
        charset = "utf-8"
    text = decode_as(data, charset, _name(part) or "The message")
    if part.get_content_type() == "text/plain" and str(part.get_param("format", "")).lower() == "flowed":
        return _unflowed(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _unflowed(text: str, *, delete_space: bool) -> str:
    """Paragraphs as they were written, where a mail program has broken their lines (RFC 3676)."""
    lines: list[str] = []
    depth = -1  # of the quotation of a line that goes on, -1 where none does
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        quoted = len(line) - len(line.lstrip(">"))
        words = line[quoted:].removeprefix(" ")
        if quoted == depth and words.rstrip() != "--":
            lines[-1] += words
        else:
            lines.append(f"{'>' * quoted} {words}" if quoted else words)
        depth = quoted if words.endswith(" ") and words != "-- " else -1
        if depth >= 0 and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
