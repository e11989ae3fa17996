"""What the database of tables may do: answer a SELECT over what was put in, and nothing else."""

import time
from pathlib import Path

import pytest

from app.table_query.database import QueryError, TableDatabase
from app.table_query.relation import Relation, relations_of
from ingest.read import read_file


def relation_of(tmp_path: Path, text: str, name: str = "table.csv") -> Relation:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    document = read_file(file)
    (found,) = relations_of(document.id, document.tables, document.text)
    return found


ORDERS = "Order,Customer,Amount\nA-1,Miller,10.50\nA-2,Smith,n/a\nA-3,Miller,4.50\n"


def test_a_select_gives_rows_with_nulls_for_values_that_are_not_there(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, ORDERS)
    with TableDatabase([relation]) as database:
        assert database.run("SELECT sum(amount), count(*) FROM t1 WHERE amount IS NOT NULL").rows == ((15.0, 2),)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM range(10000000000)",
        "COPY t1 TO '{file}'",
        "ATTACH '{file}' AS other",
        "CREATE TABLE t2 AS SELECT 1",
        "DELETE FROM t1",
        "DROP TABLE t1",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "PRAGMA database_list",
        "SELECT 1; DROP TABLE t1",
        "SELECT * FROM sqlite_scan('{file}', 'x')",
        "",
    ],
)
def test_nothing_but_one_select_over_the_tables_runs(tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with TableDatabase([relation_of(tmp_path, ORDERS)]) as database:
        with pytest.raises(QueryError):
            database.run(sql.format(file=file))
        assert database.run("SELECT count(*) FROM t1").rows == ((3,),)
    assert file.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_a_query_that_takes_too_long_ends(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number % 7}\n" for number in range(2000))
    with TableDatabase([relation_of(tmp_path, "a,b\n" + rows)]) as database:
        began = time.monotonic()
        with pytest.raises(QueryError):
            database.run("SELECT count(*) FROM t1 x, t1 y, t1 z, t1 w WHERE x.a + y.a * z.b = w.a", seconds=0.3)
        assert time.monotonic() - began < 20


def test_a_division_by_zero_is_no_number(tmp_path: Path) -> None:
    with TableDatabase([relation_of(tmp_path, ORDERS)]) as database:
        assert database.run("SELECT 1 // 0 FROM t1 LIMIT 1").rows == ((None,),)


def test_names_of_columns_are_safe_and_keep_their_headers(tmp_path: Path) -> None:
    relation = relation_of(tmp_path, 'Name,"select; drop table t1 --",from,from\nx,1,2,3\ny,4,5,6\n')
    assert [field.name for field in relation.fields] == ["name", "select_drop_table_t1", "from", "from_2"]
    assert relation.fields[1].header == "select; drop table t1 --"
    with TableDatabase([relation]) as database:
        assert database.run('SELECT sum("select_drop_table_t1") FROM t1').rows == ((5.0,),)
