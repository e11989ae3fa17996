"""Rules that change the ranking of sentences."""

from app.answer.rules.base import RankingCase, Rule
from app.answer.rules.passage_features import is_heading, is_title, plain_heading
from core.types import Citation


def headings_last(case: RankingCase) -> tuple[Citation, ...] | None:
    """The ranking with headings and titles last: they hold the question's words and answer nothing."""
    headings = {plain_heading(heading) for passage in case.passages for heading in (passage.title, *passage.headings)}

    def is_last(citation: Citation) -> bool:
        return plain_heading(citation.quote) in headings or is_heading(citation.quote) or is_title(citation)

    ranked = tuple(sorted(case.ranked, key=is_last))
    return ranked if ranked != case.ranked else None


HEADINGS_LAST = Rule("headings_last", headings_last, "Headings come last: they answer nothing by themselves.")
