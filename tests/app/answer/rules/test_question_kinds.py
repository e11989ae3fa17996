"""A sentence tells what was asked for: the right row, the thing and not its change, the rule and not a special case."""

from dataclasses import replace

import pytest

from app.answer.alignment import AlignedDraft, align
from app.answer.answerability import is_answerable
from app.answer.evidence import Evidence, find_evidence
from app.answer.rules.base import first_ruling
from app.answer.rules.cases import EvidenceCase, WordsCase
from app.answer.rules.conditions import SAYS_NOTHING_NEW, special_case
from app.answer.rules.quantities import can_answer
from app.answer.rules.question_kinds import NAMES_NOBODY
from app.answer.rules.row_match import is_only_that_row, wrong_entity_documents
from app.answer.rules.rulebook import RULES
from app.answer.verdict import from_evidence, judge_phrases
from core.types import AnswerWords, Citation, Locator, Passage

INCOME = "What was Acme's net income?"


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        (INCOME, "Net income $ 16,425 $ 18,765"),
        ("How much cash did Acme hold?", "Cash and cash equivalents $ 27,502 $ 34,940"),
        ("How much was budgeted for the boat?", "Boats and fuel | 38500 | 21750 | Lind"),
        ("How much did Acme spend on research and development in 2031?", "Research and development $ 6,797 $ 5,717"),
        ("What was the revenue?", "Revenue increased by 5 % to $30 million."),
        ("How much did net sales increase?", "Net sales increased 2% or $1.5 billion."),
        ("What is the rent?", "The rent is 640 euros. It rises every two years, but by no more than 4 per cent."),
        ("When was the lease signed?", "The effect was an increase on 3 February 2026."),
    ],
)
def test_what_tells_what_was_asked_for(question, quote) -> None:
    assert can_answer(question, quote)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        (INCOME, "Provision for income taxes 859 747"),
        (INCOME, "Income before income taxes 20,339 22,515"),
        ("How much cash did Acme hold?", "Cash paid for income taxes, net $ 12,251 $ 18,536"),
        ("What was Acme's total revenue?", "Total $ 20,399 $ 22,247"),
        (
            INCOME,
            "The effect of this change was an increase in operating income of $945 and net income of $768 million.",
        ),
        (
            "What were the total net sales?",
            "Total net sales increased 2% or $1.5 billion in the third quarter of 2022.",
        ),
    ],
)
def test_what_is_about_something_else(question, quote) -> None:
    assert not can_answer(question, quote)


@pytest.mark.parametrize(
    ("question", "quote", "columns"),
    [
        ("How many seats does the library have?", "The downtown library has 300 seats.", ""),
        ("How many cabins are there?", "The upper deck has 40 cabins.", ""),
        ("How many rooms are upstairs?", "Upstairs, Rosenberg holds 12 rooms.", ""),
        ("How many litres flow over the Falls?", "Over the Falls 300 litres flow.", ""),
        ("How many people live there?", "An increase in comfort means a total of 300 people.", ""),
        ("What is the effective rate?", "The effective rate is 15 %.", ""),
        ("What is the capital of Hunan?", "Changsha, with 10 million people, is the capital of Hunan.", ""),
        ("When was Ada Marsh born?", "Ada Marsh | 1904 | Harbo", ""),
        ("What is Lind's phone number?", "Lind | 0301234 | 2", ""),
        ("How much does Lind earn for cleaning?", "Lind | 38500 | 21750", ""),
        ("Who is responsible for the boats?", "Boats and fuel | 38500 | 21750 | Lind", ""),
        ("How many cabins does the upper deck have?", "upper | 40 | Ann Berg", "deck | cabins | steward"),
        ("Wie hoch waren die Personalkosten?", "Personalkosten 640 700", ""),
        ("How much Net Income did the company report?", "Net income 640 700", ""),
        ("Which player won Wimbledon in 2005?", "Federer won Wimbledon in 2003, 2004, 2005.", ""),
    ],
)
def test_what_answers_although_it_looks_like_something_else(question, quote, columns) -> None:
    assert can_answer(question, quote, columns)


def cite(quote, at=0, document="d1", file="report.pdf"):
    return Citation(document, file, Locator(3, "p. 3"), quote, at, at + len(quote), 0.6)


def passage(text, document="d1", file="report.pdf"):
    return Passage(document, file, "", 0, len(text), text, Locator(3, "p. 3"), (), 0.8, 0.7, 3.0)


STATEMENT = """Acme Inc.
(In millions)
2031 2030
Income before income taxes 950 913
Provision for income taxes 859 747
Net income 4,610 4,555
"""


def test_the_row_that_was_asked_for_is_the_evidence_and_no_neighbour(embedder) -> None:
    found = find_evidence(INCOME, [passage(STATEMENT)], embedder)
    assert found.uncontested
    assert found.sentences[0].quote == "Net income 4,610 4,555"
    assert is_answerable(INCOME, found, "strict")


def test_without_the_row_nothing_is_stated(embedder) -> None:
    found = find_evidence(INCOME, [passage(STATEMENT.replace("Net income 4,610 4,555", ""))], embedder)
    assert found.sentences
    assert not is_answerable(INCOME, found, "lenient")


def test_another_companys_row_is_not_the_answer(embedder) -> None:
    texts = {"d1": "Acme " * 30, "d2": "Bolt Inc. competes with Acme."}
    assert wrong_entity_documents(INCOME, texts) == {"d2"}
    assert wrong_entity_documents("What was Cork's net income?", {"d1": "Acme", "d2": "Bolt"}) == {"d1", "d2"}
    found = find_evidence(INCOME, [passage(STATEMENT, "d2")], embedder, texts=texts)
    assert not is_answerable(INCOME, found, "lenient")


def test_only_a_name_can_make_a_document_anothers() -> None:
    budgets = {"d1": "Boats 5", "d2": "Budget of March and March"}
    assert wrong_entity_documents("What was the boat budget in March?", budgets) == set()
    assert wrong_entity_documents("What was Ann's wage?", {"d1": "Ann. Ann.", "d2": "the annual report of Bolt"}) == {
        "d2"
    }
    assert wrong_entity_documents("What was the Net Income of Bergen?", {"d1": "net income 5"}) == set()
    income = {"d1": "net income 5", "d2": "Net Income, Net Income"}
    assert wrong_entity_documents("What was the Net Income?", income) == set()


@pytest.mark.parametrize("question", ["How many boats are there?", "Who is Lind?", "What is the boat budget?"])
def test_a_row_that_is_not_labelled_with_all_that_was_asked_is_held_against_the_thresholds(question) -> None:
    row = Evidence((cite("Boats and fuel | 38500 | 21750 | Lind"),), answerable=0.01, score=0.1)
    assert not is_answerable(question, row, "strict")


def is_nobody(question: str, quote: str, words: AnswerWords | None) -> bool:
    case = EvidenceCase(question, cite(quote), cite(quote), (), frozenset(), words, read=True)
    return first_ruling((NAMES_NOBODY,), case) is not None


def may_stand(question: str, sentence: Citation, words: AnswerWords) -> bool:
    """Whether no rule but the one on repeated words objects."""
    rules = RULES.without(SAYS_NOTHING_NEW.name).words_objections
    return first_ruling(rules, WordsCase(question, sentence, words)) is None


def test_one_of_several_figures_of_a_row_does_not_stand_alone() -> None:
    row = cite("Net income 4,610 4,555")
    words = AnswerWords("d1", "report.pdf", row.locator, "4,610", 11, 16, 2.0)
    assert not may_stand(INCOME, row, words)


def words_in(quote: Citation, text: str) -> AnswerWords:
    at = quote.quote.index(text)
    return AnswerWords(quote.document_id, quote.file, quote.locator, text, at, at + len(text), 2.0)


@pytest.mark.parametrize(
    ("question", "sentence", "text", "stands"),
    [
        ("How long may it run dry?", "Never run it dry for more than 20 seconds.", "more than 20 seconds", False),
        ("How long may it not run?", "It may not run for 20 seconds.", "20 seconds", True),
        ("When did it open?", "It was not finished, but opened in 1990.", "in 1990", True),
        (
            "When is the reef closed?",
            "It is closed when it storms or when the swell is up.",
            "when it storms",
            False,
        ),
        ("When is the reef closed?", "It is closed when it storms, and boats stay ashore.", "when it storms", True),
        ("Who came?", "Ada came and Ada's son stayed.", "Ada", True),
        ("How fast may it go?", "It shall not exceed 30 km/h on the quay.", "30 km/h", True),
        ("How much notice?", "Not less than three months' notice is given.", "three months' notice", True),
        ("When was it built?", "It wasn't built in 1912, but in 1914.", "1912", False),
        ("When was it built?", "It was not only begun but finished in 1914.", "1914", True),
        ("When was he born?", "He was born in 1912 and in 1930 he left.", "in 1912", True),
    ],
)
def test_words_that_say_half_of_it_or_the_opposite_do_not_stand_alone(question, sentence, text, stands) -> None:
    quote = cite(sentence)
    assert may_stand(question, quote, words_in(quote, text)) is stands


STAFF = """# Harbour office

| Role | Name | Phone | Ext |
|---|---|---|---|
| Harbour master | Ada Marsh | 0631 562001 | 4411 |
| Deputy | Tomas Brandt | 0631 562002 | 4412 |
"""
SHEET = """| Property | Value | Unit |
|---|---|---|
| Weight | 84 | kg |
| Height | 410 | mm |
"""


def test_a_row_names_who_holds_an_office() -> None:
    row = "| Harbour master | Ada Marsh | 0631 562001 | 4411 |"
    assert not is_nobody("Who is the harbour master?", row, None)
    assert is_nobody("Who is the harbour master?", "The harbour master has concluded the talks.", None)
    assert not is_nobody("Who is Robert Hill?", "Robert Hill built the library.", None)
    words = words_in(cite("The director is Director Ada Marsh."), "Director Ada Marsh")
    assert not is_nobody("Who is the director?", "The director is Director Ada Marsh.", words)


def test_a_row_stands_under_the_title_of_its_sheet(embedder) -> None:
    sheet = replace(passage(SHEET), title="Pump P3 data sheet")
    found = find_evidence("What is the weight of the pump?", [sheet], embedder)
    assert found.uncontested
    assert "84" in found.sentences[0].quote


def test_of_equal_rows_that_of_the_quarter_asked_for_answers_and_no_others(embedder) -> None:
    reports = [
        passage(STATEMENT, "q2", "2031 Q2 Acme.pdf"),
        passage(STATEMENT.replace("4,610", "5,120"), "q3", "2031 Q3 Acme.pdf"),
    ]
    asked = "What was the net income of Acme in the {} quarter of 2031?"
    for quarter, figure in (("second", "4,610"), ("third", "5,120")):
        found = find_evidence(asked.format(quarter), reports, embedder)
        assert found.uncontested
        assert figure in found.sentences[0].quote
    assert not find_evidence(asked.format("first"), reports, embedder).uncontested


def test_how_much_there_was_in_a_year_is_not_told_without_a_figure() -> None:
    quote = "Sales of watches increased during the third quarter of 2031 compared to 2030."
    assert not can_answer("What were the sales in the third quarter of 2031?", quote)
    assert can_answer("What is the sales tax?", "The sales tax is set by the council.")


def test_the_row_of_another_year_is_held_against_the_thresholds() -> None:
    row = replace(cite("Net income 46 45"), columns="2024 2023")
    evidence = Evidence((row,), answerable=0.01, score=0.1)
    assert is_answerable("What was the net income in 2024?", evidence, "strict")
    assert not is_answerable("What was the net income in 2019?", evidence, "strict")


def test_a_code_of_the_title_is_all_its_sentences(embedder) -> None:
    text = "Pump P3 operating manual\n\nCheck the oil level daily. The tank holds 4 litres of oil."
    titled = replace(passage(text), title="Pump P3 operating manual")
    found = find_evidence("How much oil does the tank of the P3 hold?", [titled], embedder)
    assert found.sentences[0].quote == "The tank holds 4 litres of oil."


def test_what_a_code_means_is_not_told_of_another_code(embedder) -> None:
    text = "If the display shows F4, the probe is broken; call the service. If it shows F7, the door is open."
    asked = "What should I do when the display shows {}?"
    assert find_evidence(asked.format("F4"), [passage(text)], embedder).uncontested
    assert not find_evidence(asked.format("F5"), [passage(text)], embedder).uncontested
    assert find_evidence("How many kilos does the A4 weigh?", [passage("It weighs 900 kilos.")], embedder).uncontested


def test_the_line_that_a_document_begins_with_is_no_evidence(embedder) -> None:
    text = "Deck oven DX-9: user manual\n\nThe oven weighs 298 kilograms."
    first = find_evidence("How heavy is the DX-9 deck oven?", [passage(text)], embedder).sentences[0]
    assert first.quote == "The oven weighs 298 kilograms."


PROSE = "The change in estimate had an effect on net income of 768 million, and on what Acme reports as net income."


def test_the_row_of_just_what_was_asked_comes_before_prose_that_mentions_it(embedder) -> None:
    found = find_evidence("What was Acme's net income?", [passage(f"{STATEMENT}\n{PROSE}")], embedder)
    assert found.sentences[0].quote == "Net income 4,610 4,555"
    narrower = STATEMENT.replace("Net income 4,610", "Net income per share 4,610")
    found = find_evidence("What was Acme's net income?", [passage(f"{narrower}\n{PROSE}")], embedder)
    assert "per share" not in found.sentences[0].quote


def test_a_rows_period_is_no_part_of_its_label() -> None:
    assert is_only_that_row("What was the net income?", "Net income for the quarter 46 45")
    assert not is_only_that_row("What was the net income?", "Net income per share 46 45")


def test_a_row_that_is_far_worse_takes_no_sentences_place(embedder) -> None:
    text = f"The rent of the boathouse by the quay of Ansel is a sum that the council sets each year.\n{STATEMENT}"
    found = find_evidence("What is the rent of the boathouse by the quay of Ansel?", [passage(text)], embedder)
    assert found.sentences[0].quote.startswith("The rent of the boathouse")


def test_a_models_figure_of_something_like_it_does_not_stand_beside_the_row_asked_for(embedder) -> None:
    cloud = "Cloud revenue, a part of the total revenue of Acme, was 25.7 billion."
    rows = replace(cite("Total revenue 50,122 45,317"), score=0.5), replace(cite(cloud, 100), score=0.49)
    question = "What was Acme's total revenue?"
    text = "Total revenue was 25.7 billion."
    verdict = judge_phrases(question, AlignedDraft(text, align(text, rows, embedder, question)), Evidence(rows))
    assert "50,122" in verdict.text
    assert "25.7" not in verdict.text


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("The net income was 4,610.", True),
        ("The net income was 859.", False),
        ("The net income was 950.", False),
    ],
)
def test_a_sentence_that_states_a_figure_of_a_row_names_the_row(embedder, sentence, supported) -> None:
    rows = [cite(row, STATEMENT.index(row)) for row in STATEMENT.splitlines()[3:]]
    (found,) = align(sentence, rows, embedder, INCOME)
    assert found.supported == supported


LEASE = (
    "The Council (the Lessor) and the Station (the Lessee), signed on 3 February 2026. "
    "The Lessor lets to the Lessee the boathouse with its slipway."
)


def test_what_was_asked_for_must_stand_in_what_is_cited(embedder) -> None:
    source = cite(LEASE, file="boathouse-lease.docx")
    (found,) = align("The Lessor signed the boathouse lease.", [source], embedder, "Who signed the boathouse lease?")
    assert not any("lets to" in quote.quote for quote in found.citations)
    (found,) = align("The Lessor lets the boathouse.", [source], embedder, "Who lets the boathouse?")
    assert found.citations[0].quote.startswith("The Lessor lets")


NOTICE = (
    "The Lessor may end the lease with three months' notice if the rent is two months in arrears. "
    "It ends on 31 March 2036 unless a party gives notice twelve months before."
)


def test_a_special_case_is_not_told_as_the_rule(embedder) -> None:
    question = "What is the notice period of the lease?"
    (found,) = align("The notice period of the lease is three months.", [cite(NOTICE)], embedder, question)
    assert not found.supported
    evidence = find_evidence(question, [passage(NOTICE, file="lease.docx")], embedder)
    assert special_case(question, evidence.sentences[0].quote)
    said = from_evidence(evidence, question=question)
    assert "three months' notice if the rent" in said.text
    assert "twelve months before" in said.text
    arrears = "How long is the notice if the rent is in arrears?"
    assert not special_case(arrears, NOTICE)


CODES = """The pump stopped twice in April with P3-E07.

| code | meaning |
|---|---|
| P3-E07 | motor above 120 degrees |
| P3-E11 | leak at the seal |
"""


def test_a_code_means_what_the_list_says_and_came_up_where_the_report_says(embedder) -> None:
    means = find_evidence("What does P3-E07 mean?", [passage(CODES)], embedder)
    assert means.sentences[0].quote == "| P3-E07 | motor above 120 degrees |"
    came_up = find_evidence("When did the pump stop with P3-E07?", [passage(CODES)], embedder)
    assert came_up.sentences[0].quote.startswith("The pump stopped")
