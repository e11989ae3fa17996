"""A word is found in its other forms by the stems of its language, and as it stands whatever language was told."""

import sqlite3

import pytest
from stand_in import TopicEmbedder, document

from core.settings import Settings
from index.add import add_documents
from index.analyzer import analyze
from index.search import query_terms
from index.search.bm25 import search_chunks, search_document_fields
from index.store import word_index
from index.store.check import check, repair
from index.store.library import Library

TEXTS = {
    "de": "Im Mietvertrag der Wohnung stehen die Kündigungsfristen, und der Vermieter hat sie gelesen.",
    "es": "Las habitaciones del hotel están reservadas para los huéspedes que llegan por la noche.",
    "fr": "Les travaux sont payés par le bailleur avant la fin de chaque année, selon le contrat.",
    "ru": "Договор заключён на один год, и арендный платёж вносится каждый месяц до десятого числа.",
    "tr": "Kiracı evin anahtarlarını ve bahçedeki ağaçların bakımını sözleşmeye göre üstlenir.",
    "en": "The harbour master reads the log at noon and writes down what the crews have told him.",
}
QUESTIONS = [
    ("Und die Kündigungsfrist, wo finde ich etwas zu ihr?", "Kündigungsfrist", "de"),
    ("¿Cuándo piensan llegar, y por qué motivo?", "llegar", "es"),
    ("Qui doit payer cela, et pour quelle raison ?", "payer", "fr"),
    ("Что известно про арендную сумму?", "арендную", "ru"),
    ("Peki anahtarlar nerede duruyor, biliyor musun?", "anahtarlar", "tr"),
]


@pytest.fixture
def told(library: Library, settings: Settings) -> Library:
    add_documents([document(name, text) for name, text in TEXTS.items()], library, TopicEmbedder(), settings)
    return library


def first(library: Library, question: str) -> str:
    with library.database.reading() as db:
        key, _ = search_chunks(db, question, 1, file_weight=1.0)[0]
        return str(db.execute("SELECT document_id FROM chunks WHERE id = ?", (key,)).fetchone()[0])


def finds(library: Library, word: str) -> bool:
    with library.database.reading() as db:
        return bool(search_chunks(db, word, 1, file_weight=1.0))


@pytest.mark.parametrize(("question", "word", "language"), QUESTIONS)
def test_another_form_of_a_word_is_found_in_its_language(
    told: Library, question: str, word: str, language: str
) -> None:
    assert not set(analyze(word)) & set(analyze(TEXTS[language]))
    assert first(told, question) == language


@pytest.mark.parametrize("mistaken", ["", "de", "en", "fr", "pl", "tr", "zh"])
@pytest.mark.parametrize("side", ["question", "document"])
def test_words_as_they_stand_are_found_whatever_language_was_told(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch, mistaken: str, side: str
) -> None:
    module = "index.search.query_terms" if side == "question" else "index.store.statements"
    monkeypatch.setattr(f"{module}.language_of", lambda text: mistaken)
    add_documents([document(name, text) for name, text in TEXTS.items()], library, TopicEmbedder(), settings)
    for language, text in TEXTS.items():
        for word in text.strip(".").replace(",", "").split()[-6:]:
            assert finds(library, word), (language, word)
        assert first(library, text) == language


def test_a_word_counts_once_in_however_many_forms_it_is_searched(told: Library) -> None:
    with told.database.reading() as db:
        one = query_terms.question_terms(db, "Kündigungsfristen im Mietvertrag der Wohnung")
        both = search_chunks(db, "Kündigungsfristen im Mietvertrag der Wohnung", 1, file_weight=1.0)[0][1]
    assert one.halved
    assert not one.unknown
    assert one.weight == pytest.approx(both, rel=0.35)  # of a chunk that is longer than the mean


def test_a_document_is_found_by_another_form_of_its_name(library: Library, settings: Settings) -> None:
    text = "Der Vertrag gilt für ein Jahr und wird danach von beiden Seiten neu verhandelt."
    add_documents([document("Kündigungsfristen", text), *(document(f"x{n}", "Sonstiges.") for n in range(5))],
                  library, TopicEmbedder(), settings)  # fmt: skip
    with library.database.reading() as db:
        assert list(search_document_fields(db, "Was ist die Kündigungsfrist?", 5)) == ["Kündigungsfristen"]


LATER = ("recognized_pages", "job_files", "jobs")
"""Tables of later formats that are there already where one of before is brought up to date."""


def as_before_second_forms(db: sqlite3.Connection) -> None:
    """The rows of a library of the format before there were second forms."""
    for key, text in db.execute("SELECT id, text FROM chunks").fetchall():
        db.execute("UPDATE words SET body = ? WHERE rowid = ?", (" ".join(analyze(text)), key))
    db.execute("ALTER TABLE documents DROP COLUMN tables")
    for table in ("facets", "given_facets", *LATER):
        db.execute(f"DROP TABLE {table}")
    db.execute("PRAGMA user_version = 6")


def test_a_library_of_before_gets_its_other_forms_when_it_is_opened(
    told: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told.database.writing() as db:
        as_before_second_forms(db)
    assert not finds(told, QUESTIONS[4][1])
    anew = []
    index_document = word_index._index_document
    monkeypatch.setattr(word_index, "_index_document", lambda db, n: (anew.append(n), index_document(db, n)))
    with Library.open(settings) as again:
        assert all(first(again, question) == language for question, _, language in QUESTIONS)
        assert len(anew) == len(QUESTIONS)  # the English document is left as it is
        assert not check(again)


def test_repair_writes_the_other_forms_too(told: Library) -> None:
    with told.database.writing() as db:
        db.execute("DELETE FROM words")
        db.execute("DELETE FROM abouts")
    assert not repair(told)
    assert [first(told, question) for question, *_ in QUESTIONS] == [language for *_, language in QUESTIONS]
