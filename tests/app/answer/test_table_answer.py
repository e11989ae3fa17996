"""Questions over whole tables through the pipeline: the answer, its rows as citations, and what is no such question."""

from types import SimpleNamespace

import pytest

from app.answer.as_json import to_json
from core.types import Locator, Passage
from index.search.filters import Filter
from index.search.retriever import Retrieval
from ingest.read import read_file
from tests.app.answer.test_pipeline import last
from tests.app.conftest import OneDocument, asking

BOATS = """Boat,Owner,Country,Length,Crew
Heron,Anna Berg,Norway,12.5,4
Swift,Jo Kerr,Scotland,9.0,3
Gannet,Olaf Lund,Norway,15.2,6
"""


@pytest.fixture
def ask(tmp_path, embedder):
    file = tmp_path / "boats.csv"
    file.write_text(BOATS, encoding="utf-8")
    read = read_file(file)

    class Boats(OneDocument):
        def document(self, document_id):
            return read

        def with_tables(self, most):
            return [read.id]

        def facets_of(self, document_ids):
            return {}

        def all_facets(self):
            return {}

        def counts(self):
            return SimpleNamespace(documents=1)

    class Found:
        def search(self, question, k=None, within=None, **_):
            place = Locator(None, "row 1")
            text = read.text
            return Retrieval((Passage(read.id, read.name, "", 0, len(text), text, place, (), 0.8, 0.7, 3.0),), 1.0)

    return asking(Boats(), Found(), embedder, tmp_path)


def test_a_count_is_answered_and_its_rows_are_cited(ask):
    given = last(ask("How many boats are from Norway?", None))
    assert (given.found, given.text) == (True, "2")
    assert [quote.quote.split(" | ")[0] for quote in given.citations] == ["Heron", "Gannet"]
    assert "2 of 3 rows" in given.notes[0]


def test_the_query_and_the_rows_are_in_json(ask):
    table = to_json(last(ask("How many boats are from Norway?", None)))["table"]
    assert table["sql"] == "SELECT count(*) FROM t1 WHERE \"country\" IN ('Norway')"
    assert table["columns"] == ["Boat", "Owner", "Country", "Length", "Crew"]
    assert [row[0] for row in table["rows"]] == ["Heron", "Gannet"]
    assert (table["used"], table["count"], table["file"]) == (2, 3, "boats.csv")


def test_a_ranking_cites_the_row_that_is_first(ask):
    given = last(ask("Which boat has the greatest length?", None))
    assert given.text == "Gannet: 15.2"
    assert [quote.quote for quote in given.citations] == ["Gannet | Olaf Lund | Norway | 15.2 | 6"]


def test_a_question_that_the_table_does_not_account_for_is_no_query(ask):
    given = last(ask("How many penguins eat herring sandwiches on Sunday evenings?", None))
    assert given.table is None


def test_a_model_that_reads_writes_the_query_where_words_do_not_tell_it(ask, scripted):
    sql = 'SELECT "owner" FROM t1 WHERE "crew" < 4'
    engine = scripted(sql, sql, size=8000)
    within = Filter(documents=("boats",))
    given = last(ask("Whose vessel needs fewest hands aboard while sailing abroad?", engine, within=within))
    assert given.text == "Jo Kerr"
    assert given.table.sql == sql
    assert [quote.quote.split(" | ")[0] for quote in given.citations] == ["Swift"]
