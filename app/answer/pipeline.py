"""A question and a library -> an answer in which every sentence is tied to what supports it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.answer import untrusted
from app.answer.answerability import answers
from app.answer.citations import gone_notes
from app.answer.draft import Draft, Task, draft
from app.answer.events import Answered, Event, EvidenceFound, Note, Piece, Retrieved
from app.answer.evidence import Evidence, find_evidence, is_small, sources_for
from app.answer.page_layout import documents_of, with_columns, without_furniture
from app.answer.react import draft_in_steps
from app.answer.rules.row_match import strangers
from app.answer.untrusted import without_orders
from app.answer.verdict import Verdict, from_evidence, from_words, judge, not_found
from app.answer.writing import tapped
from core.errors import ModelError, UsageError
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from core.types import Answer, AnswerBy, AnswerSentence, Citation, Document, Message, Mode, Passage, Timings, Usage
from ingest.locate import locate
from prompts.fit import refuse_long

if TYPE_CHECKING:
    from index.reader.span_reader import SpanReader
    from index.search.filters import Filter
    from index.search.retriever import Retriever
    from index.store.library import Library

EVIDENCE = 3
"""Sentences shown and given to a small model: the best three held the answer for 88 of 100 questions, one for 80."""

SEARCHED_CHARACTERS = 2000
"""Of a question that are searched: far more than a question's, and no more than an embedder reads."""

LONG = f"Only the first {SEARCHED_CHARACTERS:,} characters of the question were searched for."


def answer(
    question: str,
    *,
    library: Library,
    retriever: Retriever,
    embedder: Embedder,
    engine: ChatEngine | None,
    settings: Settings,
    history: Sequence[Message] = (),
    mode: Mode | None = None,
    answer_by: AnswerBy | None = None,
    conversation: str = "",
    cancel: threading.Event | None = None,
    search_for: str = "",
    load_reader: Callable[[], SpanReader] | None = None,
    within: Filter | None = None,
) -> Generator[Event, None, None]:
    """Answer ``question`` from the library's documents; the last event is ``Answered``.

    ``engine`` None answers with the evidence alone; so do ``answer_by`` "words" (the words in it that answer, where
    there are any) and "evidence", without waking the engine, which then writes no searches either. ``history`` holds
    the earlier turns as they were sent. ``search_for`` is searched instead of the question, where a follow-up does not
    say what it is about.
    ``within`` limits all searches to a part of the library (``index.search.filters``).
    ``load_reader`` gives the span reader; where it raises ModelError, a note says so and the answer goes on without.
    Setting ``cancel`` or closing the iterator ends the model's work; a cancelled answer keeps what was written.

    Raises UsageError (a question without a word, a filter that keeps nothing), NoDocuments, WindowError (a question
    too long), EngineStopped.
    """
    if not any(map(str.isalnum, question)):
        raise UsageError("the question is empty.", "Ask something about your documents.")
    mode, answer_by = mode or settings.mode, answer_by or settings.answer
    engine = engine if answer_by == "model" else None
    if engine is not None:
        refuse_long(question, engine.window)
    clock = _Clock()
    sought = (search_for or question)[:SEARCHED_CHARACTERS]
    retrieval = retriever.search(sought, within=within, cancel=cancel, expanded=engine is not None)
    passages = retrieval.passages
    yield Retrieved(passages, retrieval.milliseconds)
    reader, problem = _span_reader(load_reader)
    documents = documents_of(passages, library)
    texts = {key: document.text for key, document in documents.items()}
    plain = without_orders(passages, texts)
    evidence = _evidence(sought, plain, documents, embedder, reader)
    answered = answers(sought, evidence, settings.strictness, small=engine is None or is_small(engine))
    if not answered:
        evidence = replace(evidence, words=None)
    clock.evidence = clock.now()
    yield EvidenceFound(evidence.sentences, clock.evidence, evidence.words, answered)

    drafted = Draft("", ())
    if not answered:
        verdict = not_found()
    elif answer_by == "words":
        verdict = from_words(evidence, sought)
    elif engine is None or (evidence.whole and is_small(engine)):
        verdict = from_evidence(evidence, question=sought)
    else:
        sources = sources_for(engine, settings.reads, evidence.sentences, plain)
        words = evidence.words if is_small(engine) else None
        task = Task(question.strip(), sources, engine, settings, tuple(history), conversation, cancel, words, within)
        drafted = yield from tapped(_drafted(task, mode, retriever, embedder), clock.tap)
        verdict = judge(sought, drafted, evidence, embedder, small=is_small(engine))
    notes = (
        *((LONG,) if len(search_for or question) > SEARCHED_CHARACTERS else ()),
        *retrieval.notes,
        *problem,
        *drafted.notes,
        *verdict.notes,
        *untrusted.notes(_read(passages, evidence, engine), verdict.sentences, texts),
        *gone_notes(library, {quote.document_id: quote.file for quote in _shown(evidence, verdict)}),
    )
    for note in notes:
        yield Note(note)
    yield Answered(
        Answer(
            question=question,
            text=verdict.text,
            found=verdict.found,
            sentences=_placed(verdict.sentences, documents, library),
            evidence=evidence.sentences,
            passages=passages,
            steps=drafted.steps,
            timings=Timings(retrieval.milliseconds, clock.evidence, clock.first_token, clock.now()),
            usage=drafted.usage,
            model=engine.name if engine else "",
            mode=mode,
            cancelled=drafted.cancelled,
            notes=notes,
            words=evidence.words,
            answerable=evidence.answerable,
            searched=sought,
        )
    )


def _evidence(
    sought: str,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    embedder: Embedder,
    reader: SpanReader | None,
) -> Evidence:
    """What ``passages`` say to the question, without the running lines of their pages, rows of figures below their
    columns."""
    others = strangers(sought, {key: document.text for key, document in documents.items()})
    quotable = without_furniture(passages, documents)
    evidence = find_evidence(sought, quotable, embedder, reader, EVIDENCE, others)
    return replace(evidence, sentences=with_columns(evidence.sentences, documents))


def _shown(evidence: Evidence, verdict: Verdict) -> list[Citation]:
    """All quotes that a person sees: the evidence, and what the answer's sentences rest on."""
    return [*evidence.sentences, *(citation for sentence in verdict.sentences for citation in sentence.citations)]


def _read(passages: Sequence[Passage], evidence: Evidence, engine: ChatEngine | None) -> Sequence[Passage]:
    """The passages an answer can be from: of a small model, and without one, those of the evidence's documents."""
    if engine is not None and not is_small(engine):
        return passages
    quoted = {sentence.document_id for sentence in evidence.sentences}
    return [passage for passage in passages if passage.document_id in quoted]


def _drafted(task: Task, mode: Mode, retriever: Retriever, embedder: Embedder) -> Generator[Event, None, Draft]:
    """What the model writes; nothing where Stop came before it was loaded."""
    if not task.engine.load(task.cancel):
        return Draft("", task.sources, Usage(stopped="cancelled"))
    return (yield from draft_in_steps(task, retriever, embedder) if mode == "react" else draft(task, mode))


def _span_reader(load: Callable[[], SpanReader] | None) -> tuple[SpanReader | None, tuple[str, ...]]:
    """The reader, and the line that says why there is none."""
    try:
        return (load() if load else None), ()
    except ModelError as error:
        return None, (str(error),)


class _Clock:
    """Milliseconds since the question was asked."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.evidence = 0.0
        self.first_token = 0.0

    def now(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def tap(self, event: Event) -> None:
        """Learn of the first piece of the answer."""
        if isinstance(event, Piece) and not self.first_token:
            self.first_token = self.now()


def _placed(
    sentences: Sequence[AnswerSentence], documents: Mapping[str, Document], library: Library
) -> tuple[AnswerSentence, ...]:
    """Quotes of a passage that goes on over several pages, each with its own page; also of documents that were found
    after ``documents``, in further steps."""
    cited = [c for sentence in sentences for c in sentence.citations if c.document_id not in documents]
    known = {**documents, **documents_of(cited, library)}

    def placed(citation: Citation) -> Citation:
        document = known.get(citation.document_id)
        if document is None:
            return citation
        return replace(citation, locator=locate(document.pages, document.text, citation.start))

    return tuple(replace(s, citations=tuple(placed(c) for c in s.citations)) for s in sentences)
