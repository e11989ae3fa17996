"""Rows that a question picks by days, numbers and likeness, and columns that it asks for without counting rows."""

import pytest

from app.table_query.linking import LinkIndex
from app.table_query.plain import plan
from app.table_query.relation import relations_of
from app.table_query.run import run_planned
from app.table_query.wording import read_wording
from ingest.read import read_file
from tests.app.table_query.test_database import relation_of

TRIPS = """Trip,Day,Skipper,Guests,Fare,Area,Medals
Seals,2023-05-02,Berg,4,120,62 (24),2
Puffins,2023-05-20,Kerr,9,310,240 (93),3
Wreck,2023-06-11,Berg,4,95,9 (3),2
Kelp,2024-06-01,Roos,7,210,71 (27),5
Lagoon,2024-10-09,Roos,2,80,50 (19),1
Night,2024-10-12,Lund,6,60,44 (17),4
"""


@pytest.fixture
def trips(tmp_path):
    return relation_of(tmp_path, TRIPS)


def asked(question, relation, language="en"):
    planned = plan(read_wording(question, language), LinkIndex(relation))
    answer = run_planned(planned) if planned else None
    return answer.text if answer else None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many trips were there in May 2023?", "2"),
        ("How many trips were there in October?", "2"),
        ("How many trips were there before 2024?", "3"),
        ("How many trips were there after June 2023?", "3"),
        ("How many trips were there between May 2023 and June 2023?", "3"),
        ("What is the total fare in June and October?", "445"),
        ("How many trips had 4 guests?", "2"),
        ("How many trips had seven guests?", "1"),
        ("How many guests were on Puffins?", "9"),
        ("Which trip had the most area?", "Puffins: 240 (93)"),
        ("Which trip had the largest number of guests?", "Puffins: 9"),
        ("Which trip has the same skipper as Kelp?", "Lagoon"),
        ("How many trips have the same skipper as Seals?", "1"),
        ("Which trip had more guests, Night or Lagoon?", "Night"),
        ("How many medals did Wreck get?", "2"),
        ("Which trip came after Wreck?", "Kelp"),
        ("How many trips were there in 2019?", None),
    ],
)
def test_questions(trips, question, answer):
    assert asked(question, trips) == answer


def test_months_are_known_in_german(trips):
    assert asked("Wie viele Trips gab es im Oktober?", trips, "de") == "2"


def test_a_thousand_with_its_sign_is_no_year(tmp_path):
    orders = relation_of(tmp_path, "Order,Day,Amount\nA1,2023-01-02,1500\nA2,2023-03-01,2600\nA3,2023-04-01,900\n")
    assert asked("How many orders have an amount above 2,000?", orders) == "1"


def test_the_name_of_the_file_counts_half_of_a_word_in_the_table(tmp_path):
    file = tmp_path / "harbour-fees.csv"
    file.write_text("Berth,Fee\nNorth,120\nSouth,95\n", encoding="utf-8")
    read = read_file(file)
    (relation,) = relations_of(read.id, read.tables, read.text, read.name)
    planned = plan(read_wording("What is the highest fee of the harbour?"), LinkIndex(relation))
    assert planned.covered == pytest.approx(2.5 / 3)
