"""Whether a sentence says of one thing what its quotes say of another, although all its words stand there."""

import re

from app.answer.rules.base import ENGLISH, Rule, objection
from app.answer.rules.cases import SupportCase
from app.answer.rules.conditions import special_case
from app.answer.rules.question_kinds import asks_level
from app.answer.rules.row_match import names_row
from app.answer.rules.text_features import content_words, numbers
from index.search.figure_rows import row_label

_WHO = re.compile(
    r"(?i)^\W*who (?:(?:has|have|had) )?(?!(?:is|are|was|were|be|been|do|does|did|has|have|had)\b)(?P<verb>\w+)"
)


def is_of_another_row(case: SupportCase) -> bool:
    """Whether, to a question of how much, the sentence takes a figure from a row that it does not name ("Net income was
    859 million" by "Provision for income taxes 859 747")."""
    first = case.quotes[0]
    return row_label(first.quote) is not None and not names_row(case.sentence, first.quote, first.columns)


def is_special_case(case: SupportCase) -> bool:
    """Whether the sentence states as the rule a figure that the quote states under a condition which neither the
    sentence nor the question names."""
    said = f"{case.question} {case.sentence}"
    return special_case(said, case.quotes[0].quote, numbers(case.sentence))


def is_without_the_deed(case: SupportCase) -> bool:
    """Whether the sentence answers who did something ("signed") by a quote that does not tell of the deed, while
    another sentence of the sources does."""
    deed = asked_deed(case.question) & content_words(case.sentence)
    return any(deed & content_words(source.quote) for source in case.sources) and not any(
        deed & content_words(quote.quote) for quote in case.quotes
    )


def asked_deed(question: str) -> set[str]:
    """The stem of the verb after an English question's "who"; empty for other questions and after "who is"."""
    match = _WHO.search(question)
    return content_words(match["verb"]) if match else set()


def _has_figures(case: SupportCase) -> bool:
    return bool(numbers(case.sentence))


ANOTHER_ROW = Rule[SupportCase, bool](
    "another_row",
    ENGLISH,
    lambda case: _has_figures(case) and asks_level(case.question),
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
WITHOUT_THE_DEED = Rule[SupportCase, bool](
    "without_the_deed",
    ENGLISH,
    lambda case: bool(asked_deed(case.question)),
    objection(is_without_the_deed),
    "The quote does not tell of what was done.",
)
