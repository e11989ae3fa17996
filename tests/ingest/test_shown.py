"""HTML and Markdown are read as they are shown: raised figures, formulas, forms, lists, links, comments."""

from pathlib import Path

import pytest

from core.types import Document
from ingest.read import read_file


def page(path: Path, body: str) -> Document:
    (path / "a.html").write_text(f"<html><body><p>Some words first.</p>{body}</body></html>", encoding="utf-8")
    return read_file(path / "a.html")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>It held 3 × 10<sup>9</sup> grains</p>", "3 × 10⁹ grains"),
        ("<p>Costs of 72<sup>4</sup> million</p>", "72⁴ million"),
        ("<p>The 4<sup>th</sup> day</p>", "The 4th day"),
        ("<p>Set <math><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>+</mo><mn>9</mn></math> now</p>", "Set a/2+9 now"),
        ("<p><ruby>大阪<rp>(</rp><rt>おおさか</rt><rp>)</rp></ruby>の駅</p>", "大阪（おおさか）の駅"),
        ('<ol start="4"><li>Call</li><li>Leave</li></ol>', "4. Call\n5. Leave"),
        ('<p>Name <input value="Kari"> <input type=checkbox checked> Garage</p>', "Name Kari ☒ Garage"),
        ("<p>Heat <select><option>gas<option selected>wood</select></p>", "Heat wood"),
        ('<p>Take <a href="https://example.org/f">this form</a>.</p>', "this form (https://example.org/f)."),
        ('<p>See more at <a href="https://www.example.org/">www.example.org</a> now.</p>', "www.example.org now."),
        (
            "<table><tr><th>Ship<th>Seats</tr><tr><td rowspan=2>Ada<td>40</tr><tr><td>50</tr></table>",
            "Ada | 40\nAda | 50",
        ),
    ],
)
def test_html_is_read_as_a_browser_shows_it(tmp_path: Path, body: str, shown: str) -> None:
    assert shown in page(tmp_path, body).text


@pytest.mark.parametrize("how", ["<del>{}</del>", "<s>{}</s>", '<span style="text-decoration: line-through">{}</span>'])
def test_what_a_page_strikes_out_is_told(tmp_path: Path, how: str) -> None:
    document = page(tmp_path, f"<p>The fee is {how.format('300')} 350.</p>")
    assert "The fee is 350." in " ".join(document.text.split())
    assert "Struck-out text was left out: “300”." in document.warnings


def test_a_linked_table_in_a_page_with_menus_is_kept_under_its_names(tmp_path: Path) -> None:
    menu = "".join(f"<li><a href='/{n}'>Chapter number {n} of the manual</a></li>" for n in range(30))
    prose = "<p>" + "We tried the lamps for a whole winter and noted how long each one burnt. " * 4 + "</p>"
    row = "<tr><td><a href='/{0}'>{0}</a></td><td>{1}</td></tr>"
    rows = row.format("Orla", 9) + row.format("Finn", 13)
    table = f"<figure><table><tr><th>Lamp</th><th>Hours of light</th></tr>{rows}</table></figure>"
    document = page(tmp_path, f"<nav><ul>{menu}</ul></nav><main><h1>Lamps</h1>{prose}{table}{prose}</main>")
    assert "Lamp | Hours of light\nOrla | 9\nFinn | 13" in document.text
    assert "Chapter number" not in document.text
    assert [column.path for column in document.tables[0].columns] == [("Hours of light",)]


def test_private_comments_of_markdown_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Bees\n\nFeed on 2 May. %% not the neighbour's %%\n<!-- editor:\ncheck -->\n\n"
        "`<!-- code -->` and ~~300~~ 350 g.\n"
    )
    document = read_file(tmp_path / "a.md")
    assert "neighbour" not in document.text
    assert "editor" not in document.text
    assert "`<!-- code -->`" in document.text
    assert "300" not in document.text
    assert "Struck-out text was left out: “300”." in document.warnings
