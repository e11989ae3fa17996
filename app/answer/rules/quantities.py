"""Whether the figures of a sentence are the quantity that a question asks for, or only a change of it."""

import re

from app.answer.rules.question_kinds import CHANGE_NOUNS, CHANGE_VERBS, asks_quantity
from app.answer.rules.row_match import LABEL_COVERAGE, YEAR, names_row, periods, topic_stems
from app.answer.rules.text_features import content_words, numbers
from index.analyzer import MONTHS
from index.search.figure_rows import row_label

LOOKED_BACK = 300
"""Characters before a figure that are searched for the beginning of its clause."""

FIGURE = re.compile(r"[$€£¥]?\d[\d.,]*")
_APPROXIMATELY = r"(?: (?:about|around|approximately|nearly|almost|over|some|more than|less than|no more than))?"
_AMOUNT = r"[$€£¥]?\d[\d.,]*(?: ?%)?(?: (?:percent|per cent|million|billion|thousand|euros|dollars|points))?"
_GOVERNS = re.compile(
    rf"\b(?:(?:{CHANGE_VERBS}|{CHANGE_NOUNS})(?: by| of)?|(?:{CHANGE_NOUNS}) in (?P<what>.*) of){_APPROXIMATELY}"
    rf"(?: {_AMOUNT},? (?:or|and))? \W*$"
)
"""The text of a change, up to its figure: "increased 2% or ", "fell by about $", "an increase in net income of $"."""
_STATE_VERBS = re.compile(r"\b(?:is|are|was|were|has|have|had|holds?|held|costs?|amount\w*|total\w*|reach\w*|means?)\b")
CLAUSE_END = re.compile(r"[.;:]\s")
_DAY = re.compile(rf"(?i)(?:{'|'.join(MONTHS)})[a-z]*\.? $")


def can_answer(question: str, quote: str, columns: str = "") -> bool:
    """Whether ``quote`` has the right figures for a question. True for all questions that do not ask for a quantity.

    ``columns`` are the texts above a row of figures. For a question like "What was the net income in 2022?" it is False
    in three cases:

    - the quote is a row of figures of something else ("Income taxes 859 747"),
    - all its figures are changes ("Net income increased 2%."),
    - the question names a year or quarter, and the quote has no figures except dates.
    """
    if not asks_quantity(question):
        return True
    if row_label(quote) is not None:
        return names_row(question, quote, columns)
    figures = [match for match in FIGURE.finditer(quote) if not _is_date(quote, match)]
    if not figures and periods(question):
        return False
    return not figures or not all(is_change_figure(quote, match.start()) for match in figures)


def states_figure(question: str, quote: str) -> bool:
    """Whether the quote is a complete sentence with a figure and LABEL_COVERAGE of what the question is about."""
    held = content_words(quote)
    wanted = topic_stems(question, held)
    return bool(numbers(quote)) and quote.rstrip().endswith(".") and len(wanted & held) >= LABEL_COVERAGE * len(wanted)


def is_change_figure(quote: str, at: int) -> bool:
    """Whether the figure at character ``at`` of ``quote`` says by how much something changed.

    It does in "increased 2% or $1.5 billion" and "an increase in income of $768 million", not in "increased to $5
    billion".
    """
    clause = CLAUSE_END.split(quote[max(0, at - LOOKED_BACK) : at])[-1]
    governed = _GOVERNS.search(f"{clause[:1].lower()}{clause[1:]} ")
    return governed is not None and not _STATE_VERBS.search(governed["what"] or "")


def _is_date(quote: str, match: re.Match[str]) -> bool:
    return bool(YEAR.fullmatch(match.group().rstrip(".,")) or _DAY.search(quote[: match.start()]))
