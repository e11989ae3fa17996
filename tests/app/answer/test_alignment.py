"""What supports a sentence is quoted exactly; what contradicts the sources is not supported."""

import pytest

from app.answer.alignment import align
from app.answer.draft_sentences import without_marks
from app.answer.source_sentences import nearest_first
from core.types import Citation, Locator

TEXT = (
    "The lease begins on 1 April 2026 and was signed by Maren Oyelaran. The rent is 640 euros a month.\n"
    "The deposit was not paid in May. The boathouse has 12 places, and the crane lifts 1,500 kilograms. "
    "The planned rent of the office is 5,760 euros a year."
)
SOURCE = Citation("d1", "lease.txt", Locator(2, "p. 2"), TEXT, 1000, 1000 + len(TEXT), 1.0)


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
        "The rent is 640 euros a month, as agreed in Rome.",
        "The lease begins on 2 April 2026.",
        "The lease begins on 12 April 2026.",
        "Tomas Brandt signed the lease.",
        "The lease was not signed by Maren Oyelaran.",
        "The deposit was paid in May.",
        "The moon is made of cheese.",
        "Yes.",
    ],
)
def test_other_numbers_names_and_negations_are_not(check, sentence):
    assert check(sentence) == ()


def test_a_date_is_one_not_its_numbers(embedder):
    quote = "The lease begins on 1 April 2026 and ends on 31 March 2036."
    source = Citation("d1", "lease.txt", Locator(2, "p. 2"), quote, 0, len(quote), 1.0)
    for said, supported in (("31 March 2036", True), ("March 2036", True), ("1 April 2036", False)):
        assert align(f"The lease ends on {said}.", [source], embedder)[0].supported == supported


def test_what_is_claimed_counts_not_what_the_question_said(check):
    question = "What does the crane of the boathouse lift?"
    assert check("The crane of the boathouse lifts 1,500 kilograms.", question)
    assert not check("The crane of the boathouse lifts heavy sailing yachts.", question)


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


@pytest.mark.parametrize(
    ("sentence", "stands"),
    [
        ("P3-E07 means that the motor winding is above 120 degrees.", True),
        ("P3-E11 means that the motor winding is above 120 degrees.", False),
        ("P3-E11 and P3-E07 mean a leak at the shaft seal and a motor winding above 120 degrees.", False),
    ],
)
def test_two_rows_joined_into_one_sentence_are_not_supported(embedder, sentence, stands):
    rows = (
        "| P3-E07 | motor winding above 120 degrees | switch off, let it cool for 45 minutes |\n"
        "| P3-E11 | leak at the shaft seal | switch to the reserve pump P4 |"
    )
    source = Citation("d2", "pump.md", Locator(None, "Error codes"), rows, 0, len(rows), 1.0)
    (found,) = align(sentence, [source], embedder, "What does the pump's error code mean?")
    assert found.supported is stands


def test_a_sentence_that_was_read_twice_is_one_place():
    text = "The key hangs in the kitchen. The boat is red."
    whole = Citation("d", "house.pdf", Locator(1, "p. 1"), text, 0, len(text), 1.0)
    repeated = Citation("d", "house.pdf", Locator(1, "p. 1"), text[:29], 0, 29, 1.0)
    found = [one.citation.quote for one in nearest_first(["The key hangs in the kitchen."], (repeated, whole))]
    assert found == ["The key hangs in the kitchen.", "The boat is red."]
