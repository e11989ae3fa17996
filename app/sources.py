"""The sources of an answer, numbered in the order in which its sentences use them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.types import AnswerSentence, Citation


@dataclass(frozen=True, slots=True)
class NumberedSources:
    """``sources[n - 1]`` is source number n; ``marks[i]`` are the numbers that support sentence i, ascending."""

    sources: tuple[Citation, ...]
    marks: tuple[tuple[int, ...], ...]


def number_sources(sentences: Sequence[AnswerSentence]) -> NumberedSources:
    """Give every quote one number, however many sentences it supports: the same span is the same source."""
    numbers: dict[tuple[str, int, int], int] = {}
    sources: list[Citation] = []
    marks: list[tuple[int, ...]] = []
    for sentence in sentences:
        own: set[int] = set()
        for citation in sentence.citations:
            span = (citation.document_id, citation.start, citation.end)
            if span not in numbers:
                sources.append(citation)
                numbers[span] = len(sources)
            own.add(numbers[span])
        marks.append(tuple(sorted(own)))
    return NumberedSources(tuple(sources), tuple(marks))
