"""A sentence and what it is cited by -> whether it says of one thing what the sources say of another."""

import re
from collections.abc import Sequence

from app.answer.rules.conditions import special_case
from app.answer.rules.question_kinds import asks_level
from app.answer.rules.row_match import names_row
from app.answer.rules.text_features import content_words, numbers
from core.types import Citation
from index.search.figure_rows import row_label

_WHO = re.compile(
    r"(?i)^\W*who (?:(?:has|have|had) )?(?!(?:is|are|was|were|be|been|do|does|did|has|have|had)\b)(?P<verb>\w+)"
)


def misplaced(sentence: str, question: str, quotes: Sequence[Citation], units: Sequence[Citation]) -> bool:
    """Whether ``sentence``, cited by ``quotes``, claims what these do not say although all its words are there:

    - to a question of how much, a figure of a row that it does not name ("Net income was 859 million" by "Provision for
      income taxes 859 747"),
    - a figure of a special case as the rule's: its clause has a condition that neither sentence nor question names,
    - the deed of a question for who did it ("signed") by a quote that does not tell of it, where another of the
      sources' ``units`` does.
    """
    words = content_words(sentence)
    first, figures = quotes[0], numbers(sentence)
    is_row = figures and asks_level(question) and row_label(first.quote) is not None
    if is_row and not names_row(sentence, first.quote, first.columns):
        return True
    if figures and special_case(f"{question} {sentence}", first.quote, figures):
        return True
    deed = _deed(question) & words
    return any(deed & content_words(unit.quote) for unit in units) and not any(
        deed & content_words(quote.quote) for quote in quotes
    )


def _deed(question: str) -> set[str]:
    """The stem of the verb after a question's "who"; none in other questions, nor after "who is"."""
    asked = _WHO.search(question)
    return content_words(asked["verb"]) if asked else set()
