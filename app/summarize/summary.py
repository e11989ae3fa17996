"""Whole documents -> a summary or a comparison, every sentence quoted or held against the pages it is from.

    parts -> the sentences of each that say most (all of the document is read) -> the best of all parts, without repeats

A model that the catalogue says summarises writes each part's sentences itself; what it wrote stands where the part
supports it. Else the documents' own sentences are the summary, and no model is started.
"""

import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.answer.alignment import align
from app.answer.citations import gone_notes
from app.answer.draft import added
from app.answer.events import Answered, Event, Note, Progressed
from app.answer.untrusted import plain_text
from app.query.plan import Plan
from app.summarize.comparison import ReadDocument, matched
from app.summarize.cost import ask_first, called
from app.summarize.phrasing import PART_CHARACTERS, Tools, write_on
from app.summarize.salience import Part, choose, parts_of, quotable, scores
from core.protocols import ChatEngine
from core.types import Answer, AnswerSentence, Citation, Document, Timings, Usage
from ingest.locate import locate
from ingest.orders import find_orders

if TYPE_CHECKING:
    from index.store.library import Library

BATCH = 16
"""Sentences embedded between two looks at Stop: about 0.05 s on two cores."""

PER_ROOT = 1.4
"""Sentences of a summary for each root of a sentence of the document: 9 of 42, 19 of 180, 50 of 1,300."""

FEWEST, MOST = 4, 40
"""Sentences of a summary: below, it says nothing; above, nobody calls it one."""

NOTHING = "There are no sentences or rows to quote in it."


def summarise(document: Document, tools: Tools, sentences: int = 0) -> Generator[Event, None, None]:
    """A summary in about ``sentences`` sentences (0: by the document's length), under the headings of its parts.

    Setting ``tools.cancel`` ends it within 200 ms with what was read so far. Raises UsageError where it would take more
    than ``LONG_S`` and nobody agreed to that.
    """
    started = time.perf_counter()
    ask_first(tools, document)
    read = yield from _read(document, tools, f"Reading {document.name}")
    count = sentences or min(MOST, max(FEWEST, round(PER_ROOT * len(read.sentences) ** 0.5)))
    chosen = choose(read.sentences, read.values, read.vectors, count)
    found = [(_heading(read, read.sentences[at].part), read.cite(at)) for at in chosen]
    usage, model = Usage(), ""
    if tools.phrases and chosen and not tools.cancel.is_set():
        assert tools.engine is not None
        found, usage = yield from _phrased(read, chosen, tools, tools.engine)
        model = tools.engine.name
    yield from _told_orders(document)
    yield _answered(f"Summarise {document.name}", found, tools, started, usage, model)


def compare(first: Document, second: Document, tools: Tools) -> Generator[Event, None, None]:
    """What two documents say differently of the same matter, what both say, and what only one of them says.

    Always in the documents' own words, the differing sentences one after the other. Cancelled and refused as
    ``summarise`` is.
    """
    started = time.perf_counter()
    ask_first(replace(tools, engine=None), first, second)  # no model writes, so none is in the cost
    a = yield from _read(first, tools, f"Reading {first.name}")
    b = yield from _read(second, tools, f"Reading {second.name}")
    found: list[tuple[str, AnswerSentence]] = []
    if a.sentences and b.sentences:
        matches = matched(a, b)
        for one, other in matches.differing:
            found += [("Said differently", a.cite(one)), ("Said differently", b.cite(other))]
        found += [("Said in both", _both(a.cite(one), b.cite(other))) for one, other in matches.same]
        for read, alone in zip((a, b), matches.alone, strict=True):
            found += [(f"Only in {read.document.name}", read.cite(at)) for at in alone]
        if any(matches.more):
            yield Note("Not shown: {} more pairs that differ, and {} sentences without a match.".format(*matches.more))
    yield from _told_orders(first, second)
    yield _answered(f"Compare {first.name} with {second.name}", found, tools, started, Usage(), "")


def carry_out(plan: Plan, library: "Library", tools: Tools) -> Generator[Event, None, None]:
    """The events of a task that a question set. Raises UsageError as above, UnknownDocument."""
    documents = [library.document(document_id) for document_id in plan.documents]
    tools = replace(tools, called=tuple(called(document, library) for document in documents))
    names = " and ".join(document.name for document in documents)
    yield Note(f"All of {names} is read for this, not only the passages that are nearest to the question.", quiet=True)
    for line in gone_notes(library, {document.id: document.name for document in documents}):
        yield Note(line)
    if plan.kind == "summary":
        yield from summarise(documents[0], tools)
    else:
        yield from compare(documents[0], documents[1], tools)


def _told_orders(*documents: Document) -> Generator[Event, None, None]:
    for document in documents:
        if count := len(find_orders(document.text)):
            yield Note(
                f"{document.name}: left out, for it gives orders to a model: {count} passage{'s' * (count > 1)}."
            )


def _heading(read: ReadDocument, part: int) -> str:
    return read.parts[part].heading or read.document.title or read.document.name


def _both(one: AnswerSentence, other: AnswerSentence) -> AnswerSentence:
    """What two documents say alike, as the first one says it, quoted from both."""
    return replace(one, citations=(*one.citations, *other.citations))


def _read(document: Document, tools: Tools, what: str) -> Generator[Event, None, ReadDocument]:
    """Embed all quotable sentences, in order; a cancelled reading keeps those that it came to."""
    parts = parts_of(document, PART_CHARACTERS)
    sentences = quotable(document, parts)
    vectors = np.zeros((len(sentences), tools.embedder.dimension), dtype=np.float32)
    done = 0
    while done < len(sentences) and not tools.cancel.is_set():
        batch = sentences[done : done + BATCH]
        vectors[done : done + len(batch)] = tools.embedder.embed_passages([" ".join(s.text.split()) for s in batch])
        done += len(batch)
        yield Progressed(what, done, len(sentences))
    sentences, vectors = sentences[:done], vectors[:done]
    values = scores(sentences, vectors) if sentences else np.zeros(0, dtype=np.float32)
    return ReadDocument(document, parts, sentences, vectors, values)


def _phrased(
    read: ReadDocument, chosen: Sequence[int], tools: Tools, engine: ChatEngine
) -> Generator[Event, None, tuple[list[tuple[str, AnswerSentence]], Usage]]:
    """Each part in the model's words, as far as the part supports them, else in its own central sentences."""
    of_part: dict[int, list[int]] = {}
    for at in chosen:
        of_part.setdefault(read.sentences[at].part, []).append(at)
    found: list[tuple[str, AnswerSentence]] = []
    usage, dropped = Usage(), 0
    for done, (number, members) in enumerate(of_part.items()):
        yield Progressed(f"Writing on {read.document.name}", done, len(of_part))
        part = read.parts[number]
        own = [read.cite(at) for at in members]
        if not tools.cancel.is_set() and engine.load(tools.cancel):
            text = plain_text(read.document.text, part.start, part.end)
            asked = f"Summarise it in at most {len(members)} short sentence{'s' if len(members) > 1 else ''}."
            written, spent = yield from write_on(tools, engine, text, asked)
            usage = added(usage, spent)
            said = align(written, (_whole(read.document, part),), tools.embedder)
            kept = [_placed(sentence, read.document) for sentence in said if sentence.supported][: len(members) + 1]
            dropped += len(said) - len(kept)
            own = kept or own
        found += [(_heading(read, number), sentence) for sentence in own]
    if dropped:
        yield Note(f"{dropped} sentences of the model that its part does not support were left out.")
    return found, usage


def _whole(document: Document, part: Part) -> Citation:
    place = locate(document.pages, document.text, part.start)
    text = document.text[part.start : part.end]
    return Citation(document.id, document.name, place, text, part.start, part.end, 1.0)


def _placed(sentence: AnswerSentence, document: Document) -> AnswerSentence:
    """Each quote with its own page rather than its part's."""
    citations = (replace(c, locator=locate(document.pages, document.text, c.start)) for c in sentence.citations)
    return replace(sentence, citations=tuple(citations))


def _answered(
    question: str,
    found: Sequence[tuple[str, AnswerSentence]],
    tools: Tools,
    started: float,
    usage: Usage,
    model: str,
) -> Answered:
    headings = [(at, name) for at, (name, _) in enumerate(found) if name and (not at or found[at - 1][0] != name)]
    named = dict(headings)
    lines = [f"\n{named[at]}\n{s.text}" if at in named else s.text for at, (_, s) in enumerate(found)]
    return Answered(
        Answer(
            question=question,
            text="\n".join(lines).strip() or ("" if tools.cancel.is_set() else NOTHING),
            found=bool(found),
            sentences=tuple(sentence for _, sentence in found),
            evidence=(),
            passages=(),
            steps=(),
            timings=Timings(total=(time.perf_counter() - started) * 1000),
            usage=usage,
            model=model,
            mode=tools.settings.mode,
            cancelled=tools.cancel.is_set(),
            headings=tuple(headings),
        )
    )
