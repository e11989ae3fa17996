"""Ranked sentences -> the order in which they answer: headings last, codes and rows that were asked for first."""

from collections.abc import Container, Sequence

from app.answer.rules.quantities import can_answer, states_figure
from app.answer.rules.question_kinds import asks_level, asks_meaning, begins_with_code
from app.answer.rules.row_match import is_row_alone, of_other_quarter, periods
from app.answer.rules.text_features import codes, numbers
from core.types import Citation, Passage
from index.search.figure_rows import row_label
from index.search.table_columns import column_names

HEADING_WORDS = 8
"""A stretch of at most so many words without a full stop, a figure or a cell is a heading."""

TITLE_WORDS = 20
"""A document's first line of at most so many words without a full stop is its title."""

ABOUT = 0.7
"""Share of the best sentence's score from which one that can tell takes its place."""


_ENDS = (".", "!", "?", "。", "।", "؟", "…")


def in_order(ranked: Sequence[Citation], question: str, passages: Sequence[Passage]) -> list[Citation]:
    """Headings last, for they share the question's words and answer nothing. Before them what holds a code that was
    asked for ("P3-E11") comes before what does not, for neighbouring rows look the same; a code of the title or the
    headings is all their sentences'. Where a code's meaning was asked for, what begins with it comes first: a list
    explains it, a report mentions it."""
    headings = {_plain(heading) for passage in passages for heading in (passage.title, *passage.headings)}
    wanted = codes(question)
    explained = asks_meaning(question)

    def place(citation: Citation) -> tuple[bool, bool, bool]:
        heading = _plain(citation.quote) in headings or is_heading(citation.quote) or _is_title(citation)
        if not wanted:
            return heading, False, False
        home = home_of(citation, passages)
        around = codes("\n".join((home.title, *home.headings))) if home and not explained else set()
        held = wanted & (codes(citation.quote) | around)
        return heading, not held, not (explained and begins_with_code(citation.quote, wanted))

    return sorted(ranked, key=place)


def of_another_code(question: str, best: Citation, passages: Sequence[Passage]) -> bool:
    """Whether a code was asked for ("F5") and the best sentence, with its title and headings, holds only others that
    look like it ("F4")."""
    wanted, held = codes(question), codes(best.quote)
    if not wanted or wanted & (held | codes(_around(best, passages))):
        return False
    return bool({_shape(code) for code in wanted} & {_shape(code) for code in held})


def _shape(code: str) -> str:
    return "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in code)


def telling_first(
    ranked: Sequence[Citation], question: str, passages: Sequence[Passage], strangers: Container[str]
) -> tuple[list[Citation], bool]:
    """The ranking, and whether its first sentence can tell what was asked for. Where it cannot, one with a figure that
    can and is about as good takes its place; a row of what was asked for also that of a sentence without figures, and
    a row of just that any sentence's: prose holds the same words about a part of it. Of several such rows that of the
    quarter and year that were asked for comes first, by its file and what it stands under."""
    if not ranked or not asks_level(question):
        return list(ranked), True

    around = [_around(citation, passages) for citation in ranked]
    places = [f"{citation.file} {above}" for citation, above in zip(ranked, around, strict=True)]
    rows = [row_label(citation.quote) is not None for citation in ranked]

    def can_tell(at: int) -> bool:
        strange = ranked[at].document_id in strangers or of_other_quarter(question, places[at])
        return not (rows[at] and strange) and can_answer(question, ranked[at].quote, around[at])

    def first(at: int) -> list[Citation]:
        return [ranked[at], *ranked[:at], *ranked[at + 1 :]]

    tells = [can_tell(at) for at in range(len(ranked))]
    asked = [at for at, c in enumerate(ranked) if tells[at] and is_row_alone(question, c.quote, _columns(c, passages))]
    if asked:
        return first(max(asked, key=lambda at: len(periods(question) & periods(places[at])))), True
    if tells[0] and numbers(ranked[0].quote):
        return list(ranked), True
    for at, citation in enumerate(ranked):
        good = citation.score >= ABOUT * ranked[0].score
        if good and tells[at] and (rows[at] or (not tells[0] and states_figure(question, citation.quote))):
            return first(at), True
    return list(ranked), tells[0]


def _plain(heading: str) -> str:
    return " ".join(heading.split()).lstrip("#§ 0123456789.)").casefold()


def _is_title(citation: Citation) -> bool:
    """Whether it is the line that a document begins with: "Pump P3: operating manual"."""
    line = citation.quote.strip()
    other = citation.start or line.endswith(_ENDS) or any(sign in line for sign in "\n|\t")
    return not other and len(line.split()) <= TITLE_WORDS


def is_heading(text: str) -> bool:
    plain = _plain(text)
    return (
        len(plain.split()) <= HEADING_WORDS
        and not plain.endswith(_ENDS)
        and not any(sign.isdigit() or sign in "|:\t" for sign in plain)
    )


def _columns(row: Citation, passages: Sequence[Passage]) -> str:
    home = home_of(row, passages)
    return column_names(home, row.start - home.start) if home else ""


def _around(row: Citation, passages: Sequence[Passage]) -> str:
    """What a row stands under: the names of its columns, its headings and its title."""
    home = home_of(row, passages)
    return "\n".join((_columns(row, passages), home.title, *home.headings)) if home else ""


def home_of(citation: Citation, passages: Sequence[Passage]) -> Passage | None:
    """The first passage that holds a quote whole."""
    same = (passage for passage in passages if passage.document_id == citation.document_id)
    return next((home for home in same if home.start <= citation.start and citation.end <= home.end), None)
