"""Whole documents -> a summary or a comparison, every sentence quoted or held against the pages it is from.

    parts -> the sentences of each that say most (all of the document is read) -> the best of all parts, without repeats

A model that the catalogue says summarises writes each part's sentences itself; what it wrote stands where the part
supports it. Else the documents' own sentences are the summary, and no model is started.
"""

import shlex
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.central import Part, choose, parts_of, quotable, scores
from app.draft import added
from app.events import Answered, Event, Note, Piece, Progressed
from app.matched import ReadDocument, matched
from app.tasks import WholeTask
from app.untrusted import plain_text
from app.verify import align
from app.writing import write
from core.errors import UnknownDocument, UsageError
from core.protocols import ChatEngine, Embedder
from core.settings import DEFAULT_LIBRARY, Settings
from core.types import Answer, AnswerSentence, Citation, Document, Message, Sampling, Timings, Usage
from generate.catalogue import skills
from ingest.locate import locate
from ingest.orders import find_orders
from prompts.fit import fit
from prompts.render import HERE, read_template

if TYPE_CHECKING:
    from index.library import Library

BATCH = 16
"""Sentences embedded between two looks at Stop: about 0.05 s on two cores."""

PART_CHARACTERS = 6000
"""Longest part: 1,500 tokens, which a window of 4,096 holds beside a summary of it."""

PER_ROOT = 1.4
"""Sentences of a summary for each root of a sentence of the document: 9 of 42, 19 of 180, 50 of 1,300."""

FEWEST, MOST = 4, 40
"""Sentences of a summary: below, it says nothing; above, nobody calls it one."""

PART_TOKENS = 120
"""Most tokens that a model writes on a part: three sentences."""

LONG_S = 120.0
"""Seconds from which a person is asked before it begins."""

NOTHING = "There are no sentences or rows to quote in it."


@dataclass(frozen=True, slots=True)
class Cost:
    """What a task will take: ``tokens`` to be read and written in all, ``seconds`` by what a sample of it took here."""

    tokens: int
    seconds: float

    def __str__(self) -> str:
        minutes = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 90 else f"{self.seconds:.0f} seconds"
        return f"about {self.tokens:,} tokens, {minutes} on this machine"


@dataclass(frozen=True, slots=True)
class Tools:
    """What the tasks need. ``engine`` None, or one that does not summarise: the summary is quotations.

    ``agreed``: the person accepts whatever it costs. ``called``: what a command knows the documents by, in their order;
    () for their names.
    """

    embedder: Embedder
    engine: ChatEngine | None
    settings: Settings
    cancel: threading.Event
    agreed: bool = False
    called: tuple[str, ...] = ()

    @property
    def phrases(self) -> bool:
        return self.engine is not None and skills(self.engine.name, self.engine.size).summarises


def summarise(document: Document, tools: Tools, sentences: int = 0) -> Generator[Event, None, None]:
    """A summary in about ``sentences`` sentences (0: by the document's length), under the headings of its parts.

    Setting ``tools.cancel`` ends it within 200 ms with what was read so far. Raises UsageError where it would take more
    than ``LONG_S`` and nobody agreed to that.
    """
    started = time.perf_counter()
    _ask_first(tools, document)
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
    _ask_first(replace(tools, engine=None), first, second)  # no model writes, so none is in the cost
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


def cost_of(tools: Tools, *documents: Document) -> Cost:
    """What the task will take, from how long the embedder, and the model where it writes, need for a sample of it."""
    texts = [s.text for d in documents for s in quotable(d, parts_of(d, PART_CHARACTERS))]
    if not texts:
        return Cost(0, 0.0)
    sample = texts[:: max(1, len(texts) // BATCH)][:BATCH]
    tools.embedder.embed_passages(sample[:1])  # loads what the first use loads
    started = time.perf_counter()
    tools.embedder.embed_passages(sample)
    share = sum(map(len, texts)) / max(1, sum(map(len, sample)))
    seconds = (time.perf_counter() - started) * share
    tokens = round(sum(map(tools.embedder.count_tokens, sample)) * share)
    if tools.phrases and tools.engine is not None and tools.engine.load(tools.cancel):
        parts = [d.text[p.start : p.end] for d in documents for p in parts_of(d, PART_CHARACTERS)]
        part = max(parts, key=len)
        messages = _messages(tools, part, "Summarise it.")
        writing = tools.engine.generate(messages, Sampling(max_tokens=8), cancel=tools.cancel)
        list(writing)
        usage = writing.usage
        a_token = (usage.total_ms - usage.first_token_ms) / max(1, usage.answer - 1)
        whole = sum(map(len, parts)) / max(1, len(part))
        seconds += (usage.first_token_ms * whole + a_token * PART_TOKENS * len(parts)) / 1000
        tokens += round(usage.prompt * whole) + PART_TOKENS * len(parts)
    return Cost(tokens, seconds)


def carry_out(task: WholeTask, library: "Library", tools: Tools) -> Generator[Event, None, None]:
    """The events of a task that a question set. Raises UsageError as above, UnknownDocument."""
    documents = [library.document(document_id) for document_id in task.documents]
    tools = replace(tools, called=tuple(_called(document, library) for document in documents))
    names = " and ".join(document.name for document in documents)
    yield Note(f"All of {names} is read for this, not only the passages that are nearest to the question.", quiet=True)
    if task.kind == "summary":
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


def _ask_first(tools: Tools, *documents: Document) -> None:
    if tools.agreed or sum(len(d.text) for d in documents) < PART_CHARACTERS:
        return
    cost = cost_of(tools, *documents)
    if cost.seconds > LONG_S:
        names = " and ".join(f"'{d.name}'" for d in documents)
        task = "summarise" if len(documents) == 1 else "compare"
        library = tools.settings.library
        where = () if library == DEFAULT_LIBRARY else ("--library", library)
        called = tools.called or tuple(d.name for d in documents)
        end = ("--",) if any(name.startswith("-") for name in called) else ()
        command = shlex.join(("lectern", task, *where, "--yes", *end, *called))
        raise UsageError(f"to {task} {names} takes {cost}.", f"If that is well: {command}")


def _called(document: Document, library: "Library") -> str:
    """What the library's commands know a document by: its name, or where that is another's too, its id."""
    try:
        return document.name if library.find(document.name) == document.id else document.id
    except UnknownDocument:  # several are called so
        return document.id


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
            text = plain_text(read.document.text[part.start : part.end])
            asked = f"Summarise it in at most {len(members)} short sentence{'s' if len(members) > 1 else ''}."
            written, spent = yield from _write(tools, engine, text, asked)
            usage = added(usage, spent)
            said = align(written, (_whole(read.document, part),), tools.embedder)
            kept = [_placed(sentence, read.document) for sentence in said if sentence.supported][: len(members) + 1]
            dropped += len(said) - len(kept)
            own = kept or own
        found += [(_heading(read, number), sentence) for sentence in own]
    if dropped:
        yield Note(f"{dropped} sentences of the model that its part does not support were left out.")
    return found, usage


def _write(tools: Tools, engine: ChatEngine, text: str, asked: str) -> Generator[Event, None, tuple[str, Usage]]:
    sampling = Sampling(max_tokens=PART_TOKENS, stop=("</source", "<source"))
    pieces: list[str] = []
    writing = write(engine, _messages(tools, text, asked), sampling, "", tools.cancel)
    try:
        while True:
            try:
                event = next(writing)
            except StopIteration as end:
                return "".join(pieces).strip(), end.value
            if isinstance(event, Piece):
                pieces.append(event.text)
            else:
                yield event
    finally:
        writing.close()


def _messages(tools: Tools, text: str, asked: str) -> tuple[Message, ...]:
    assert tools.engine is not None
    template = read_template(HERE / "summary.yaml", "direct")
    source = Citation("", "", locate((), "", 0), text, 0, len(text), 1.0)
    return fit(template, asked, (source,), (), tools.engine.window, PART_TOKENS, tools.engine).messages


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
