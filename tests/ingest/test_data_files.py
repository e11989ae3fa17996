"""JSON, XML, notebooks, subtitles, calendars, cards and archives are read as what they show, not as their source."""

import json
import zipfile
from pathlib import Path

import pytest

from core.errors import DamagedFile, EncryptedFile
from ingest.locate import locate
from ingest.read import read_file
from tests.ingest.files import FERRY, write_markdown, write_pdf


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_escapes_of_json_are_the_letters_that_they_stand_for(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.json", json.dumps([{"name": "Fähre nach Ærø", "note": "ab 8 Uhr\nbis 20 Uhr \U0001f6a2"}])
    )
    text = read_file(path).text
    assert "name: Fähre nach Ærø" in text
    assert "ab 8 Uhr\nbis 20 Uhr 🚢" in text
    assert "\\u" not in text


def test_figures_of_json_stay_as_they_are_written(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '{"price": 12.50, "id": 12345678901234567890, "open": true, "left": null}')
    assert read_file(path).text == "price: 12.50\nid: 12345678901234567890\nopen: yes"


def test_values_within_values_keep_their_names(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '{"ferry": {"home": {"port": "Bo"}, "days": ["Mon", "Fri"]}}')
    assert read_file(path).text == "ferry › home › port: Bo\nferry › days: Mon, Fri"


def test_what_only_looks_like_json_is_read_as_text(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '{"port": "Bo", // home\n "depth": 4}')
    assert "// home" in read_file(path).text


def test_entities_and_tags_of_xml_are_not_shown(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    source = f'{head}<soups><soup name="Erbs&#228;"><step>Boil &amp; stir.</step></soup></soups>'
    text = read_file(written(tmp_path / "a.xml", source, "latin-1")).text
    assert text == "soup name: Erbsä\nstep: Boil & stir."


def test_prose_in_xml_stays_whole(tmp_path: Path) -> None:
    source = "<?xml version='1.0'?><book><p>See the <b>red</b> book first.</p><p>Then the <i>blue</i> one.</p></book>"
    assert read_file(written(tmp_path / "a.xml", source)).text == "See the red book first.\n\nThen the blue one."


def test_pictures_in_a_notebook_are_no_text(tmp_path: Path) -> None:
    outputs = [{"data": {"image/png": "iVBOR" * 99, "text/plain": "<Figure>"}}, {"ename": "KeyError", "evalue": "'a'"}]
    cells = [{"cell_type": "code", "source": "plot()", "outputs": outputs}]
    document = read_file(written(tmp_path / "a.ipynb", json.dumps({"cells": cells, "nbformat": 4})))
    assert document.text == "plot()\n\nKeyError: 'a'"
    assert document.warnings == ("Pictures that its code drew were not read: 1.",)


def test_subtitles_say_who_speaks_and_when(tmp_path: Path) -> None:
    source = "WEBVTT\n\n00:59.000 --> 01:00.000\n<v Ada>Cast off at ten.\n\n02:03.000 --> 02:04.000\n<v Bo>Aye.\n"
    document = read_file(written(tmp_path / "a.vtt", source))
    assert document.text == "Ada: Cast off at ten.\n\nBo: Aye."
    assert locate(document.pages, document.text, document.text.index("Aye")).label == "0:02:03"


def test_an_event_is_read_with_its_times_and_people(tmp_path: Path) -> None:
    source = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Annual sweep\\, chimney 2\nDTSTART:20260602T070000Z\n"
        'ATTENDEE;CN="Moe, Kari":mailto:kari@example.org\nBEGIN:VALARM\nDESCRIPTION:Reminder\nEND:VALARM\n'
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    text = read_file(written(tmp_path / "a.ics", source)).text
    assert text.split("\n") == [
        "Summary: Annual sweep, chimney 2",
        "Start: 2026-06-02 07:00 UTC",
        "Attendee: Moe, Kari (kari@example.org)",
    ]


def test_a_calendar_says_its_name_and_events_without_an_end_are_read(tmp_path: Path) -> None:
    source = (
        "BEGIN:VCALENDAR\nX-WR-CALNAME:Chimneys\nNAME:Chimneys\nX-WR-TIMEZONE:Europe/Oslo\n"
        "BEGIN:VEVENT\nSUMMARY:Sweep\nLOCATION:North\nBEGIN:VEVENT\nSUMMARY:Tar\nEND:VEVENT\n"
        "BEGIN:VEVENT\nSUMMARY:Soot\nBEGIN:VALARM\nDESCRIPTION:Reminder\nEND:VALARM\nEND:VCALENDAR\n"
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Cut off"
    )
    document = read_file(written(tmp_path / "a.ics", source))
    assert document.text.split("\n\n") == [
        "Calendar: Chimneys",
        "Summary: Tar",
        "Summary: Sweep\nLocation: North",
        "Summary: Soot",
        "Summary: Cut off",
    ]
    assert [heading.text for heading in document.headings] == ["Chimneys", "Tar", "Sweep", "Soot", "Cut off"]


def test_an_older_card_in_quoted_printable(tmp_path: Path) -> None:
    name = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B8rn =\nDahl"
    source = f"BEGIN:VCARD\nVERSION:2.1\n{name}\nTEL;CELL:22 33\nEND:VCARD\n"
    assert "Name: Jørn Dahl" in read_file(written(tmp_path / "a.vcf", source)).text


def test_files_in_an_archive_keep_their_paths_and_pages(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "lamp.pdf", ["First.", "The lamp needs 400 watts."]).read_bytes()
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as inner:
        inner.writestr("tower/lamp.pdf", pdf)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as outer:
        outer.write(tmp_path / "inner.zip", "2026/inner.zip")
        outer.writestr("__MACOSX/._junk", b"junk")
        outer.writestr("noise.bin", bytes(range(256)) * 9)
    document = read_file(tmp_path / "all.zip")
    place = locate(document.pages, document.text, document.text.index("400 watts")).label
    assert place == "2026/inner.zip › tower/lamp.pdf, p. 2"
    assert "junk" not in document.text
    assert any("noise.bin" in warning for warning in document.warnings)


def test_archives_within_archives_end_somewhere(tmp_path: Path) -> None:
    data = write_markdown(tmp_path / "a.md").read_bytes()
    for _ in range(6):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.zip" if data[:2] == b"PK" else "a.md", data)
        data = (tmp_path / "a.zip").read_bytes()
    document = read_file(tmp_path / "a.zip")
    assert "ferry" not in document.text
    assert any("within 3 others" in warning for warning in document.warnings)


def test_a_member_that_unpacks_beyond_measure_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * 2**23)
    with pytest.raises(DamagedFile, match="times its size"):
        read_file(tmp_path / "bomb.zip")


def test_only_the_member_that_unpacks_beyond_measure_is_left_out_of_its_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"0" * 2**23)
        archive.writestr("ferry.txt", f"{FERRY}\n".encode())
    document = read_file(tmp_path / "two.zip")
    assert FERRY in document.text
    assert any(w.startswith("Not read: zeros.txt (unpacks to") for w in document.warnings), document.warnings


def test_an_archive_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"secret")
    data = bytearray(path.read_bytes())
    for sign in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(sign) + (6 if sign.endswith(b"\x04") else 8)
        data[at] |= 1
    path.write_bytes(data)
    with pytest.raises(EncryptedFile, match="password"):
        read_file(path)


def test_one_zero_byte_does_not_make_a_text_a_program(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"At 08:00\0 it was 14.2.\r\n")
    assert read_file(tmp_path / "a.txt").text.strip() == "At 08:00 it was 14.2."


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("html.xls", "<table><tr><th>Part</th><th>Bin</th></tr><tr><td>Nut 4</td><td>S-9</td></tr></table>"),
        ("tabs.xls", "Part\tBin\nNut 4\tS-9\n"),
        (
            "2003.xls",
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
            'xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
            'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
            '<Worksheet ss:Name="S"><Table><Row><Cell><Data ss:Type="String">Part</Data></Cell><Cell>'
            '<Data ss:Type="String">Bin</Data></Cell></Row><Row><Cell><Data ss:Type="String">Nut 4</Data></Cell>'
            '<Cell ss:Index="2"><Data ss:Type="String">S-9</Data></Cell></Row></Table></Worksheet></Workbook>',
        ),
    ],
)
def test_what_programs_export_as_xls_is_read_as_what_it_is(tmp_path: Path, name: str, source: str) -> None:
    text = read_file(written(tmp_path / name, source)).text
    assert "Part | Bin" in text
    assert "Nut 4 | S-9" in text
    assert "<" not in text


def test_words_between_elements_of_xml_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xml", '<p>See <ref to="4">the rules</ref> and ask at the quay.</p>')
    text = read_file(path).text
    assert "the rules" in text
    assert "and ask at the quay." in text


def test_one_damaged_member_of_an_archive_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cut.txt", "The tide table of the harbour. " * 40)
        archive.writestr("fares.txt", "A crossing costs 38 euros.")
    data = bytearray(path.read_bytes())
    at = data.index(b"cut.txt") + len("cut.txt")
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))
    document = read_file(path)
    assert "A crossing costs 38 euros." in document.text
    assert any("cut.txt" in warning and "damaged" in warning for warning in document.warnings)


def test_signs_beyond_the_first_plane_in_a_table_of_rtf(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1\ansi {\trowd Mood \u-10179?\u-8704?\cell good\cell\row}}")
    assert read_file(path).text == "Mood \U0001f600 | good"


def test_of_many_pictures_in_an_archive_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fares.txt", "A crossing costs 38 euros.")
        for number in range(30):
            archive.writestr(f"{number}.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    (warning,) = read_file(path).warnings
    assert warning.startswith("Not read: 0.png, 1.png, ")
    assert "7.png and 22 more (" in warning
