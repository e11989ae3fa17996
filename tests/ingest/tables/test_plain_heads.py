"""Tables whose columns are named in plain cells: which rows those are, and what a banner covers."""

from pathlib import Path

from core.tables import Table
from ingest.read import read_file


def table(folder: Path, *rows: tuple[str, ...]) -> Table:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    path = folder / "a.html"
    path.write_text(f"<title>a</title><p>What we sold in the years before.</p><table>{cells}</table>")
    (found,) = read_file(path, "a.html").tables
    return found


def test_a_banner_of_a_period_holds_for_all_columns_wherever_its_cell_stands(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        ("", "", "Year ended March 31,"),
        ("", "2019", "2018"),
        ("", "", "(in thousands)"),
        ("Boats", "$1,200", "$900"),
        ("Oars", "30", "—"),
    )
    assert [column.path[:2] for column in found.columns] == [
        ("Year ended March 31,", "2019"),
        ("Year ended March 31,", "2018"),
    ]
    assert [cell.scale for cell in found.cells] == [1000, 1000, 1000, 1]


def test_a_banner_over_pairs_of_columns_holds_up_to_the_next_one(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        ("", "2019", "", "2018", ""),
        ("", "Amount", "Share", "Amount", "Share"),
        ("Boats", "1,200", "80%", "900", "75%"),
        ("Oars", "300", "20%", "300", "25%"),
    )
    assert [column.path for column in found.columns] == [
        ("2019", "Amount"),
        ("2019", "Share"),
        ("2018", "Amount"),
        ("2018", "Share"),
    ]


def test_a_row_with_a_label_alone_is_the_heading_of_those_below_it(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        ("", "2019", "2018"),
        ("Assets:", "", ""),
        ("Boats", "5", "4"),
        ("Debts:", "", ""),
        ("Boats", "2", "1"),
    )
    assert [row.path for row in found.rows] == [("Assets", "Boats"), ("Debts", "Boats")]
