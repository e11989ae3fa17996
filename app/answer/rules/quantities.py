"""A question of how much, and a sentence with figures -> whether these are of the thing, and not of its change."""

import re

from app.answer.rules.question_kinds import GREW, GROWTH, asks_level
from app.answer.rules.row_match import NAMED, YEAR, about, names_row, periods
from app.answer.rules.text_features import content_words, numbers
from index.analyzer import MONTHS
from index.search.figure_rows import row_label

LOOKED_BACK = 300
"""Characters before a figure in which its clause begins."""

FIGURE = re.compile(r"[$€£¥]?\d[\d.,]*")
_ABOUT = r"(?: (?:about|around|approximately|nearly|almost|over|some|more than|less than|no more than))?"
_AMOUNT = r"[$€£¥]?\d[\d.,]*(?: ?%)?(?: (?:percent|per cent|million|billion|thousand|euros|dollars|points))?"
_GOVERNS = re.compile(
    rf"\b(?:(?:{GREW}|{GROWTH})(?: by| of)?|(?:{GROWTH}) in (?P<what>.*) of){_ABOUT}"
    rf"(?: {_AMOUNT},? (?:or|and))? \W*$"
)
"""A change up to its figure: "increased 2% or ", "fell by about $", "an increase in net income of $"."""
_LEVEL = re.compile(r"\b(?:is|are|was|were|has|have|had|holds?|held|costs?|amount\w*|total\w*|reach\w*|means?)\b")
CLAUSE_END = re.compile(r"[.;:]\s")
_DAY = re.compile(rf"(?i)(?:{'|'.join(MONTHS)})[a-z]*\.? $")


def can_answer(question: str, quote: str, columns: str = "") -> bool:
    """Whether ``quote`` can answer. Only where the question asks how much there is of a thing, it cannot with a row of
    figures of something else, below the names of its ``columns``, with nothing but figures of a change, or, where it
    names a year or a quarter, without any figure but dates."""
    if not asks_level(question):
        return True
    if row_label(quote) is not None:
        return names_row(question, quote, columns)
    figures = [match for match in FIGURE.finditer(quote) if not _is_date(quote, match)]
    if not figures and periods(question):
        return False
    return not figures or not all(of_change(quote, match.start()) for match in figures)


def states_figure(question: str, quote: str) -> bool:
    """Whether it is a whole sentence with a figure and with most of what was asked for."""
    held = content_words(quote)
    wanted = about(question, held)
    return bool(numbers(quote)) and quote.rstrip().endswith(".") and len(wanted & held) >= NAMED * len(wanted)


def of_change(quote: str, at: int) -> bool:
    """Whether the figure at character ``at`` says by how much something changed: "increased 2% or $1.5 billion", "an
    increase in income of $768 million", but not "increased to $5 billion"."""
    clause = CLAUSE_END.split(quote[max(0, at - LOOKED_BACK) : at])[-1]
    governed = _GOVERNS.search(f"{clause[:1].lower()}{clause[1:]} ")
    return governed is not None and not _LEVEL.search(governed["what"] or "")


def _is_date(quote: str, match: re.Match[str]) -> bool:
    return bool(YEAR.fullmatch(match.group().rstrip(".,")) or _DAY.search(quote[: match.start()]))
