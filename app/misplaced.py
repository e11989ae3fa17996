"""A sentence and what it is cited by -> whether it says of one thing what the sources say of another."""

import re
from collections.abc import Sequence

from app.asked import condition, names_row
from app.words import content_words, numbers
from core.types import Citation
from index.figure_rows import row_label

_WHO = re.compile(r"(?i)\bwho(?:m|ever)?\b(?P<what>.*)")


def misplaced(sentence: str, question: str, quotes: Sequence[Citation], units: Sequence[Citation]) -> bool:
    """Whether ``sentence``, cited by ``quotes``, claims what these do not say although all its words are there:

    - a figure of a row that it does not name ("Net income was 859 million" by "Provision for income taxes 859 747"),
    - a figure of a special case as the rule's: nothing of the quote's condition is in the sentence or the question,
    - the deed of a question for who did it ("signed") by a quote that does not tell of it, where another of the
      sources' ``units`` does.
    """
    words = content_words(sentence)
    label = row_label(quotes[0].quote)
    if label is not None and numbers(sentence) and not names_row(sentence, label):
        return True
    special = condition(quotes[0].quote)
    if special and numbers(sentence) and not special & (words | content_words(question)):
        return True
    deed = _deed(question) & words
    return any(deed & content_words(unit.quote) for unit in units) and not any(
        deed & content_words(quote.quote) for quote in quotes
    )


def _deed(question: str) -> set[str]:
    """The stem of the first content word after "who"; none in other questions."""
    asked = _WHO.search(question)
    said = (content_words(word) for word in asked["what"].split()) if asked else ()
    return next((stems for stems in said if stems), set())
