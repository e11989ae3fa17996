"""The quotes of an answer: their numbers and pages, and notes about documents that have changed or gone since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.messages import N_, _
from core.types import Answer, AnswerSentence, AnswerWords, Citation, Document
from ingest.locate import locate

if TYPE_CHECKING:
    from index.store.chats import SourceState
    from index.store.library import Library

SOURCE_NOTES: "Mapping[SourceState, str]" = {
    "same": "",
    "changed": N_("The file has changed since: this is what the earlier version said."),
    "gone": N_("This source is gone from the library; the quote is what it said."),
}


@dataclass(frozen=True, slots=True)
class NumberedSources:
    """``sources[n - 1]`` is source number n; ``marks[i]`` are the numbers that support sentence i, ascending."""

    sources: tuple[Citation, ...]
    marks: tuple[tuple[int, ...], ...]


class SourceNumbers:
    """Gives every quote one number, from 1, however often it is cited: the same span is the same source."""

    def __init__(self) -> None:
        self.sources: list[Citation] = []
        self._numbers: dict[tuple[str, int, int], int] = {}

    def of(self, citation: Citation) -> int:
        span = (citation.document_id, citation.start, citation.end)
        if span not in self._numbers:
            self.sources.append(citation)
            self._numbers[span] = len(self.sources)
        return self._numbers[span]


def number_sources(sentences: Sequence[AnswerSentence]) -> NumberedSources:
    """The sources of an answer's sentences in the order in which they are first cited."""
    numbers = SourceNumbers()
    marks = tuple(tuple(sorted({*map(numbers.of, sentence.citations)})) for sentence in sentences)
    return NumberedSources(tuple(numbers.sources), marks)


def cite(document: Document, start: int, end: int) -> Citation:
    """A citation of ``document.text[start:end]``."""
    place = locate(document.pages, document.text, start)
    return Citation(document.id, document.name, place, document.text[start:end], start, end, 1.0)


def place_of(found: Citation | AnswerWords) -> str:
    """File and place: "lease.pdf, p. 4"."""
    return f"{found.file}, {found.locator.label}".rstrip(", ")


def lines_of(answer: Answer) -> list[list[int]]:
    """The numbers of the answer's sentences, from 0, line by line as its text has them.

    A list's items stand apart, and so do the parts of an answer to several questions."""
    lines: list[list[int]] = [[]]
    place = 0
    begins = {part.start for part in answer.parts}
    for number, sentence in enumerate(answer.sentences):
        start = answer.text.find(sentence.text.strip(), place)
        if start >= 0:
            if "\n" in answer.text[place:start] and lines[-1]:
                lines.append([])
            place = start + len(sentence.text.strip())
        if number in begins and lines[-1]:
            lines.append([])
        lines[-1].append(number)
    return lines


def claims(answer: Answer) -> list[bool]:
    """For each sentence whether it says something of the documents; not where they do not answer what it is below.

    Of whole documents every sentence that does is cited; the program's own tell how long one is, or what it lacks.
    """
    if answer.headings:
        return [sentence.supported for sentence in answer.sentences]
    if not answer.parts:
        return [answer.found] * len(answer.sentences)
    starts = [*(part.start for part in answer.parts), len(answer.sentences)]
    found = [[part.found] * (end - part.start) for part, end in zip(answer.parts, starts[1:], strict=True)]
    return [one for many in found for one in many]


def overlap(one: Citation, other: Citation) -> bool:
    """Whether two quotes share a character."""
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def on_their_pages(
    sentences: Sequence[AnswerSentence], documents: Mapping[str, Document]
) -> tuple[AnswerSentence, ...]:
    """The sentences with the page of each quote's first character; ``documents`` are by id.

    The passage that a quote is from may go on over several pages, so its page can be another one. Quotes of other
    documents are unchanged.
    """

    def located(citation: Citation) -> Citation:
        document = documents.get(citation.document_id)
        if document is None:
            return citation
        return replace(citation, locator=locate(document.pages, document.text, citation.start))

    return tuple(replace(s, citations=tuple(located(c) for c in s.citations)) for s in sentences)


def missing_file_notes(library: "Library", documents: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each document whose file is no longer on the disk; ``documents`` are names by id."""
    from index.store.sources import all_gone, shown_place

    notes = []
    for document_id, name in documents.items():
        sources = library.sources_of(document_id)
        if all_gone(sources):
            place = shown_place(sources[0])
            notes.append(_("{name} is no longer at {place}: this is what was read of it.", name=name, place=place))
    return tuple(notes)


def source_change_notes(answer: Answer, states: "Mapping[str, SourceState]") -> list[str]:
    """A line for each quoted document that has changed or was removed since the answer; ``states`` are by id.

    For example "lease.pdf: The file has changed since: this is what the earlier version said."
    """
    quoted = {c.document_id: c.file for sentence in answer.sentences for c in sentence.citations}
    told = {key: _(SOURCE_NOTES[states[key]]) for key in quoted}
    return [f"{file}: {told[key]}" for key, file in quoted.items() if told[key]]
