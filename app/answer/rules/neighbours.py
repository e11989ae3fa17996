"""Sentences that begin with a pronoun ("It was sold.") are quoted together with the sentence before them."""

from dataclasses import replace

from app.answer.rules.base import ENGLISH, Rule, always
from app.answer.rules.cases import SentenceCase
from app.answer.rules.passage_features import containing_passage, is_heading
from app.answer.rules.pronouns import ANAPHORIC_OPENERS
from core.types import Citation
from index.search.table_columns import column_names
from ingest.locate import locate
from ingest.sentences import sentence_spans


def with_neighbours(case: SentenceCase) -> Citation | None:
    """The sentence with its neighbours: the one before if it begins with a pronoun itself, the one after if that does.

    A row of a table gets the names of its columns. None if it needs none, or is not exactly one sentence of a passage.
    """
    citation = case.sentence
    home = containing_passage(citation, case.passages)
    if home is None:
        return None
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    at = next((i for i, span in enumerate(spans) if span == (citation.start, citation.end)), None)
    if at is None:
        return None
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and starts_with_anaphor(citation.quote) and not is_heading(texts[0])
    after = at + 1 < len(spans) and starts_with_anaphor(texts[-1])
    start, end = spans[at - before][0], spans[at + after][1]
    place = locate(home.pages, home.text, start - home.start) if home.pages else citation.locator
    quote = home.text[start - home.start : end - home.start]
    columns = column_names(home, citation.start - home.start)
    wider = replace(citation, quote=quote, start=start, end=end, locator=place, columns=columns)
    return wider if wider != citation else None


def starts_with_anaphor(sentence: str) -> bool:
    """Whether an English sentence begins with a pronoun, as in "It was sold."."""
    words = sentence.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'“(,").lower() in ANAPHORIC_OPENERS


WITH_NEIGHBOURS = Rule(
    "with_neighbours",
    ENGLISH,
    always,
    with_neighbours,
    "A pronoun needs the sentence before it.",
)
