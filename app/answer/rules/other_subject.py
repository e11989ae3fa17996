"""Objections to a sentence whose quotes hold its words but are about something else.

For example "Net income was 859 million." quoting the row "Provision for income taxes 859 747".
"""

import re

from app.answer.rules.base import ENGLISH, Rule, objection
from app.answer.rules.cases import SupportCase
from app.answer.rules.conditions import special_case
from app.answer.rules.question_kinds import asks_quantity
from app.answer.rules.row_match import names_row
from app.answer.rules.text_features import content_words, numbers
from index.search.figure_rows import row_label

_WHO = re.compile(
    r"(?i)^\W*who (?:(?:has|have|had) )?(?!(?:is|are|was|were|be|been|do|does|did|has|have|had)\b)(?P<verb>\w+)"
)


def is_of_another_row(case: SupportCase) -> bool:
    """Whether the first quote is a row of figures whose label the sentence does not name.

    For example "Net income was 859 million" and the row "Provision for income taxes 859 747".
    """
    first = case.quotes[0]
    return row_label(first.quote) is not None and not names_row(case.sentence, first.quote, first.columns)


def is_special_case(case: SupportCase) -> bool:
    """Whether the quote states the sentence's figure only under a condition that sentence and question leave out.

    For example "The notice is three months." and "If the rent is in arrears, notice is three months."
    """
    said = f"{case.question} {case.sentence}"
    return special_case(said, case.quotes[0].quote, numbers(case.sentence))


def lacks_asked_action(case: SupportCase) -> bool:
    """Whether the sentence says who did something, none of its quotes has that verb, and another source has it.

    For example "Lind signed the lease." to "Who signed the lease?", quoting "Lind is mayor of Lund.", while the sources
    also hold "Berg signed."
    """
    verb = asked_verb(case.question) & content_words(case.sentence)
    return any(verb & content_words(source.quote) for source in case.sources) and not any(
        verb & content_words(quote.quote) for quote in case.quotes
    )


def asked_verb(question: str) -> set[str]:
    """The stem of the verb after "who": {"sign"} for "Who has signed it?"; empty for "Who is ...?" and the like."""
    match = _WHO.search(question)
    return content_words(match["verb"]) if match else set()


def _has_figures(case: SupportCase) -> bool:
    return bool(numbers(case.sentence))


ANOTHER_ROW = Rule[SupportCase, bool](
    "another_row",
    ENGLISH,
    lambda case: _has_figures(case) and asks_quantity(case.question),
    objection(is_of_another_row),
    "The figure is of a row that the sentence does not name.",
)
SPECIAL_CASE = Rule[SupportCase, bool](
    "special_case",
    ENGLISH,
    _has_figures,
    objection(is_special_case),
    "The figure holds under a condition that the sentence leaves out.",
)
LACKS_ASKED_ACTION = Rule[SupportCase, bool](
    "lacks_asked_action",
    ENGLISH,
    lambda case: bool(asked_verb(case.question)),
    objection(lacks_asked_action),
    "The quote does not tell of what was done.",
)
