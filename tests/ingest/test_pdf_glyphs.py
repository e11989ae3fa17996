"""PDFs whose fonts do not say which letters their shapes are: garbage is found out, and what reads well is kept."""

from pathlib import Path

import pytest

from ingest.read import read_file
from ingest.recognition.reading import GARBLED, Recognition

FEE = "The mooring fee is twelve euros a night for boats under ten metres."

_TYPE0 = (
    b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Own/Encoding/Identity-H/DescendantFonts[6 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Own/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
    b"/Supplement 0>>/FontDescriptor 7 0 R/DW 600>>",
)
_DESCRIPTOR = (
    b"<</Type/FontDescriptor/FontName/ABCDEF+Own/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200"
    b"/CapHeight 700/StemV 80>>"
)


def pdf(path: Path, shown: bytes, fonts: tuple[bytes, ...]) -> Path:
    """A page of twelve lines that show the same codes, in a font of a subset's own numbers."""
    drawn = b"\n".join(b"BT /F1 12 Tf 72 %d Td %s Tj ET" % (700 - 20 * line, shown) for line in range(12))
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        *fonts,
    )
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    path.write_bytes(data + end % (len(objects) + 1, rows, len(objects) + 1, len(data)))
    return path


def named_shapes(first: int) -> tuple[bytes, ...]:
    """A simple font that calls its shapes g33, g34, ..., which name no letters."""
    names = b" ".join(b"/g%d" % code for code in range(first, 127))
    font = b"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Own/FontDescriptor 6 0 R/FirstChar 32/LastChar 126/Widths[%s]"
    encoding = b"/Encoding<</Type/Encoding/Differences[%d %s]>>>>"
    return font % b" ".join([b"600"] * 95) + encoding % (first, names), _DESCRIPTOR


def shifted(text: str) -> bytes:
    """The text in other codes, as a subset numbers its shapes."""
    codes = ((33 + (ord(sign) * 7) % 90 if sign != " " else 32) for sign in text)
    return b"(%s)" % bytes(code if chr(code) not in "()\\" else 65 for code in codes)


def glyph_numbers(text: str) -> bytes:
    return b"<%s>" % "".join(f"{ord(sign) - 29:04x}" for sign in text).encode()


@pytest.mark.parametrize(
    ("shown", "fonts"),
    [(glyph_numbers(FEE), (*_TYPE0, _DESCRIPTOR)), (shifted(FEE), named_shapes(33))],
    ids=["glyph numbers", "shapes without names"],
)
def test_a_page_of_garbage_is_found_out_and_waits_for_recognition(
    tmp_path: Path, shown: bytes, fonts: tuple[bytes, ...]
) -> None:
    document = read_file(pdf(tmp_path / "fees.pdf", shown, fonts), recognition=Recognition)
    assert [page.note for page in document.pages] == [GARBLED]
    assert document.text.strip() == ""


def test_codes_that_are_their_letters_are_read(tmp_path: Path) -> None:
    """As of old TeX, whose fonts name no letters either."""
    document = read_file(pdf(tmp_path / "fees.pdf", b"(%s)" % FEE.encode(), named_shapes(33)))
    assert FEE in document.text
    assert document.pages[0].note == ""
