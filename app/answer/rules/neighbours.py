"""Sentences that begin with a pronoun ("It was sold.") are quoted together with the sentence before them."""

from collections.abc import Sequence
from dataclasses import replace

from app.answer.rules.base import RankingCase, Rule
from app.answer.rules.passage_features import containing_passage, is_heading
from app.answer.rules.pronouns import POINTS_BACK
from core.types import Citation, Passage
from ingest.locate import locate
from ingest.sentences import sentence_spans


def with_neighbours(case: RankingCase) -> tuple[Citation, ...] | None:
    """Each sentence with its neighbours: the one before if it begins with a pronoun itself, the one after if that does.

    None if no sentence needs one.
    """
    wider = tuple(_with_neighbours(sentence, case.passages) for sentence in case.ranked)
    return wider if wider != case.ranked else None


def _with_neighbours(sentence: Citation, passages: Sequence[Passage]) -> Citation:
    home = containing_passage(sentence, passages)
    if home is None:
        return sentence
    spans = [(home.start + start, home.start + end) for start, end in sentence_spans(home.text)]
    if (sentence.start, sentence.end) not in spans:
        return sentence
    at = spans.index((sentence.start, sentence.end))
    texts = [home.text[start - home.start : end - home.start] for start, end in spans[max(0, at - 1) : at + 2]]
    before = at > 0 and _points_back(sentence.quote) and not is_heading(texts[0])
    after = at + 1 < len(spans) and _points_back(texts[-1])
    if not before and not after:
        return sentence
    start, end = spans[at - before][0], spans[at + after][1]
    place = locate(home.pages, home.text, start - home.start) if home.pages else sentence.locator
    quote = home.text[start - home.start : end - home.start]
    return replace(sentence, quote=quote, start=start, end=end, locator=place)


def _points_back(sentence: str) -> bool:
    """Whether an English sentence begins with a pronoun, as in "It was sold."."""
    words = sentence.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'“(,").lower() in POINTS_BACK


WITH_NEIGHBOURS = Rule("with_neighbours", with_neighbours, "A pronoun needs the sentence before it.")
