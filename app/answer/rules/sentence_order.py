"""In which order ranked sentences answer: headings last, the codes and rows of figures that were asked for first."""

from collections.abc import Sequence

from app.answer.rules.base import ANY_LANGUAGE, ENGLISH, Rule, always, objection
from app.answer.rules.cases import EvidenceCase, RankingCase
from app.answer.rules.quantities import can_answer, states_figure
from app.answer.rules.question_kinds import asks_level, asks_meaning, begins_with_code
from app.answer.rules.row_match import is_only_that_row, of_other_quarter, periods
from app.answer.rules.text_features import codes, numbers
from core.types import Citation, Passage
from index.search.figure_rows import row_label
from index.search.table_columns import column_names

HEADING_WORDS = 8
"""A stretch of at most so many words without a full stop, a figure or a cell is a heading."""

TITLE_WORDS = 20
"""A document's first line of at most so many words without a full stop is its title."""

NEARLY_AS_GOOD = 0.7
"""Share of the best sentence's score from which a sentence with a fitting figure takes its place."""

_ENDS = (".", "!", "?", "。", "।", "؟", "…")


def headings_last(case: RankingCase) -> tuple[Citation, ...]:
    """Headings and titles after all sentences: they share the question's words and answer nothing."""
    headings = {_plain(heading) for passage in case.passages for heading in (passage.title, *passage.headings)}

    def is_last(citation: Citation) -> bool:
        return _plain(citation.quote) in headings or is_heading(citation.quote) or _is_title(citation)

    return tuple(sorted(case.ranked, key=is_last))


def asked_codes_first(case: RankingCase) -> tuple[Citation, ...]:
    """Sentences that hold a code of the question ("P3-E11") first, for neighbouring rows look the same.

    A code of the title or the headings counts for all their sentences, but not where its meaning was asked for.
    """
    wanted = codes(case.question)
    explained = asks_meaning(case.question)

    def lacks(citation: Citation) -> bool:
        home = home_of(citation, case.passages)
        around = codes("\n".join((home.title, *home.headings))) if home and not explained else set()
        return not wanted & (codes(citation.quote) | around)

    return tuple(sorted(case.ranked, key=lacks))


def explained_codes_first(case: RankingCase) -> tuple[Citation, ...]:
    """Sentences that begin with the code first: a list explains a code, a report only mentions it."""
    wanted = codes(case.question)
    return tuple(sorted(case.ranked, key=lambda citation: not begins_with_code(citation.quote, wanted)))


def asked_figure_first(case: RankingCase) -> tuple[Citation, ...] | None:
    """For a question of how much: the row of figures that was asked for first, of several that of the quarter and
    year that were asked for; else, where the best sentence states no fitting figure, one that does and scores nearly
    as well. None where the best sentence stays."""
    if not case.ranked:
        return None
    ranked, question = case.ranked, case.question
    around = [around_of(citation, case.passages) for citation in ranked]
    places = [f"{citation.file} {above}" for citation, above in zip(ranked, around, strict=True)]
    rows = [row_label(citation.quote) is not None for citation in ranked]
    tells = [_can_tell(question, each, case.passages, case.foreign) for each in ranked]
    fitting = [
        at
        for at, citation in enumerate(ranked)
        if tells[at] and is_only_that_row(question, citation.quote, _columns(citation, case.passages))
    ]
    if fitting:
        return _first(max(fitting, key=lambda at: len(periods(question) & periods(places[at]))), ranked)
    if tells[0] and numbers(ranked[0].quote):
        return None
    for at, citation in enumerate(ranked):
        good = citation.score >= NEARLY_AS_GOOD * ranked[0].score
        if good and tells[at] and (rows[at] or (not tells[0] and states_figure(question, citation.quote))):
            return _first(at, ranked)
    return None


def is_figure_of_another(case: EvidenceCase) -> bool:
    """Whether the best sentence's figures are of another row, quarter or document than asked for, or of a change."""
    return not _can_tell(case.question, case.best, case.passages, case.foreign)


def is_of_another_code(case: EvidenceCase) -> bool:
    """Whether a code was asked for ("F5") and the best sentence, with its title and headings, holds only others that
    look like it ("F4")."""
    wanted, held = codes(case.question), codes(case.shown.quote)
    if not wanted or wanted & (held | codes(around_of(case.shown, case.passages))):
        return False
    return bool({_shape(code) for code in wanted} & {_shape(code) for code in held})


def is_heading(text: str) -> bool:
    """Whether a stretch of text reads as a heading: few words, no full stop, no figure and no cell."""
    plain = _plain(text)
    return (
        len(plain.split()) <= HEADING_WORDS
        and not plain.endswith(_ENDS)
        and not any(sign.isdigit() or sign in "|:\t" for sign in plain)
    )


def around_of(row: Citation, passages: Sequence[Passage]) -> str:
    """What a row stands under: the names of its columns, its headings and its title, a line each."""
    home = home_of(row, passages)
    return "\n".join((_columns(row, passages), home.title, *home.headings)) if home else ""


def home_of(citation: Citation, passages: Sequence[Passage]) -> Passage | None:
    """The first passage that holds a quote whole."""
    same = (passage for passage in passages if passage.document_id == citation.document_id)
    return next((home for home in same if home.start <= citation.start and citation.end <= home.end), None)


def _can_tell(question: str, citation: Citation, passages: Sequence[Passage], foreign: frozenset[str]) -> bool:
    around = around_of(citation, passages)
    other = citation.document_id in foreign or of_other_quarter(question, f"{citation.file} {around}")
    is_row = row_label(citation.quote) is not None
    return not (is_row and other) and can_answer(question, citation.quote, around)


def _first(at: int, ranked: Sequence[Citation]) -> tuple[Citation, ...]:
    return (ranked[at], *ranked[:at], *ranked[at + 1 :])


def _shape(code: str) -> str:
    return "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in code)


def _plain(heading: str) -> str:
    return " ".join(heading.split()).lstrip("#§ 0123456789.)").casefold()


def _is_title(citation: Citation) -> bool:
    """Whether it is the line that a document begins with: "Pump P3: operating manual"."""
    line = citation.quote.strip()
    other = citation.start or line.endswith(_ENDS) or any(sign in line for sign in "\n|\t")
    return not other and len(line.split()) <= TITLE_WORDS


def _columns(row: Citation, passages: Sequence[Passage]) -> str:
    home = home_of(row, passages)
    return column_names(home, row.start - home.start) if home else ""


def _names_code(case: RankingCase) -> bool:
    return bool(codes(case.question))


def _asks_meaning_of_code(case: RankingCase) -> bool:
    return _names_code(case) and asks_meaning(case.question)


def _asks_level(case: RankingCase | EvidenceCase) -> bool:
    return asks_level(case.question)


EXPLAINED_CODES_FIRST = Rule(
    "explained_codes_first", ENGLISH, _asks_meaning_of_code, explained_codes_first, "A list explains the code."
)
ASKED_CODES_FIRST = Rule(
    "asked_codes_first", ANY_LANGUAGE, _names_code, asked_codes_first, "The sentence holds the code that was asked for."
)
HEADINGS_LAST = Rule("headings_last", ANY_LANGUAGE, always, headings_last, "A heading answers nothing by itself.")
ASKED_FIGURE_FIRST = Rule(
    "asked_figure_first", ENGLISH, _asks_level, asked_figure_first, "A row or sentence states the figure asked for."
)
FIGURE_OF_ANOTHER = Rule(
    "figure_of_another",
    ENGLISH,
    _asks_level,
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
