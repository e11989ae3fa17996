"""What supports a sentence is quoted exactly; figures that they do not hold are not supported."""

import pytest

from app.answer.draft_sentences import without_marks
from app.answer.source_sentences import nearest_first
from app.answer.support import supported_sentences
from core.types import Citation, Locator

TEXT = (
    "The lease begins on 1 April 2026 and was signed by Maren Oyelaran. The rent is 640 euros a month.\n"
    "The deposit was not paid in May. The boathouse has 12 places, and the crane lifts 1,500 kilograms. "
    "The planned rent of the office is 5,760 euros a year."
)
SOURCE = Citation("d1", "lease.txt", Locator(2, "p. 2"), TEXT, 1000, 1000 + len(TEXT), 1.0)


def align(text, sources, embedder, question=""):
    return supported_sentences(text, sources, question, embedder, None)


@pytest.fixture(scope="module")
def check(embedder):
    def supported(sentence, question=""):
        (found,) = align(sentence, [SOURCE], embedder, question)
        return found.citations

    return supported


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ("The rent is 640 euros a month.", "The rent is 640 euros a month."),
        ("The monthly rent is 640 euros.", "The rent is 640 euros a month."),
        ("Maren Oyelaran signed the lease.", "The lease begins on 1 April 2026 and was signed by Maren Oyelaran."),
        ("The crane can lift 1500 kilograms.", None),
        ("The boathouse has twelve places.", None),
        ("The deposit was not paid.", "The deposit was not paid in May."),
    ],
)
def test_true_sentences_are_supported_by_exact_spans(check, sentence, quoted):
    citations = check(sentence)
    assert citations
    assert citations[0].quote == (quoted or citations[0].quote)
    for citation in citations:
        assert citation.quote == TEXT[citation.start - 1000 : citation.end - 1000]
        assert (citation.file, citation.locator) == ("lease.txt", SOURCE.locator)
        assert 0 < citation.score <= 1


@pytest.mark.parametrize(
    "sentence",
    [
        "The rent is 740 euros a month.",
        "The lease begins on 2 April 2026.",
        "The lease begins on 12 April 2026.",
        "The moon is made of cheese.",
        "Yes.",
    ],
)
def test_other_numbers_are_not(check, sentence):
    assert check(sentence) == ()


def test_each_sentence_is_judged_by_itself(embedder):
    first, second = align("The rent is 640 euros a month. The owner is a duck.", [SOURCE], embedder)
    assert first.supported
    assert not second.supported


def test_a_wrapped_quote_is_one_sentence(embedder):
    quote = "The director is Dr. Maren\nOyelaran, who came in 2018."
    source = Citation("d1", "a.pdf", Locator(1, "p. 1"), quote, 0, len(quote), 1.0)
    (found,) = align("The director is Dr. Maren Oyelaran.", [source], embedder)
    assert [c.quote for c in found.citations] == [quote]


def test_nothing_given_supports_nothing(embedder):
    assert [s.supported for s in align("The rent is 640 euros.", [], embedder)] == [False]
    assert align("  ", [SOURCE], embedder) == ()


def test_marks_that_a_model_writes_prove_nothing():
    assert without_marks("It is 640 euros [1], a month (Source 2).") == "It is 640 euros, a month."


def test_a_sentence_that_was_read_twice_is_one_place():
    text = "The key hangs in the kitchen. The boat is red."
    whole = Citation("d", "house.pdf", Locator(1, "p. 1"), text, 0, len(text), 1.0)
    repeated = Citation("d", "house.pdf", Locator(1, "p. 1"), text[:29], 0, 29, 1.0)
    found = [one.citation.quote for one in nearest_first(["The key hangs in the kitchen."], (repeated, whole))]
    assert found == ["The key hangs in the kitchen.", "The boat is red."]
