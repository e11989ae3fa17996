"""Queries that a model writes: held to the table's columns and values, voted on, tried again with their error."""

from pathlib import Path

import pytest

from app.table_query.grammar import grammar_of
from app.table_query.linking import LinkIndex
from app.table_query.relation import Relation
from app.table_query.wording import read_wording
from app.table_query.written import write_query
from tests.app.conftest import ScriptedEngine
from tests.app.table_query.test_database import relation_of
from tests.app.table_query.test_plain import BOATS


@pytest.fixture
def boats(tmp_path: Path) -> Relation:
    return relation_of(tmp_path, BOATS)


QUESTION = read_wording("How many boats are from Norway?", "en")


def test_two_samples_that_agree_decide(boats: Relation) -> None:
    right = "SELECT count(*) FROM t1 WHERE \"country\" = 'Norway'"
    engine = ScriptedEngine("SELECT count(*) FROM t1", right, right)
    written = write_query(QUESTION, LinkIndex(boats), engine)
    assert written is not None
    assert (written.sql, written.result.rows, written.rows, written.votes) == (right, ((2,),), (0, 2), 2)


def test_three_that_differ_decide_nothing(boats: Relation) -> None:
    engine = ScriptedEngine(*(f'SELECT count(*) FROM t1 WHERE "crew" > {number}' for number in (1, 2, 3)))
    assert write_query(QUESTION, LinkIndex(boats), engine) is None


def test_a_query_that_fails_is_tried_again_with_its_error(boats: Relation) -> None:
    engine = ScriptedEngine('SELECT "boat", count(*) FROM t1', "SELECT count(*) FROM t1", "SELECT count(*) FROM t1")
    written = write_query(QUESTION, LinkIndex(boats), engine)
    assert written is not None
    assert "failed" in engine.prompts[1][-1].content
    assert written.result.rows == ((4,),)


def test_the_grammar_holds_a_query_to_columns_and_values(boats: Relation) -> None:
    from llama_cpp import LlamaGrammar

    text = grammar_of(boats, {"country": ("Norway", 'a "quoted" o\'clock')})
    LlamaGrammar.from_string(text, verbose=False)
    assert '"\\"country\\"" (" = " | " <> ") ("\'Norway\'"' in text
    assert "read_csv" not in text
