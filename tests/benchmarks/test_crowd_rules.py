"""What benchmarks/crowd.py calls a mixed-up answer."""

from benchmarks.crowd_rules import AnswerRecord, Fact, QuestionRecord, faults, took_another

MINE, REMOVED, OTHERS = Fact(7, "locker", 2), Fact(7, "locker", 1), Fact(17, "locker", 1)
QUESTION = "What is the code of client 7's locker?"
RECORD = QuestionRecord(
    QUESTION,
    own=frozenset({MINE.id, REMOVED.id}),
    codes=frozenset({MINE.code, REMOVED.code}),
    there=frozenset({MINE.id}),
    gone=frozenset({REMOVED.id}),
)


def answer_from(fact: Fact, *, quotes: Fact | None = None, question: str = QUESTION) -> AnswerRecord:
    cited = frozenset({(quotes or fact).id})
    return AnswerRecord(question, f"It is {fact.code}.", cited, cited)


def broken(answer: AnswerRecord) -> list[str]:
    return [rule for rule, _ in faults(RECORD, answer)]


def test_an_answer_from_the_documents_that_hold_the_fact_breaks_no_rule() -> None:
    assert broken(answer_from(MINE)) == []


def test_an_answer_to_another_question_or_from_what_was_removed_breaks_a_rule() -> None:
    assert broken(answer_from(MINE, question="And the gate?")) == ["answers to another question"]
    assert broken(answer_from(REMOVED)) == ["answers with a document that was removed before they were asked for"]


def test_another_clients_document_and_code_are_seen() -> None:
    assert not took_another(RECORD, answer_from(MINE))
    assert took_another(RECORD, answer_from(MINE, quotes=OTHERS))
    assert took_another(RECORD, answer_from(OTHERS, quotes=MINE))
