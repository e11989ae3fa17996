"""What benchmarks/crowd.py calls a mixed-up answer."""

from benchmarks.crowd_rules import Asked, Fact, Given, faults, took_another

MINE, REMOVED, OTHERS = Fact(7, "locker", 2), Fact(7, "locker", 1), Fact(17, "locker", 1)
QUESTION = "What is the code of client 7's locker?"
ASKED = Asked(
    QUESTION,
    own=frozenset({MINE.id, REMOVED.id}),
    codes=frozenset({MINE.code, REMOVED.code}),
    there=frozenset({MINE.id}),
    gone=frozenset({REMOVED.id}),
)


def given(fact: Fact, *, quotes: Fact | None = None, question: str = QUESTION) -> Given:
    cited = frozenset({(quotes or fact).id})
    return Given(question, f"It is {fact.code}.", cited, cited)


def broken(answer: Given) -> list[str]:
    return [rule for rule, _ in faults(ASKED, answer)]


def test_an_answer_from_the_documents_that_hold_the_fact_breaks_no_rule() -> None:
    assert broken(given(MINE)) == []


def test_an_answer_to_another_question_or_from_what_was_removed_breaks_a_rule() -> None:
    assert broken(given(MINE, question="And the gate?")) == ["answers to another question"]
    assert broken(given(REMOVED)) == ["answers with a document that was removed before they were asked for"]


def test_another_clients_document_and_code_are_seen() -> None:
    assert not took_another(ASKED, given(MINE))
    assert took_another(ASKED, given(MINE, quotes=OTHERS))
    assert took_another(ASKED, given(OTHERS, quotes=MINE))
