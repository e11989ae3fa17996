"""What was made of a document's tables is made once, until they are others or many documents came after it."""

from core.tables import Table
from index.of_documents import DOCUMENTS_KEPT, OfDocuments

ONE, OTHER = ((Table(title, "", 1, 0, 0, (), (), ()),) for title in ("one", "other"))


def test_it_is_made_once_for_the_same_tables():
    made = OfDocuments[object]()
    first = made.of("a", ONE, object)
    assert made.of("a", ONE, object) is first
    assert made.of("b", ONE, object) is not first
    assert made.of("a", OTHER, object) is not first


def test_the_document_that_was_asked_longest_ago_goes_first():
    made = OfDocuments[object]()
    kept, gone = made.of("kept", ONE, object), made.of("gone", ONE, object)
    for number in range(DOCUMENTS_KEPT - 1):
        made.of(str(number), ONE, object)
        assert made.of("kept", ONE, object) is kept
    assert made.of("gone", ONE, object) is not gone
