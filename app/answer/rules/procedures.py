"""Questions of how to do something are answered with a whole section of steps.

"How do I start the pump?" is answered by the section "Starting". Its steps belong together, and none of them has to
name the pump or the start.
"""

import re
from collections.abc import Iterator

from app.answer.rules.base import ENGLISH, Rule
from app.answer.rules.cases import RankingCase
from app.answer.rules.passage_features import is_heading
from app.answer.rules.text_features import content_words
from core.types import Citation, Passage
from index.search.sentence_ranking import quoted
from ingest.sentences import sentence_spans

MOST_CHARACTERS = 600
"""Longest section that is quoted whole: about eight steps, a third of a page."""

SECTION_COVERAGE = 0.66
"""Least share of the question's words that a section, its headings and its title together hold: two of three."""

_HOW_TO = re.compile(r"(?i)\bhow (?:(?:do|can|could|should|must|shall|would) (?:i|we|you|one|they|people)|to)\b")


def section_of_steps(case: RankingCase) -> Citation | None:
    """The section that answers, without its heading and with the best sentence's score; None if there is none.

    All words of its heading must be in the question ("Starting" and "How do I start the pump?"). Together with its
    headings and title it must hold SECTION_COVERAGE of the question's words, and as many as the best sentence. Of
    several sections the first with the most words is chosen.
    """
    best = case.ranked[0]
    wanted = content_words(case.question)
    fewest = max(SECTION_COVERAGE * len(wanted), len(wanted & content_words(best.quote)))
    found: tuple[int, Citation] | None = None
    for passage in case.passages:
        around = content_words("\n".join((passage.title, *passage.headings)))
        for heading, start, end in _sections(passage):
            named = {word for word in content_words(heading) if any(map(str.isalpha, word))}
            held = len(wanted & (around | named | content_words(passage.text[start:end])))
            around |= named
            if not named or not named <= wanted or end - start > MOST_CHARACTERS or held < fewest:
                continue
            if found is None or held > found[0]:
                found = held, quoted(passage, start, end, best.score)
    return found[1] if found else None


def _sections(passage: Passage) -> Iterator[tuple[str, int, int]]:
    """Each heading in the passage's text, with the start and end of the sentences below it."""
    spans = sentence_spans(passage.text)
    headings = [at for at, (start, end) in enumerate(spans) if is_heading(passage.text[start:end])]
    for at, after in zip(headings, [*headings, len(spans)][1:], strict=True):
        if after > at + 1:
            yield passage.text[slice(*spans[at])], spans[at + 1][0], spans[after - 1][1]


SECTION_OF_STEPS = Rule(
    "section_of_steps",
    ENGLISH,
    lambda case: bool(_HOW_TO.search(case.question)),
    section_of_steps,
    "The heading says what was to be done, so that its steps are quoted whole.",
)
