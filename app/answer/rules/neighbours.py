"""Sentences that cannot be read without their neighbour, because they begin with a pronoun ("It was sold.")."""

from dataclasses import replace

from app.answer.rules.base import ENGLISH, Rule, always
from app.answer.rules.cases import SentenceCase
from app.answer.rules.pronouns import OPENS_LEANING
from app.answer.rules.sentence_order import home_of, is_heading
from core.types import Citation
from index.search.table_columns import column_names
from ingest.locate import locate
from ingest.sentences import sentence_spans

_PRONOUNS = "it its they their them he his him she her this that these those such both"
_LEANS_BACK = frozenset(_PRONOUNS.split())


def with_neighbours(case: SentenceCase) -> Citation | None:
    """The sentence with the one before it, where it begins with a pronoun, and with the one after it, where that does;
    None where it is no whole sentence of a passage. A row of a table is given the names of its columns."""
    citation = case.sentence
    home = home_of(citation, case.passages)
    if home is None:
        return None
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    at = next((i for i, span in enumerate(spans) if span == (citation.start, citation.end)), None)
    if at is None:
        return None
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and leans_back(citation.quote) and not is_heading(texts[0])
    after = at + 1 < len(spans) and leans_back(texts[-1])
    start, end = spans[at - before][0], spans[at + after][1]
    place = locate(home.pages, home.text, start - home.start) if home.pages else citation.locator
    quote = home.text[start - home.start : end - home.start]
    columns = column_names(home, citation.start - home.start)
    return replace(citation, quote=quote, start=start, end=end, locator=place, columns=columns)


def leans_back(sentence: str) -> bool:
    """Whether an English sentence begins with a pronoun, so that the one before it says of what it speaks."""
    words = sentence.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'“(,").lower() in OPENS_LEANING


WITH_NEIGHBOURS = Rule(
    "with_neighbours",
    ENGLISH,
    always,
    with_neighbours,
    "A pronoun needs the sentence before it.",
)
