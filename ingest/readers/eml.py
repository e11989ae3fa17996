"""E-mail (EML) by Python's own email package: headers, body, and the names of what is attached."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

from ingest.clean import clean, flow, one_line
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs
from ingest.readers import _markup

_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")


def read(path: Path, builder: DocumentBuilder) -> None:
    """The plain version of the body where there is one that says something, else the HTML one."""
    builder.media_type = "message/rfc822"
    data = path.read_bytes()
    if b"\0" in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        data = decode(data, builder.name).encode()
    message = email.message_from_bytes(data.lstrip(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = {name: _header(message, name) for name in _HEADERS}
    builder.title = headers["Subject"]
    builder.metadata.update(author=headers["From"], created=headers["Date"])
    start = builder.page(
        "section", "\n".join(f"{name}: {value}" for name, value in headers.items() if value), label="headers"
    )
    builder.heading(1, headers["Subject"], start)
    bodies, attached = _parts(message)
    if bodies:
        builder.page("section", label="message")
    for body in bodies:
        _write(builder, body)
    if attached:
        builder.page("section", "\n".join(f"Attachment: {name}" for name in attached), label="attachments")
        builder.warnings.append(f"Attachments were not read: {', '.join(attached)}.")


def _parts(message: EmailMessage) -> tuple[list[EmailMessage], list[str]]:
    """(the parts that are shown, the names of those that are attached), in order; of alternatives the best one."""
    kind = message.get_content_type()
    if message.get_content_disposition() == "attachment" or (
        message.get_filename() and not kind.startswith("multipart/")
    ):
        return [], [one_line(message.get_filename() or kind)]
    if kind == "message/rfc822":
        inner = message.get_payload(0) if message.is_multipart() else None
        return [], [one_line(str(inner["Subject"] or kind)) if isinstance(inner, EmailMessage) else kind]
    if not message.is_multipart():
        return ([message], []) if message.get_content_maintype() == "text" else ([], [kind])
    parts = [_parts(part) for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if kind == "multipart/alternative":
        plain = next(
            (
                part
                for part in parts
                if part[0] and part[0][0].get_content_type() == "text/plain" and _text(part[0][0]).strip()
            ),
            None,
        )
        chosen = plain or next((part for part in reversed(parts) if part[0]), ([], []))
        return chosen[0], [name for _, names in parts for name in names]
    return [body for bodies, _ in parts for body in bodies], [name for _, names in parts for name in names]


def _write(builder: DocumentBuilder, body: EmailMessage) -> None:
    text = _text(body)
    if body.get_content_type() == "text/html":
        root = _markup.parse(text)
        builder.hide((*_markup.drop_hidden(root), *hidden_signs(text)))
        for block in _markup.blocks(root):
            builder.write(block.text, block.gap)
    else:
        builder.hide(hidden_signs(text))
        if words := clean(text).strip("\n"):
            builder.write(words)


def _text(part: EmailMessage) -> str:
    """The part's text; where its charset is unknown or wrong, by its bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):  # a wrong charset is common; the bytes tell
        return decode(data, one_line(str(part.get_filename() or "The message"))) if data.strip() else ""


def _header(message: EmailMessage, name: str) -> str:
    """A decoded header; "" where it is missing. The email package raises various errors on malformed ones."""
    try:
        return one_line(str(message[name] or ""))
    except (ValueError, OverflowError, IndexError, AttributeError, TypeError, LookupError):
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return flow(str(raw)).replace("\n", " ")
