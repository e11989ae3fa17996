"""E-mail (EML, MHTML) by Python's own email package: headers, body, forwarded mails, and what is attached."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.readers._mail import header, write_mail


def read(path: Path, builder: DocumentBuilder) -> None:
    """The plain version of the body where there is one that says something, else the HTML one."""
    builder.media_type = "message/rfc822"
    data = path.read_bytes()
    if b"\0" in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        data = decode(data, builder.name).encode()
    message = email.message_from_bytes(data.lstrip(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    builder.title = header(message, "Subject")
    builder.metadata.update(author=header(message, "From"), created=header(message, "Date"))
    write_mail(builder, message)
