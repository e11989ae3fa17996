"""Text of any encoding arrives clean: the same words, whatever bytes they were stored in."""

from pathlib import Path

import pytest

from core.errors import UnsupportedFile
from ingest.clean import clean, flow, one_line
from ingest.document_builder import says_something
from ingest.encoding import decode
from ingest.read import read_file

GERMAN = "Größe und Länge der Fähre müssen geprüft werden, bevor sie übersetzt. Die Gebühr beträgt 38 €. " * 3
RUSSIAN = "Паром отправляется два раза в день, утром и вечером, и идёт пятьдесят минут. " * 3
JAPANESE = "フェリーは一日に二回、朝と夕方に出発し、所要時間は五十分です。\n" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "utf-32-le"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16-le"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "utf-16-be"),
    ],
)
def test_the_same_words_in_any_encoding(text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_bytes(text.encode(encoding))
    assert read_file(path).text.strip() == text.strip()


def test_a_cut_character_at_the_end_of_a_sample_is_no_other_encoding() -> None:
    assert decode("Fähre é".encode()[:-1], "x", whole=False) == "Fähre "


@pytest.mark.parametrize("data", [b"\x89\x00\x01\x02" * 100, b"text\x00\x01\x02\x03" * 50, bytes(range(1, 32)) * 9])
def test_binary_is_no_text(data: bytes) -> None:
    with pytest.raises(UnsupportedFile, match="is not text"):
        decode(data, "data.txt")


def test_clean_text_keeps_lines_and_loses_what_cannot_be_seen() -> None:
    assert clean("ﬁnal oﬀer\r\nsoft\u00adhyphen\u200b zero\rodd\u00a0space\u202e \x07bell") == (
        "final offer\nsofthyphen zero\nodd space bell"
    )
    assert clean("e\u0301") == "é"
    assert clean("नमस्\u200dते 👩\u200d🔬") == "नमस्\u200dते 👩\u200d🔬"
    assert clean("half \ud83d pair").encode("utf-8")


def test_flow_and_one_line() -> None:
    assert flow("  a   b \n\n\n\n c\t d ") == "a b\n\nc d"
    assert one_line(" a\n b ", 0) == "a b"
    assert one_line("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    ("title", "sensible"),
    [
        ("Annual report 2025", True),
        ("年报", True),
        ("Microsoft Word - report.doc", False),
        ("untitled", False),
        ("0000320193-22-000070", False),
        ("report_final.pdf", False),
        ("PowerPoint Presentation", False),
        ("", False),
    ],
)
def test_titles_that_programs_write_are_no_titles(title: str, sensible: bool) -> None:
    assert says_something(title) is sensible


def test_line_ends_do_not_change_line_numbers(tmp_path: Path) -> None:
    from ingest.locate import locate

    for number, end in enumerate(("\n", "\r\n", "\r")):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(end.join(["one", "", "three"]).encode())
        document = read_file(path)
        assert locate(document.pages, document.text, document.text.index("three")).label == "line 3"
