"""Words that only ask are not searched for; names and codes that look like them are."""

import sqlite3

import pytest

from index.analyzer import index_text
from index.search.bm25 import search_chunks
from index.search.question_words import without_question_words
from index.store.schema import migrate


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What's the deadline?", "the deadline?"),
        ("And how many did they sell", "And they sell"),
        ("Who are The Who?", "are The Who?"),
        ("What does WHO recommend?", "WHO recommend?"),
        ("the how-to guide for DO-178", "the how-to guide for DO-178"),
        ("Where-used list, whatever", "Where-used list, whatever"),
        ("कंपनी का मुख्यालय कहाँ है?", "कंपनी का मुख्यालय है?"),
        ("أين يقع المقر؟", "يقع المقر؟"),
        ("谁颁布了公文?", "颁布了公文?"),
    ],
)
def test_only_words_that_ask_go(question: str, left: str) -> None:
    assert " ".join(without_question_words(question).split()) == left


def test_a_rare_question_word_in_a_text_draws_no_question_to_it() -> None:
    with sqlite3.connect(":memory:", isolation_level=None) as db:
        migrate(db)
        texts = ["Which way, what for and who did: rare words here.", "The pump is cleaned by the night shift."]
        for key, text in enumerate(texts + ["filler of no interest"] * 20, 1):
            db.execute("INSERT INTO words (rowid, file, body) VALUES (?, '', ?)", (key, index_text(text, "en")))
        assert search_chunks(db, "Who did what to the pump, and when?", 3, file_weight=1.0)[0][0] == 2
        assert search_chunks(db, "what?", 3, file_weight=1.0)[0][0] == 1
