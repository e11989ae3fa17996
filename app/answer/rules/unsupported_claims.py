"""Objections to a sentence that names, denies or dates something other than its quotes or sources do."""

from app.answer.rules.base import ENGLISH, Rule, always, objection
from app.answer.rules.cases import ClaimCase, SupportCase
from app.answer.rules.text_features import checkable_tokens, content_words, dates, holds_date, negated


def is_in_no_source(case: ClaimCase) -> bool:
    """Whether a figure, a date in figures or a name of the sentence is in none of the sources."""
    return not checkable_tokens(case.sentence, case.question) <= case.source_tokens


def is_denied(case: SupportCase) -> bool:
    """Whether the sentence denies a word that the first quote states, or the quote denies one that the sentence states.

    For example "was not paid" and "was paid". If both deny something, the quote may only put it in other words
    ("never run", "is not allowed to run"), so its denials are not compared.
    """
    quote = case.quotes[0].quote
    denied, denied_there = negated(case.sentence), negated(quote)
    if (denied & content_words(quote)) - denied_there:
        return True
    return not denied and bool(denied_there & content_words(case.sentence))


def has_another_date(case: SupportCase) -> bool:
    """Whether the sentence has a date that is in none of the quotes."""
    quoted = set().union(*(dates(quote.quote) for quote in case.quotes))
    return not all(holds_date(quoted, date) for date in dates(case.sentence))


IN_NO_SOURCE = Rule(
    "in_no_source", ENGLISH, always, objection(is_in_no_source), "A figure or name stands in none of the sources."
)
DENIED = Rule("denied", ENGLISH, always, objection(is_denied), "One denies what the other states.")
ANOTHER_DATE = Rule(
    "another_date", ENGLISH, always, objection(has_another_date), "A date stands in none of the quotes."
)
