"""Outlook's own mail files (MSG) by python-oxmsg: headers, body, the mails that it forwards, and what is attached."""

from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import DamagedFile
from ingest.clean import one_line
from ingest.document_builder import DocumentBuilder
from ingest.readers._mail import FORWARDED_DEPTH, HEADERS, within, write_attached, write_body, write_headers

_ATTACHED_MAIL = "__substg1.0_3701000D"
"""The storage of an attachment that is itself a mail (MS-OXMSG 2.2.2.1)."""

_INNER_HEAD = 24
"""Bytes before the properties of a mail within a mail, which has 32 where it is the file itself (MS-OXMSG 2.4.1)."""


def read(path: Path, builder: DocumentBuilder) -> None:
    """The plain version of the body where there is one that says something, else the HTML one. Raises DamagedFile."""
    import oxmsg

    builder.media_type = "application/vnd.ms-outlook"
    try:
        message = oxmsg.Message.load(str(path))
        headers = _headers(message)
        _write(builder, message, headers, "", FORWARDED_DEPTH)
    except MemoryError:
        raise
    except Exception as error:  # the library lets whatever went wrong inside it pass through
        raise DamagedFile(
            f"{builder.name} is a damaged Outlook message.", "Open it in Outlook and save it again."
        ) from error
    builder.title = headers["Subject"]
    builder.metadata.update(author=headers["From"], created=headers["Date"])


def _write(builder: DocumentBuilder, message: Any, headers: dict[str, str], place: str, depth: int) -> None:
    """Write a mail; its places begin with ``place``. What is attached is read after all else."""
    plain, html = message.body or "", message.html_body or ""
    attached, forwarded = [], []
    for one in message.attachments:
        name = one_line(one.file_name or "an attachment")
        inner = next((storage for storage in one._storage.storages if storage.name == _ATTACHED_MAIL), None)
        if inner is None:
            attached.append((name, one))
        else:
            forwarded.append(inner)
    write_headers(builder, headers, place)
    builder.page("section", label=within(place, "message"))
    write_body(builder, plain if plain.strip() else html, html=not plain.strip())
    write_attached(builder, [name for name, _ in attached], place)
    for name, one in attached:
        builder.embed(name, lambda one=one: one.file_bytes or b"", place=within(place, name))  # type: ignore[misc]
    for storage in forwarded:
        if depth:
            mail = _forwarded(storage)
            own = _headers(mail)
            _write(builder, mail, own, within(place, f"forwarded mail “{own['Subject']}”"), depth - 1)
        else:
            builder.warnings.append(f"Mails within {FORWARDED_DEPTH} others were not read.")


def _forwarded(storage: Any) -> Any:
    """The mail in the storage of an attachment."""
    import oxmsg
    from oxmsg.properties import Properties

    class Forwarded(oxmsg.Message):
        @cached_property
        def properties(self) -> Any:
            return Properties(storage, properties_header_offset=_INNER_HEAD)

    return Forwarded(storage)


def _headers(message: Any) -> dict[str, str]:
    """The headers that a mail program shows: those of its way through the net, else what Outlook noted."""
    written = {name.lower(): value for name, value in message.message_headers.items()}
    found = {name: one_line(str(written.get(name.lower()) or "")) for name in HEADERS}
    to = ", ".join(one_line(f"{one.name} <{one.email_address}>") for one in message.recipients)
    sent = message.sent_date
    noted = {
        "From": one_line(message.sender or ""),
        "To": to,
        "Date": sent.isoformat(" ", "minutes") if sent else "",
        "Subject": one_line(message.subject or ""),
    }
    return {name: found[name] or noted.get(name, "") for name in HEADERS}
