"""The libraries that growth is measured on hold what the project's own functions would have put there."""

import random
from math import log

import numpy as np
import pytest

from benchmarks.grown import Real, Texts, blocks, grow, make_entry, rows
from core.settings import Settings
from index.search import query_terms
from index.search.bm25 import search_chunks
from index.store import statements
from index.store.check import check
from index.store.library import Library
from index.store.statements import next_generation

PASSAGES = (
    "Ferries\nThe ferry leaves at 7.45. It doesn't wait for 1,200 guests. Dr. Müller's dog may come.",
    "Pumps\nThe pump KB-1047 needs oil. Its seal, see § 12.3, lasts a year. 泵需要油。",
    "Tides\nThe tide turns twice a day. Kelp grows below it. Room 12 overlooks the shore.",
    "Seals\nSeals sleep on the rocks. They eat herring. Nobody counts them in winter.",
)


class Named:
    name = "random"
    dimension = 16


def test_a_grown_library_is_one_that_ingest_might_have_made(home) -> None:
    vectors = np.eye(4, 16, dtype=np.float32)
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        grow(library, Real(PASSAGES, vectors, (), vectors), 230)
        assert library.counts().chunks == library.counts().vectors == 230
        assert check(library) == []
        with library.database.reading() as db:
            assert search_chunks(db, "kb-1047", 5, file_weight=1.0)


def test_frequent_words_count_where_a_rare_one_stands(home, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.eye(4, 16, dtype=np.float32)
    question = "Which ferry waits for guests of room 12 when the tide turns?"
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        grow(library, Real(PASSAGES, vectors, (), vectors), 500)
        with library.database.reading() as db:
            every = dict(search_chunks(db, question, 500, file_weight=1.0))
            monkeypatch.setattr(query_terms, "MOST_POSTINGS", 250)
            few = search_chunks(db, question, 500, file_weight=1.0)
            assert 0 < len(few) <= 250 < len(every)
            assert [score for _, score in few] == pytest.approx([every[key] for key, _ in few], rel=0.01)
            assert few[:5] == search_chunks(db, question, 5, file_weight=1.0)
            monkeypatch.setattr(query_terms, "MOST_POSTINGS", 1)
            assert search_chunks(db, question, 5, file_weight=1.0)
            rare = {key for key, _ in search_chunks(db, question, 500, file_weight=1.0)}
            others = [key for key in every if key not in rare]
            found = search_chunks(db, question, 5, file_weight=1.0, among=others)
            assert len(found) == 5, "what is rare in the library stands in none of these"
            assert {key for key, _ in found} <= set(others)


def test_rows_that_went_are_not_counted(home) -> None:
    vectors = np.eye(4, 16, dtype=np.float32)
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        grow(library, Real(PASSAGES, vectors, (), vectors), 400)
        with library.database.writing() as db:
            next_generation(db)
            db.execute("DELETE FROM words WHERE rowid <= 301")
            db.execute("INSERT INTO words (file, body) VALUES ('', 'zeppelin')")
        with library.database.reading() as db:
            weight = query_terms.question_terms(db, "zeppelin").weights["zeppelin"]
            assert weight == pytest.approx(log((100 - 1 + 0.5) / (1 + 0.5)))


def test_how_frequent_a_word_is_is_asked_again_when_the_library_has_grown(
    home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_terms, "_CACHED_FROM", 10)
    vectors = np.eye(4, 16, dtype=np.float32)
    with Library.open(Settings(home=home), create=True) as library:
        library.bind_embedder(Named())  # type: ignore[arg-type]
        grow(library, Real(PASSAGES, vectors, (), vectors), 400)
        remembered = []
        for more in (0, 1, 300):  # one more is nearly as many: not counted again
            with library.database.writing() as db:
                next_generation(db)
                db.executemany("INSERT INTO words (file, body) VALUES ('', ?)", [("ferri",)] * more)
            with library.database.reading() as db:
                query_terms.question_terms(db, "ferry")
                remembered.append(query_terms._counts[(str(library.database.path), "ferri")])
        count = remembered[0][1]
        assert remembered == [(400, count), (400, count), (701, count + 301)]


def test_its_rows_are_those_of_the_project(home) -> None:
    texts, rng = Texts(PASSAGES), random.Random(1)
    made = [texts.make(rng) for _ in range(20)]
    entry = make_entry(7, [text for text, _ in made], [b"%d" % at for at in range(20)])
    assert rows(entry, [body for _, body in made]) == statements.prepare(entry)


def test_its_vectors_are_unit_vectors_and_the_same_each_time() -> None:
    real = np.eye(4, 16, dtype=np.float32)
    (first, nearest), (again, _) = next(blocks(real, 500)), next(blocks(real, 500))
    assert np.array_equal(first, again)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
    assert np.mean(np.argmax(first @ real.T, axis=1) == nearest) > 0.9
