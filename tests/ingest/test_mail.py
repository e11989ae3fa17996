"""Mail as a mail program shows it: charsets, forwarded mails, what stands inside and what is attached."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.errors import DamagedFile
from core.types import Document
from ingest.locate import locate
from ingest.read import read_file
from tests.ingest.files import make, write_pdf
from tests.ingest.outlook import (
    BODY,
    EMAIL,
    FILE_DATA,
    FILE_NAME,
    HEADERS,
    HTML,
    NAME,
    SENDER_EMAIL,
    SENDER_NAME,
    SENT,
    SUBJECT,
    write_msg,
)


@pytest.fixture
def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "lind@example.org", "all@example.org", "Readings"
    mail.set_content("Here they are.")
    return mail


def read(path: Path, message: EmailMessage) -> Document:
    path.write_bytes(bytes(message))
    return read_file(path)


@pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii", "windows-1252"])
def test_letters_of_windows_in_mail_that_says_otherwise(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "rent.eml"
    head = f"From: a@example.org\nSubject: Rent\nContent-Type: text/plain; charset={charset}\n\n"
    path.write_bytes(head.encode() + "The rent – “all in” – is 640 €.".encode("cp1252"))
    assert "The rent – “all in” – is 640 €." in read_file(path).text


def test_utf_8_in_mail_that_says_latin(tmp_path: Path) -> None:
    path = tmp_path / "rent.eml"
    head = b"From: a@example.org\nSubject: Rent\nContent-Type: text/plain; charset=iso-8859-1\n\n"
    path.write_bytes(head + "Die Gebühr für März.".encode())
    assert "Die Gebühr für März." in read_file(path).text


def test_a_text_that_stands_in_the_mail_is_read_where_it_stands(tmp_path: Path, message: EmailMessage) -> None:
    message.add_attachment("Basin 4: pH 6.1", disposition="inline", filename="readings.txt")
    message.add_attachment("Yours, the tower.", disposition="inline")
    document = read(tmp_path / "mail.eml", message)
    at = [document.text.index(words) for words in ("Here they are.", "Basin 4: pH 6.1", "Yours, the tower.")]
    assert at == sorted(at)
    assert document.warnings == ()


def test_attachments_are_read_each_with_a_place_of_its_own(tmp_path: Path, message: EmailMessage) -> None:
    for extension in (".pdf", ".xlsx", ".docx", ".txt"):
        data = make[extension](tmp_path / f"sample{extension}").read_bytes()
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"fares{extension}")
    document = read(tmp_path / "mail.eml", message)
    found = re.finditer("to Skerry Point", document.text)
    places = [locate(document.pages, document.text, match.start()).label for match in found]
    assert places == ["fares.pdf, p. 2", "fares.xlsx › Fares, row 2", "fares.docx › Costs › Travel", "fares.txt"]
    assert document.warnings == ()


def test_an_attachment_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, message: EmailMessage) -> None:
    message.add_attachment(b"\x89PNG\r\n\x1a\n" + b"\0" * 40, maintype="image", subtype="png", filename="map.png")
    message.add_attachment(b"%PDF-1.7 cut", maintype="application", subtype="pdf", filename="cut.pdf")
    warnings = read(tmp_path / "mail.eml", message).warnings
    assert any("map.png" in one and "image" in one for one in warnings)
    assert any("cut.pdf" in one and "damaged" in one for one in warnings)


def test_a_mail_that_is_forwarded_as_an_attachment_is_read(tmp_path: Path, message: EmailMessage) -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "tower@example.org", "Lamp"
    inner.set_content("The lamp needs 400 watts.")
    message.add_attachment(inner)
    document = read(tmp_path / "mail.eml", message)
    assert "From: tower@example.org" in document.text
    place = locate(document.pages, document.text, document.text.index("The lamp needs")).label
    assert place == "forwarded mail “Lamp” › message"


def test_every_mail_of_a_mailbox_is_read_as_it_is_shown(tmp_path: Path) -> None:
    mails = []
    for number, (subject, text) in enumerate((("Nøkkel", "Under the pot."), ("Sett", "Ring på – to ganger."))):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = f"p{number}@example.org", subject
        mail.set_content(text, cte="base64")
        mails.append(b"From x@example.org Mon Jun  1 09:00:00 2026\n" + bytes(mail) + b"\n")
    (tmp_path / "all.mbox").write_bytes(b"".join(mails))
    document = read_file(tmp_path / "all.mbox")
    assert "Subject: Nøkkel" in document.text
    place = locate(document.pages, document.text, document.text.index("Ring på – to ganger.")).label
    assert place == "message 2 › message"
    assert "=?utf-8" not in document.text


def test_blank_pages_of_an_attachment_move_nothing_that_follows(tmp_path: Path, message: EmailMessage) -> None:
    pages = ["Preface.", "", "The lamp needs 400 watts."]
    pdf = write_pdf(tmp_path / "lamp.pdf", pages, outline=[(0, "Lamp", 3)])
    for name in ("lamp.pdf", "again.pdf"):
        message.add_attachment(pdf.read_bytes(), maintype="application", subtype="pdf", filename=name)
    document = read(tmp_path / "mail.eml", message)
    lamps = [match.start() for match in re.finditer("lamp needs", document.text)]
    assert [locate(document.pages, document.text, at).label for at in lamps] == ["lamp.pdf, p. 3", "again.pdf, p. 3"]
    assert [heading.start for heading in document.headings if heading.text == "Lamp"] == lamps
    assert [page.label for page in document.pages if page.note] == ["lamp.pdf, p. 2", "again.pdf, p. 2"]


def test_a_mail_of_outlook_is_read_with_who_it_is_from_and_what_is_attached(tmp_path: Path) -> None:
    sent = (datetime(2026, 5, 13, 8, 20, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    mail = {SUBJECT: "Nøkkel", SENDER_NAME: "A. Lind", SENDER_EMAIL: "lind@example.org", SENT: 10 * sent}
    to = {NAME: "Tower", EMAIL: "tower@example.org"}
    attached = {FILE_NAME: "lamp.txt", FILE_DATA: b"The lamp needs 400 watts."}
    path = write_msg(tmp_path / "key.msg", {**mail, BODY: "The key is under the pot."}, [to], [attached])
    document = read_file(path)
    shown = (
        'From: "A. Lind" <lind@example.org>',
        "To: Tower <tower@example.org>",
        "Date: 2026-05-13 08:20",
        "Subject: Nøkkel",
        "The key is under the pot.",
        "Attachment: lamp.txt",
        "The lamp needs 400 watts.",
    )
    assert [words for words in shown if words not in document.text] == []
    assert document.title == "Nøkkel"
    places = [locate(document.pages, document.text, document.text.index(words)).label for words in shown[4:]]
    assert places == ["message", "attachments", "lamp.txt"]


def test_a_mail_that_one_of_outlook_forwards_is_read_and_headers_in_any_case(tmp_path: Path) -> None:
    forwarded = {SUBJECT: "Lamp", SENDER_EMAIL: "moe@example.org", BODY: "The lamp needs 400 watts."}
    headers = "FROM: A. Lind <lind@example.org>\r\nCC: Tower <tower@example.org>\r\nSubject: Fwd\r\n\r\n"
    mail = {SUBJECT: "Fwd", HEADERS: headers, BODY: "See below."}
    document = read_file(write_msg(tmp_path / "fwd.msg", mail, [], [{FILE_DATA: forwarded}]))
    assert document.warnings == ()
    assert "Cc: Tower <tower@example.org>" in document.text
    assert "From: <moe@example.org>\nSubject: Lamp" in document.text
    at = document.text.index("The lamp needs")
    assert locate(document.pages, document.text, at).label == "forwarded mail “Lamp” › message"


def test_the_html_of_a_mail_of_outlook_is_read_where_it_has_no_other_text(tmp_path: Path) -> None:
    html = b"<p>The key is <b>under</b> the pot.</p>"
    assert "The key is under the pot." in read_file(write_msg(tmp_path / "key.msg", {SUBJECT: "Key", HTML: html})).text


def test_a_mail_of_outlook_without_its_properties_is_damaged(tmp_path: Path) -> None:
    path = write_msg(tmp_path / "key.msg", {SUBJECT: "Key", BODY: "Under the pot. " * 40})
    path.write_bytes(path.read_bytes().replace("__prop".encode("utf-16-le"), "__lost".encode("utf-16-le")))
    with pytest.raises(DamagedFile, match="is a damaged Outlook message"):
        read_file(path)
