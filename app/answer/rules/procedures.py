"""How to do something: the section of steps below the heading that says just that, quoted whole.

The steps belong together, and none of them need name what they are steps of.
"""

import re
from collections.abc import Iterator

from app.answer.rules.base import ENGLISH, Rule
from app.answer.rules.cases import RankingCase
from app.answer.rules.sentence_order import is_heading
from app.answer.rules.text_features import content_words
from core.types import Citation, Passage
from index.search.sentence_ranking import quoted
from ingest.sentences import sentence_spans

MOST_CHARACTERS = 600
"""Of a section that is quoted whole: some eight steps, a third of a page."""

NAMED = 0.66
"""Share of the question's words that the section holds, with its title and the headings above it: two of three."""

_HOW_TO = re.compile(r"(?i)\bhow (?:(?:do|can|could|should|must|shall|would) (?:i|we|you|one|they|people)|to)\b")


def section_of_steps(case: RankingCase) -> Citation | None:
    """The section below a heading all of whose words were asked for ("Starting" to "How do I start the pump?"), without
    the heading; None where there is none.

    With its title and headings it must hold NAMED of the question's words, and no fewer than the best sentence. It has
    the best sentence's score.
    """
    best = case.ranked[0]
    wanted = content_words(case.question)
    fewest = max(NAMED * len(wanted), len(wanted & content_words(best.quote)))
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
    """Each heading in the passage's text with where the sentences below it begin and end."""
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
