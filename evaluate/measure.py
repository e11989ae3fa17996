"""The measurements as functions: a set, the settings and a choice of questions -> a Result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import UsageError
from core.settings import Settings
from evaluate import answers, ranking, retrieval, spans
from evaluate.configuration import Configuration
from evaluate.hashes import model_hashes
from evaluate.runs import Row, Run, make_record
from evaluate.scores import Comparison, Result, Scores
from evaluate.set_library import chunk_spans, library_settings, open_set_library
from evaluate.sets import EvalSet, Half, Kind, SetQuestion, choose

if TYPE_CHECKING:
    from core.protocols import Embedder
    from index.search.retriever import Retriever
    from index.store.library import Library


class Meter(Protocol):
    """Shows how far something is and how long it still takes."""

    def __call__(self, what: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """Within it, call what it gives with (done, total)."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which questions are asked, and whether an interrupted run is gone on with (else begun anew)."""

    half: Half = "all"
    sample: int = 0
    seed: int = 0
    fresh: bool = False
    balanced: bool = False

    def of(self, data: EvalSet, questions: Sequence[SetQuestion]) -> tuple[SetQuestion, ...]:
        """The chosen ones among ``questions``. Raises UsageError where none is left."""
        unseen = frozenset[str]()
        if self.half == "unseen":
            from evaluate.span_data import load_set as load_span_set

            unseen = frozenset(passage.id for passage in load_span_set(data.folder).passages_of("test"))
        chosen = choose(
            tuple(questions),
            half=self.half,
            unseen=unseen,
            sample=self.sample,
            seed=self.seed,
            balanced=self.balanced,
        )
        if not chosen:
            hint = "Leave out --balanced, or choose another --split." if self.balanced else "Choose another --split."
            raise UsageError(f"The set {data.name} has no question to ask here.", hint)
        return chosen

    def options(self) -> dict[str, Any]:
        return {"split": self.half, "sample": self.sample, "seed": self.seed, "balanced": self.balanced}

    def drawn(self, questions: Sequence[SetQuestion]) -> list[str]:
        """The ids of a sample, for the record; none where the whole set or half was asked: its digest tells it."""
        return [question.id for question in questions] if self.sample or self.balanced else []


def measure_retrieval(
    data: EvalSet, settings: Settings, choice: Choice, changed: Mapping[str, str], meter: Meter
) -> Result:
    """Every stage of the retriever on the questions that something in the set answers.

    ``changed`` settings and parameters of the search, if any, make a second configuration that is compared with the
    first, question by question.
    """
    questions = choice.of(data, [question for question in data.questions if question.relevant])
    k = retrieval.DEPTH

    def scored(under: Configuration) -> tuple[Run, Scores]:
        run = _start("retrieval", data, under, choice, questions, {"k": k}, chat=under.settings.expand != "none")
        with (
            _open(data, library_settings(data, under.settings), meter) as (library, embedder),
            _retriever(library, embedder, under) as retriever,
        ):
            _trace(questions, data, retriever, run, meter, k)
        return run, _close(run, retrieval.score_retrieval(questions, run.rows, data.kind))

    return _result("retrieval", data, settings, changed, (ranking.SHOWN,), scored)


def measure_chunks(
    data: EvalSet, settings: Settings, choice: Choice, changed: Mapping[str, str], meter: Meter
) -> Result:
    """The chunks of a set with exact spans, alone and as every stage retrieves them. Raises UsageError for others."""
    if data.kind != "spans":
        raise UsageError(f"The set {data.name} has no exact spans.", "It needs corpora/ and questions_df.csv.")
    questions = choice.of(data, data.questions)
    k = max(settings.passages, retrieval.SPAN_PASSAGES)

    def scored(under: Configuration) -> tuple[Run, Scores]:
        run = _start("chunks", data, under, choice, questions, {"k": k}, chat=under.settings.expand != "none")
        with _open(data, library_settings(data, under.settings), meter) as (library, embedder):
            chunks = chunk_spans(library, data)
            with _retriever(library, embedder, under) as retriever:
                _trace(questions, data, retriever, run, meter, k)
        return run, _close(run, retrieval.score_chunks(questions, run.rows, chunks))

    return _result("chunks", data, settings, changed, (spans.NAMES,), scored)


def measure_answers(
    data: EvalSet,
    settings: Settings,
    choice: Choice,
    changed: Mapping[str, str],
    meter: Meter,
    *,
    closed_book: bool = True,
    perplexity: bool = False,
) -> Result:
    """Answers of the whole line, the evidence shown before them, and the same model without any passage."""
    questions = choice.of(data, data.questions)
    options = {"closed_book": closed_book, "perplexity": perplexity}

    def scored(under: Configuration) -> tuple[Run, Scores]:
        from app.chat.models import Models
        from app.chat.open_library import OpenLibrary
        from evaluate.likelihood import open_reader

        run = _start("answers", data, under, choice, questions, options, chat=True)
        models, reader = Models(under.settings), None
        try:
            inside = library_settings(data, under.settings)
            with _open(data, inside, meter, models.embedder):
                pass
            reader = open_reader(under.settings) if perplexity else None
            with (
                OpenLibrary(inside, models, parameters=under.parameters) as opened,
                meter(f"{data.name}: answers") as advance,
            ):
                # What is loaded once would be the first question's time.
                models.warm_up()
                opened.retriever.search(questions[0].text)
                answers.answer_all(
                    questions,
                    data,
                    opened,
                    run,
                    closed_book=closed_book,
                    reader=reader,
                    advance=_counter(advance, len(questions)),
                )
        finally:
            models.close()
            if reader is not None:
                reader.close()
        return run, _close(run, answers.score_answers(questions, run.rows))

    return _result("answers", data, settings, changed, answers.TABLES, scored, answers.answer_notes)


def compare_runs(first: Run, second: Run, data: EvalSet) -> Result:
    """Two finished runs over one set. Raises UsageError where they cannot be compared."""
    identity, other = first.record["identity"], second.record["identity"]
    if (identity["command"], identity["data"]) != (other["command"], other["data"]):
        raise UsageError(f"The runs {first.id} and {second.id} measured different things.")
    if identity["data"] != data_record(data):
        raise UsageError(f"The set in {data.folder} is not the one that was measured.", "Measure again.")
    if identity["command"] == "chunks":
        raise UsageError(
            "Runs of chunks are compared as they are made.", "Use: lectern eval chunks --compare NAME=VALUE"
        )
    questions = [question for question in data.questions if question.id in first.rows and question.id in second.rows]
    if not questions:
        raise UsageError(f"The runs {first.id} and {second.id} have no question in common.")
    score = _scoring(identity["command"], data.kind)
    before, after = score(questions, first.rows), score(questions, second.rows)
    changed = _changes(identity, other)
    tables = (ranking.SHOWN,) if identity["command"] == "retrieval" else answers.TABLES
    comparison = Comparison(changed, second.id, after, before.differences(after))
    return Result(identity["command"], data.name, before, tables, first.record, comparison=comparison)


def data_record(data: EvalSet) -> dict[str, Any]:
    """What a run keeps of its set: enough to know it again."""
    return {"set": data.name, "kind": data.kind, "documents": data.digest, "questions": data.question_digest}


def _scoring(command: str, kind: Kind) -> Callable[[Sequence[SetQuestion], Mapping[str, Row]], Scores]:
    if command == "answers":
        return answers.score_answers
    return lambda questions, rows: retrieval.score_retrieval(questions, rows, kind)


def _changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, str]:
    """What is other in the second run: settings by name, and whatever else its identity says."""
    settings, others = first["settings"], second["settings"]
    found = {name: str(value) for name, value in others.items() if name in settings and settings[name] != value}
    found |= {part: "other" for part in ("models", "versions", "program") if first[part] != second[part]}
    return found or {"nothing": "another run"}


@contextmanager
def _open(
    data: EvalSet, inside: Settings, meter: Meter, embedder: Embedder | None = None
) -> Iterator[tuple[Library, Embedder]]:
    from index.embed import load_embedder

    embedder = embedder or load_embedder(inside)
    with meter(f"{data.name}: library") as advance:
        library = open_set_library(data, inside, embedder, advance)
    with library:
        yield library, embedder


@contextmanager
def _retriever(library: Library, embedder: Embedder, under: Configuration) -> Iterator[Retriever]:
    """The retriever of this configuration; the chat model runs only where its settings let it write searches."""
    from app.chat.models import Models
    from index.search.retriever import Retriever

    models = Models(under.settings)
    try:
        yield Retriever(library, embedder, under.settings, models.expander, under.parameters)
    finally:
        models.close()


def _trace(
    questions: Sequence[SetQuestion], data: EvalSet, retriever: Retriever, run: Run, meter: Meter, k: int
) -> None:
    # The first question loads models and index; its time would be no question's.
    retriever.trace(questions[0].text, k)
    with meter(f"{data.name}: questions") as advance:
        retrieval.trace_all(questions, data, retriever, run, _counter(advance, len(questions)), k)


def _counter(advance: Callable[[int, int], None], total: int) -> Callable[[], None]:
    """``advance`` for those who only know that one more is done."""
    numbers = count(1)
    return lambda: advance(next(numbers), total)


def _start(
    command: str,
    data: EvalSet,
    under: Configuration,
    choice: Choice,
    questions: Sequence[SetQuestion],
    options: Mapping[str, Any],
    *,
    chat: bool = False,
) -> Run:
    record = make_record(
        command,
        under.settings,
        data_record(data),
        model_hashes(under.settings, chat=chat),
        {**choice.options(), **options},
        under.parameters,
    )
    record |= {"folder": str(data.folder), "sample": choice.drawn(questions)}
    return Run.start(under.settings.home, record, fresh=choice.fresh)


def _close(run: Run, scores: Scores) -> Scores:
    run.finish({"stages": scores.summary()})
    return scores


def _result(
    command: str,
    data: EvalSet,
    settings: Settings,
    changed: Mapping[str, str],
    tables: tuple[tuple[str, ...], ...],
    scored: Callable[[Configuration], tuple[Run, Scores]],
    notes: Callable[[Mapping[str, Row], Scores], tuple[str, ...]] | None = None,
) -> Result:
    first = Configuration(settings)
    other = first.changed(changed) if changed else None
    if other == first:
        raise UsageError("--compare changes nothing: the settings are like that already.", "Give another value.")
    run, scores = scored(first)
    result = Result(command, data.name, scores, tables, run.record, notes(run.rows, scores) if notes else ())
    if other is None:
        return result
    second, after = scored(other)
    return replace(result, comparison=Comparison(changed, second.id, after, scores.differences(after)))
