"""Rules that change the ranking of sentences: headings last; the code or row that was asked for first."""

from collections.abc import Sequence

from app.answer.rules.base import ANY_LANGUAGE, ENGLISH, Rule, always, objection
from app.answer.rules.cases import EvidenceCase, RankingCase
from app.answer.rules.passage_features import (
    columns_of,
    containing_passage,
    is_heading,
    is_title,
    plain_heading,
    surroundings,
)
from app.answer.rules.quantities import can_answer, states_figure
from app.answer.rules.question_kinds import asks_meaning, asks_quantity, begins_with_code
from app.answer.rules.row_match import is_only_that_row, of_other_quarter, periods
from app.answer.rules.text_features import codes, numbers
from core.types import Citation, Passage
from index.search.figure_rows import row_label

PROMOTION_SHARE = 0.7
"""Share of the best sentence's score from which a sentence with a fitting figure may take its place."""


def headings_last(case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking with headings and titles last: they hold the question's words and answer nothing."""
    headings = {plain_heading(heading) for passage in case.passages for heading in (passage.title, *passage.headings)}

    def is_last(citation: Citation) -> bool:
        return plain_heading(citation.quote) in headings or is_heading(citation.quote) or is_title(citation)

    return _if_new(sorted(case.ranked, key=is_last), case)


def asked_codes_first(case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking with the sentences first that hold a code of the question, such as "P3-E11".

    Codes of the title and the headings count too, except if the question asks what the code means.
    """
    wanted = codes(case.question)
    explained = asks_meaning(case.question)

    def lacks(citation: Citation) -> bool:
        home = containing_passage(citation, case.passages)
        around = codes("\n".join((home.title, *home.headings))) if home and not explained else set()
        return not wanted & (codes(citation.quote) | around)

    return _if_new(sorted(case.ranked, key=lacks), case)


def explained_codes_first(case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking with the sentences first that begin with the code: a list explains it, other texts mention it."""
    wanted = codes(case.question)
    return _if_new(sorted(case.ranked, key=lambda citation: not begins_with_code(citation.quote, wanted)), case)


def asked_figure_first(case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking with a better figure first, for a question that asks for a quantity; None if the best sentence stays.

    1. A row that is labelled with just what was asked for comes first; of several, the one of the period asked for.
    2. Else the best sentence stays if its figures fit (``_figure_fits``).
    3. Else the first row or sentence comes first whose figures fit and that scores PROMOTION_SHARE of the best one.
    """
    if not case.ranked:
        return None
    ranked, question = case.ranked, case.question
    around = [surroundings(citation, case.passages) for citation in ranked]
    places = [f"{citation.file} {above}" for citation, above in zip(ranked, around, strict=True)]
    rows = [row_label(citation.quote) is not None for citation in ranked]
    fits = [_figure_fits(question, each, case.passages, case.wrong_entity) for each in ranked]
    fitting = [
        at
        for at, citation in enumerate(ranked)
        if fits[at] and is_only_that_row(question, citation.quote, columns_of(citation, case.passages))
    ]
    if fitting:
        return _moved_first(max(fitting, key=lambda at: len(periods(question) & periods(places[at]))), ranked)
    if fits[0] and numbers(ranked[0].quote):
        return None
    for at, citation in enumerate(ranked):
        good = citation.score >= PROMOTION_SHARE * ranked[0].score
        if good and fits[at] and (rows[at] or (not fits[0] and states_figure(question, citation.quote))):
            return _moved_first(at, ranked)
    return None


def is_figure_of_another(case: EvidenceCase) -> bool:
    """Whether the best sentence's figures are a change, or of another row, quarter or entity than asked for."""
    return not _figure_fits(case.question, case.best, case.passages, case.wrong_entity)


def is_of_another_code(case: EvidenceCase) -> bool:
    """Whether the question names a code ("F5"), and the best sentence holds only others of the same form ("F4").

    A code of the title or the headings counts as held.
    """
    wanted, held = codes(case.question), codes(case.shown.quote)
    if not wanted or wanted & (held | codes(surroundings(case.shown, case.passages))):
        return False
    return bool({_shape(code) for code in wanted} & {_shape(code) for code in held})


def _figure_fits(question: str, citation: Citation, passages: Sequence[Passage], wrong_entity: frozenset[str]) -> bool:
    """Whether ``can_answer``, and it is no row of another quarter or of a document in ``wrong_entity``."""
    around = surroundings(citation, passages)
    other = citation.document_id in wrong_entity or of_other_quarter(question, f"{citation.file} {around}")
    is_row = row_label(citation.quote) is not None
    return not (is_row and other) and can_answer(question, citation.quote, around)


def _if_new(ranked: Sequence[Citation], case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking; None if it is the one that the case has."""
    return tuple(ranked) if tuple(ranked) != case.ranked else None


def _moved_first(at: int, ranked: Sequence[Citation]) -> tuple[Citation, ...]:
    """The ranking with the sentence of index ``at`` first."""
    return (ranked[at], *ranked[:at], *ranked[at + 1 :])


def _shape(code: str) -> str:
    """The form of a code: "a9-a99" for "p3-e07"."""
    return "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in code)


def _names_code(case: RankingCase) -> bool:
    return bool(codes(case.question))


def _asks_meaning_of_code(case: RankingCase) -> bool:
    return _names_code(case) and asks_meaning(case.question)


def _asks_quantity(case: RankingCase | EvidenceCase) -> bool:
    return asks_quantity(case.question)


EXPLAINED_CODES_FIRST = Rule(
    "explained_codes_first", ENGLISH, _asks_meaning_of_code, explained_codes_first, "A list explains the code."
)
ASKED_CODES_FIRST = Rule(
    "asked_codes_first", ANY_LANGUAGE, _names_code, asked_codes_first, "The sentence holds the code that was asked for."
)
HEADINGS_LAST = Rule("headings_last", ANY_LANGUAGE, always, headings_last, "A heading answers nothing by itself.")
ASKED_FIGURE_FIRST = Rule(
    "asked_figure_first", ENGLISH, _asks_quantity, asked_figure_first, "A row or sentence states the figure asked for."
)
FIGURE_OF_ANOTHER = Rule(
    "figure_of_another",
    ENGLISH,
    _asks_quantity,
    objection(is_figure_of_another),
    "The best figures are of another row, period or document, or say how much something changed.",
)
ANOTHER_CODE = Rule(
    "another_code",
    ANY_LANGUAGE,
    always,
    objection(is_of_another_code),
    "The best sentence is about another code than was asked for.",
)
