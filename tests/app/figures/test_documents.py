"""One question asked of several documents, and that figures come from nowhere but cells and computation."""

import re
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.answer.figures_answer import from_figures
from app.figures.figures import find_figures
from app.figures.found import FiguresFound
from app.figures.lines import lines_of_figures
from app.figures.scope import Scope
from core.tables import Period
from index.search.row_ranking import RowVectors
from tests.app.figures.drawn import WordsAlone, drawn

FLOW = "Changes in assets > Inventories | 3 | 2"
MARCH = drawn(["March 31, 2023", "December 31, 2022"], [FLOW, "Inventories | 70 | 60", "Debt | 5 | 6"], key="march")
JUNE = drawn(["June 30, 2023", "December 31, 2022"], [FLOW, "Inventories | 90 | 60", "Debt | 4 | 6"], key="june")
STAFF = drawn(["2023"], ["Sailors | 12"], key="staff")

FIGURE = re.compile(r"\d[\d,.]*\d|\d")


def asked_of_each(question: str) -> FiguresFound | None:
    documents = {one.id: one.tables for one in (MARCH, JUNE, STAFF)}
    periods = {"march": Period(None, date(2023, 3, 31)), "june": Period(None, date(2023, 6, 30))}
    return find_figures(question, Scope(documents, {}, periods, each=True), RowVectors(WordsAlone()))


def test_each_document_gives_the_figure_of_its_own_period_in_order_and_the_rest_is_named() -> None:
    found = asked_of_each("How have inventories changed over the reported quarters?")
    assert found is not None
    assert [(one.document_id, one.cell.text) for one in found.cells] == [("march", "70"), ("june", "90")]
    assert found.without == ("staff",)


@given(
    st.lists(st.integers(-99_999, 99_999), min_size=4, max_size=4),
    st.sampled_from(["", "(in millions)", "(in thousands of $)"]),
    st.sampled_from(
        [
            "What were the fees in 2021?",
            "What is the change in fees from 2021 to 2022?",
            "What is the percentage change in fees from 2021 to 2022?",
            "What is the average of fees for 2021 and 2022?",
            "What were the fees as a percentage of rent in 2022?",
            "In which year were the fees highest?",
        ]
    ),
)
@settings(max_examples=60, deadline=None)
def test_every_digit_is_of_a_cell_a_head_or_the_computation(numbers: list[int], note: str, question: str) -> None:
    cells = [f"({-number:,})" if number < 0 else f"{number:,}" for number in numbers]
    table = drawn(["2022", "2021"], [f"Fees | {cells[0]} | {cells[1]}", f"Rent | {cells[2]} | {cells[3]}"], note=note)
    found = find_figures(question, Scope({table.id: table.tables}), RowVectors(WordsAlone()))
    if found is None:  # nothing is divided by zero
        return
    known = set(FIGURE.findall(" ".join(cells))) | {"2022", "2021", "100"}
    if found.result:
        value = found.result.value / max(one.cell.scale for one in found.cells)
        shown = {value, found.result.value}
        known |= {f"{abs(one).quantize(Decimal(1).scaleb(-places)):,}" for one in shown for places in (0, 1, 2)}
    for figure in FIGURE.findall(" ".join(line.text for line in lines_of_figures(found))):
        near = {
            k for k in known if abs(Decimal(k.replace(",", "")) - Decimal(figure.replace(",", ""))) <= Decimal("0.01")
        }
        assert near, (figure, question, cells)


def test_a_cited_cell_is_exactly_those_characters_of_its_document() -> None:
    found = asked_of_each("How have inventories changed over the reported quarters?")
    assert found is not None
    documents = {one.id: one for one in (MARCH, JUNE, STAFF)}
    verdict = from_figures(found, documents)
    cited = [citation for sentence in verdict.sentences for citation in sentence.citations]
    assert {citation.quote for citation in cited} == {"70", "90"}
    for citation in cited:
        assert documents[citation.document_id].text[citation.start : citation.end] == citation.quote
