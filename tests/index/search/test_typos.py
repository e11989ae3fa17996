"""A typo in a question is borne, and what it was read as is said."""

from stand_in import TopicEmbedder, document

from app.answer.respelled import respelled_notes
from core.settings import Settings
from core.types import Citation, Locator
from index.add import add_documents
from index.search.retriever import Retriever
from index.store.library import Library

TEXTS = {
    "inn": "The lighthouse inn serves breakfast from seven to ten, for Freya as for all others.",
    "ferry": "The ferry leaves the harbour at noon and comes back in the evening with the post.",
    "house": "A sweep cleans each chimney of the terrace in spring.",
}


def test_a_question_with_typos_finds_its_document_and_says_how_they_were_read(tmp_path):
    settings = Settings(home=tmp_path)
    with Library.open(settings, create=True) as library:
        add_documents([document(name, text) for name, text in TEXTS.items()], library, TopicEmbedder(), settings)
        question = "When is brekfast served to Freja?"
        found = Retriever(library, TopicEmbedder(), settings).search(question)
    best = found.passages[0]
    assert best.file == "inn.txt"
    quote = Citation(best.document_id, best.file, Locator(1, "p. 1"), best.text, 0, len(best.text), 0.9)
    said = respelled_notes(question, found.respelled, [quote])
    assert set(said) == {"“brekfast” was read as “breakfast”.", "“Freja” was read as “Freya”."}
    assert not respelled_notes(question, found.respelled, []), "nothing is said of words that no quote has"


def test_a_slip_that_makes_another_stem_is_borne(tmp_path):
    settings = Settings(home=tmp_path)
    with Library.open(settings, create=True) as library:
        add_documents([document(name, text) for name, text in TEXTS.items()], library, TopicEmbedder(), settings)
        found = Retriever(library, TopicEmbedder(), settings).search("Who cleans the chimny?")
    assert found.respelled == {"chimney": "chimni"}


def test_a_word_that_the_documents_have_is_never_read_as_another(tmp_path):
    settings = Settings(home=tmp_path)
    with Library.open(settings, create=True) as library:
        texts = {**TEXTS, "inns": "Freja Holm keeps the other inn."}
        add_documents([document(name, text) for name, text in texts.items()], library, TopicEmbedder(), settings)
        found = Retriever(library, TopicEmbedder(), settings).search("Who is Freja?")
    assert found.passages[0].file == "inns.txt"
    assert not found.respelled
