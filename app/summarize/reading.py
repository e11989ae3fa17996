"""Reads whole documents: every quotable sentence, embedded and scored."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.answer.events import Event, Note, Progressed
from app.summarize.context import TaskContext
from app.summarize.phrasing import SECTION_CHARACTERS
from app.summarize.salience import Sentence, quotable_sentences, score_sentences
from app.summarize.sections import Section, split_sections
from core.messages import N_, ngettext
from core.types import AnswerSentence, Citation, Document
from ingest.locate import locate
from ingest.orders import find_orders

READING = N_("Reading {name}")

BATCH = 16
"""Sentences embedded between two checks for cancellation: about 0.05 s on two cores."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document with its quotable sentences.

    ``vectors`` are their unit embeddings, shape (sentences, dimension); ``values`` their scores, shape (sentences,).
    """

    document: Document
    sections: tuple[Section, ...]
    sentences: list[Sentence]
    vectors: NDArray[np.float32]
    values: NDArray[np.float32]

    def cite(self, at: int) -> AnswerSentence:
        """Sentence number ``at`` as a sentence of the answer, quoting itself."""
        sentence, document = self.sentences[at], self.document
        place = locate(document.pages, document.text, sentence.start)
        score = float(self.values[at])
        citation = Citation(
            document.id, document.name, place, sentence.text, sentence.start, sentence.end, round(score, 4)
        )
        return AnswerSentence(_as_sentence(document, sentence), (citation,))


def read_document(document: Document, context: TaskContext, what: str) -> Generator[Event, None, ReadDocument]:
    """Embed and score all quotable sentences, in order; yields progress as ``what``.

    If ``context.cancel`` is set meanwhile, only the sentences embedded so far are kept.
    """
    sections = split_sections(document, SECTION_CHARACTERS)
    sentences = quotable_sentences(document, sections)
    vectors = np.zeros((len(sentences), context.embedder.dimension), dtype=np.float32)
    done = 0
    while done < len(sentences) and not context.cancel.is_set():
        batch = sentences[done : done + BATCH]
        vectors[done : done + len(batch)] = context.embedder.embed_passages([" ".join(s.text.split()) for s in batch])
        done += len(batch)
        yield Progressed(what, done, len(sentences))
    sentences, vectors = sentences[:done], vectors[:done]
    values = score_sentences(sentences, vectors) if sentences else np.zeros(0, dtype=np.float32)
    return ReadDocument(document, sections, sentences, vectors, values)


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


def _as_sentence(document: Document, sentence: Sentence) -> str:
    """The sentence on one line; a table's row with the names of its columns, if they are known."""
    row = " ".join(sentence.text.split())
    headings = [h.text for h in document.headings if h.start <= sentence.start and " | " in h.text]
    cells, names = row.split(" | "), headings[-1].split(" | ") if headings else []
    if " | " not in row or len(cells) != len(names):
        return row
    return f"{cells[0]}: " + ", ".join(f"{name} {cell}" for name, cell in zip(names[1:], cells[1:], strict=True)) + "."
