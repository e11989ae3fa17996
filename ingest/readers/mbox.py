"""Mailboxes (MBOX): every mail with its number, as one mail is read."""

import email
import mailbox
from email import policy
from email.message import EmailMessage
from pathlib import Path, PurePath
from typing import IO, Any

from ingest.document_builder import DocumentBuilder
from ingest.readers._mail import header, write_mail


def read(path: Path, builder: DocumentBuilder) -> None:
    """Mails are counted from 1 in the order of the file."""
    builder.media_type = "application/mbox"
    builder.title = PurePath(builder.name).stem
    box = mailbox.mbox(path, factory=_parsed, create=False)  # type: ignore[arg-type]  # as its documentation shows
    try:
        for number, message in enumerate(box, 1):
            assert isinstance(message, EmailMessage)
            write_mail(builder, message, f"message {number}")
            if number == 1:
                builder.metadata.update(author=header(message, "From"), created=header(message, "Date"))
    finally:
        box.close()


def _parsed(file: IO[Any]) -> Any:
    return email.message_from_binary_file(file, policy=policy.default)
