"""Words are found in every script, codes whole and in parts, and no question is an error."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analyzer import analyze, index_text
from index.search.bm25 import search_chunks
from index.store.schema import migrate

TEXTS = {
    1: "Error KB-1047 is cleared under § 12.3 of the manual.",
    2: "The report on form 10-Q states net sales of $82,959 million.",
    3: "भारत की राजधानी नई दिल्ली है और हिन्दी यहाँ बोली जाती है।",
    4: "法国的首都是巴黎，人口二百万。",
    5: "東京タワーの高さは333メートルです。",
    6: "عاصمة فرنسا هي باريس، والكِتَابُ قديم.",
    7: "서울은 대한민국의 수도이다.",
    8: "กรุงเทพเป็นเมืองหลวงของประเทศไทย",
    9: "Das Café in der Straße öffnet um neun; Ёлка стоит.",
    10: "Seals were counted; the counting took two days.",
}


@pytest.fixture(scope="module")
def db():
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    for key, text in TEXTS.items():
        db.execute("INSERT INTO words (rowid, file, body) VALUES (?, '', ?)", (key, index_text(text, "")))
    for key in range(100, 140):  # enough other rows for words to be rare
        db.execute("INSERT INTO words (rowid, file, body) VALUES (?, '', 'filler text of no interest')", (key,))
    yield db
    db.close()


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("KB-1047", 1),
        ("what is KB1047?", 1),
        ("kb 1047", 1),
        ("§ 12.3", 1),
        ("10-Q", 2),
        ("sales of 82959", 2),
        ("82,959", 2),
        ("राजधानी क्या है", 3),
        ("हिन्दी", 3),
        ("首都", 4),
        ("巴黎的人口", 4),
        ("東京タワー", 5),
        ("３３３", 5),
        ("ما هي عاصمه فرنسا", 6),
        ("الكتاب", 6),
        ("수도는 어디", 7),
        ("เมืองหลวง", 8),
        ("cafe strasse", 9),
        ("елка", 9),
        ("who counts seal's", 10),
        ('"AND" OR NEAR( seals* -x:y ^', 10),
    ],
)
def test_the_right_text_is_found_first(db: sqlite3.Connection, question: str, best: int) -> None:
    assert search_chunks(db, question, 3, file_weight=1.0)[0][0] == best


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_no_question_is_an_error_and_every_text_finds_itself(text: str) -> None:
    with sqlite3.connect(":memory:", isolation_level=None) as db:
        migrate(db)
        db.execute("INSERT INTO words (rowid, file, body) VALUES (1, '', ?)", (index_text(text, ""),))
        assert [key for key, _ in search_chunks(db, text, 3, file_weight=1.0)] == ([1] if analyze(text) else [])


def test_marks_stay_with_their_letters() -> None:
    assert analyze("हिन्दी") == analyze("हिन्दी।")
    assert len(analyze("हिन्दी")) == 1


def test_a_very_long_question_searches_its_rarest_words(db: sqlite3.Connection) -> None:
    assert search_chunks(db, "filler text of no interest " * 500 + "KB-1047", 3, file_weight=1.0)[0][0] == 1
