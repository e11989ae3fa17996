"""Outlook's own mail files (MSG) by python-oxmsg: headers, body, and what is attached."""

from pathlib import Path
from typing import Any

from core.errors import DamagedFile
from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.readers._mail import HEADERS, write_attached, write_body, write_headers


def read(path: Path, builder: DocumentBuilder) -> None:
    """The plain version of the body where there is one that says something, else the HTML one. Raises DamagedFile."""
    import oxmsg

    builder.media_type = "application/vnd.ms-outlook"
    try:
        message = oxmsg.Message.load(str(path))
        headers = _headers(message)
        plain, html = message.body or "", message.html_body or ""
    except Exception as error:  # the library lets whatever went wrong inside it pass through
        raise DamagedFile(
            f"{builder.name} is a damaged Outlook message.", "Open it in Outlook and save it again."
        ) from error
    builder.title = headers["Subject"]
    builder.metadata.update(author=headers["From"], created=headers["Date"])
    write_headers(builder, headers, "")
    builder.page("section", label="message")
    write_body(builder, plain if plain.strip() else html, html=not plain.strip())
    attached = [(one_line(one.file_name or "an attachment"), one) for one in message.attachments]
    write_attached(builder, [name for name, _ in attached], "")
    for name, one in attached:
        builder.embed(name, lambda one=one: one.file_bytes or b"")  # type: ignore[misc]


def _headers(message: Any) -> dict[str, str]:
    """The headers that a mail program shows: those of its way through the net, else what Outlook noted."""
    found = {name: one_line(str(message.message_headers.get(name) or "")) for name in HEADERS}
    to = ", ".join(one_line(f"{one.name} <{one.email_address}>") for one in message.recipients)
    sent = message.sent_date
    noted = {
        "From": one_line(message.sender or ""),
        "To": to,
        "Date": sent.isoformat(" ", "minutes") if sent else "",
        "Subject": one_line(message.subject or ""),
    }
    return {name: found[name] or noted.get(name, "") for name in HEADERS}
