"""Questions over whole tables, answered without a model."""

from pathlib import Path

import pytest

from app.table_query.linking import LinkIndex
from app.table_query.plain import plan
from app.table_query.relation import Relation
from app.table_query.run import TableAnswer, run_planned
from app.table_query.wording import read_wording
from tests.app.table_query.test_database import relation_of

BOATS = """Boat,Owner,Country,Length,Launched,Crew
Heron,Anna Berg,Norway,12.5,1998,4
Swift,Jo Kerr,Scotland,9.0,2004,3
Gannet,Olaf Lund,Norway,15.2,2011,6
Plover,Mia Roos,Denmark,n/a,2004,2
Total,,,36.7,,15
"""


@pytest.fixture
def boats(tmp_path: Path) -> Relation:
    return relation_of(tmp_path, BOATS)


def asked(question: str, relation: Relation, language: str = "en") -> TableAnswer | None:
    planned = plan(read_wording(question, language), LinkIndex(relation))
    return run_planned(planned) if planned else None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many boats are from Norway?", "2"),
        ("What is the total crew of the boats from Norway?", "10"),
        ("What is the average length?", "12.2333"),
        ("Which boat has the greatest length?", "Gannet: 15.2"),
        ("Which boat has the smallest crew?", "Plover: 2"),
        ("What is the last boat in the list?", "Plover"),
        ("Which boat comes after Swift?", "Gannet"),
        ("Who owns the Heron? Name the owner.", "Anna Berg"),
        ("How many boats were launched after 2000?", "3"),
        ("How many different countries are there?", "3"),
        ("What is the crew of the Gannet?", "6"),
        ("Which is the owner of the boat Ganet?", "Olaf Lund"),
    ],
)
def test_questions(boats: Relation, question: str, answer: str) -> None:
    found = asked(question, boats)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    ("question", "language", "answer"),
    [
        ("Wie viele Boote kommen aus Norway?", "de", "2"),
        ("Combien de bateaux viennent de Norway ?", "fr", "2"),
        ("¿Cuántos barcos son de Norway?", "es", "2"),
    ],
)
def test_counts_in_other_languages(boats: Relation, question: str, language: str, answer: str) -> None:
    found = asked(question, boats, language)
    assert found is not None
    assert found.text == answer


def test_it_is_said_what_was_left_out(boats: Relation) -> None:
    found = asked("What is the average length?", boats)
    assert found is not None
    assert "4 of 4 rows" in found.told
    assert "1 row without a value was left out" in found.told
    assert "1 row that sums up others was not counted" in found.told


def test_what_a_row_is_called_is_nothing_to_count_in_a_short_table_either(tmp_path: Path) -> None:
    shed = relation_of(
        tmp_path, "Item,Count,Shelf\nHawsers,12,upper left\nFenders,31,lower right\nBuoys,7,lower left\n"
    )
    answer = asked("How many fenders are in the shed?", shed)
    assert answer is None or "31" in answer.text
    counted = asked("How many items are on the shelf lower right?", shed)
    assert counted is not None
    assert counted.text.startswith("1")


def test_it_is_said_by_which_column_rows_were_counted(boats: Relation) -> None:
    found = asked("Which country is the most common?", boats)
    assert found is not None
    assert found.text == "Norway: 2"
    assert found.told == "Computed: rows counted by Country; 4 of 4 rows. 1 row that sums up others was not counted."


def test_the_rows_of_a_sum_are_known(boats: Relation) -> None:
    found = asked("What is the total crew of the boats from Norway?", boats)
    assert found is not None
    assert found.rows == (0, 2)


def test_a_question_of_which_little_is_in_the_table_is_told_by_its_share(boats: Relation) -> None:
    planned = plan(read_wording("How many penguins in Norway prefer herring sandwiches?", "en"), LinkIndex(boats))
    assert planned is not None
    assert planned.covered < 0.5


def test_two_hundred_thousand_rows_are_answered(tmp_path: Path) -> None:
    from app.table_query.relation import Field
    from core.tables import Row, Table

    count = 200_000
    towns = tuple(f"Town {number % 50}" for number in range(count))
    numbers = tuple(float(number) for number in range(count))
    fields = (
        Field("town", "Town", "text", 0, towns, towns, (None,) * count),
        Field("price", "Price", "number", 1, tuple(map(str, numbers)), numbers, numbers),
    )
    table = Table("", "", 1, 0, 0, tuple(Row((), 0, 0) for _ in range(count)), (), ())
    relation = Relation("d", table, fields, tuple(range(count)), frozenset())
    found = asked("What is the total price in Town 7?", relation)
    assert found is not None
    assert found.text == f"{sum(range(7, count, 50)):,}"


@pytest.mark.parametrize(
    "question", ["What is the total of all?", "How many boats per crew over 0?", "?!", "-- '; DROP"]
)
def test_odd_questions_raise_nothing(boats: Relation, question: str) -> None:
    asked(question, boats)
