"""Reads whole documents: every quotable sentence, embedded and scored."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.answer.citations import cite
from app.answer.events import Event, Note, Progressed
from app.summarize.context import TaskContext
from app.summarize.facts import Facts, facts_of
from app.summarize.phrasing import SECTION_CHARACTERS
from app.summarize.salience import LONGEST, MARKS, Sentence, quotable_sentences, score_sentences
from app.summarize.sections import Section, group_sections, split_sections
from core.messages import N_, ngettext
from core.types import AnswerSentence, Document
from index.language import language_of
from ingest.orders import find_orders

READING = N_("Reading {name}")

POINTS_BACK = frozenset(
    (
        *("he", "she", "it", "they", "this", "these", "that", "those"),
        *("er", "sie", "es", "dies", "dieser", "diese", "dieses", "diesen"),
        *("il", "elle", "ils", "elles", "ce", "cela", "ceci", "celui", "celle"),
        *("él", "ella", "ellos", "ellas", "esto", "este", "esta"),
    )
)
"""First words of a sentence that say little without the one before; English, German, French and Spanish."""

BATCH = 16
"""Sentences embedded between two checks for cancellation: about 0.05 s on two cores."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document with its quotable sentences.

    ``vectors`` are their unit embeddings, shape (sentences, dimension); ``values`` their scores, shape (sentences,);
    ``facts`` what each names.
    """

    document: Document
    sections: tuple[Section, ...]
    sentences: list[Sentence]
    vectors: NDArray[np.float32]
    values: NDArray[np.float32]
    facts: list[Facts]

    @property
    def groups(self) -> list[int]:
        """For each section the number of the heading that it belongs to: pieces of one section share it."""
        return group_sections(self.sections)

    def cite(self, at: int) -> AnswerSentence:
        """Sentence number ``at`` as a sentence of the answer, quoting itself."""
        document, start, end = self.document, self._begin(at), self.sentences[at].end
        citation = replace(cite(document, start, end), score=round(float(self.values[at]), 4))
        return AnswerSentence(as_sentence(document, start, citation.quote), (citation,))

    def _begin(self, at: int) -> int:
        """Where the quote of a sentence begins: with the sentence before it, where it begins by pointing back at that
        ("He resigned.") and both are short."""
        sentence, before = self.sentences[at], self.sentences[at - 1] if at else None
        first = sentence.text.split(maxsplit=1)[0].casefold().strip(",;")
        if before is None or first not in POINTS_BACK or before.section != sentence.section:
            return sentence.start
        between = self.document.text[before.end : sentence.start]
        is_near = not between.strip() and sentence.end - before.start <= LONGEST
        return before.start if is_near else sentence.start


def read_document(document: Document, context: TaskContext, what: str) -> Generator[Event, None, ReadDocument]:
    """Embed and score all quotable sentences, in order; yields progress as ``what``.

    If ``context.cancel`` is set meanwhile, only the sentences embedded so far are kept.
    """
    sections = split_sections(document, SECTION_CHARACTERS)
    sentences = quotable_sentences(document, sections)
    vectors = np.zeros((len(sentences), context.embedder.dimension), dtype=np.float32)
    facts: list[Facts] = []
    language = language_of(document.text)
    done = 0
    while done < len(sentences) and not context.cancel.is_set():
        batch = sentences[done : done + BATCH]
        vectors[done : done + len(batch)] = context.embedder.embed_passages([" ".join(s.text.split()) for s in batch])
        facts += [facts_of(sentence.text, language) for sentence in batch]
        done += len(batch)
        yield Progressed(what, done, len(sentences))
    sentences, vectors = sentences[:done], vectors[:done]
    values = score_sentences(sentences, vectors, facts) if sentences else np.zeros(0, dtype=np.float32)
    return ReadDocument(document, sections, sentences, vectors, values, facts)


def note_orders(*documents: Document) -> Generator[Event, None, None]:
    """Yields a note for each document of which passages were left out because they give orders to a model."""
    for document in documents:
        if count := len(find_orders(document.text)):
            yield Note(
                ngettext(
                    "{name}: left out, for it gives orders to a model: {count} passage.",
                    "{name}: left out, for they give orders to a model: {count} passages.",
                    count,
                    name=document.name,
                )
            )


def as_sentence(document: Document, start: int, text: str) -> str:
    """The sentence on one line; a table's row with the names of its columns, if they are known."""
    row = " ".join(MARKS.sub("", text).split())
    headings = [h.text for h in document.headings if h.start <= start and " | " in h.text]
    cells, names = row.split(" | "), headings[-1].split(" | ") if headings else []
    if " | " not in row or len(cells) != len(names):
        return row
    return f"{cells[0]}: " + ", ".join(f"{name} {cell}" for name, cell in zip(names[1:], cells[1:], strict=True)) + "."
