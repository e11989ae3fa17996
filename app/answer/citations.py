"""The sources of an answer, numbered in the order in which its sentences use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import Answer, AnswerSentence, Citation

if TYPE_CHECKING:
    from index.store.chats import SourceState
    from index.store.library import Library

SOURCE_NOTES: "Mapping[SourceState, str]" = {
    "same": "",
    "changed": "The file has changed since: this is what the earlier version said.",
    "gone": "This source is gone from the library; the quote is what it said.",
}


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


def gone_notes(library: "Library", documents: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each of these documents, id -> name, whose file is no longer on the disk."""
    from index.store.sources import all_gone, shown_place

    notes = []
    for document_id, name in documents.items():
        sources = library.sources_of(document_id)
        if all_gone(sources):
            notes.append(f"{name} is no longer at {shown_place(sources[0])}: this is what was read of it.")
    return tuple(notes)


def became_of(given: Answer, states: "Mapping[str, SourceState]") -> list[str]:
    """What became since of the documents that the answer quotes, in a line each; none where they are as they were.
    ``states`` are by the documents' ids."""
    quoted = {c.document_id: c.file for sentence in given.sentences for c in sentence.citations}
    told = {key: SOURCE_NOTES[states[key]] for key in quoted}
    return [f"{file}: {told[key]}" for key, file in quoted.items() if told[key]]
