"""Questions -> answers of the whole line -> how right they are, how well cited, and when it should have declined.

Three stages stand side by side: ``answer`` is what a person reads, ``evidence`` the first sentence shown before it,
``closed_book`` what the same model says without any passage: what it knew by heart proves nothing about the line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from core.errors import LecternError, UsageError
from core.protocols import ChatEngine
from core.types import Answer, Citation, Message, Sampling
from evaluate import wording
from evaluate.runs import Row, Run
from evaluate.scores import Scores
from evaluate.sets import EvalSet, Question

if TYPE_CHECKING:
    from app.services import Desk

CITED = ("citation_precision", "citation_recall", "citation_holds")
JUDGED = ("answered", "declined", "squad2_em", "squad2_f1")
METRICS = (*wording.NAMES, *CITED, *JUDGED, "perplexity")
SHOWN = ("em", "f1", "contains", "rougeL", "citation_precision", "citation_recall", "answered", "declined", "squad2_f1")
STAGES = ("answer", "evidence", "closed_book")

CLOSED_BOOK = "Answer the question in a few words. If you do not know the answer, say that you do not know."
"""The control's whole instruction: as short as what SQuAD's people were asked for."""
CLOSED_BOOK_TOKENS = 64
"""Most tokens of a control answer; SQuAD's reference answers have 3 words on average and 30 at most."""


@runtime_checkable
class Scorer(Protocol):
    """An engine that can say how probable it finds a given answer."""

    def log_likelihood(self, messages: Sequence[Message], answer: str) -> tuple[float, int]:
        """The natural logarithm of the answer's probability after the prompt, and its number of tokens."""
        ...


def scorer(engine: object) -> Scorer:
    """The engine, where it can tell probabilities. Raises UsageError where it cannot."""
    if not isinstance(engine, Scorer):
        raise UsageError("This chat model does not tell how probable an answer is.", "Leave out --perplexity.")
    return engine


def answer_all(
    questions: Sequence[Question],
    data: EvalSet,
    desk: Desk,
    run: Run,
    *,
    closed_book: bool,
    perplexity: Scorer | None,
    advance: Callable[[], None],
) -> None:
    """Answer every question that ``run`` does not have yet and keep what came of it."""
    for question in questions:
        if question.id not in run.rows:
            run.add(_row(question, data, desk, closed_book, perplexity))
        advance()


def score_answers(questions: Sequence[Question], rows: Mapping[str, Row]) -> Scores:
    """The three stages over the questions; a question that ended in an error counts as declined.

    Wording and citations count over the questions that have an answer, where declining scores 0. ``answered`` is the
    share of those that were answered, ``declined`` the share of the others that were not. ``squad2_em`` and
    ``squad2_f1`` count over all as SQuAD 2.0 does: declining is right exactly where there is no answer.
    """
    stages = {stage: np.full((len(questions), len(METRICS)), np.nan) for stage in STAGES}
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for place, question in enumerate(questions):
        row = rows[question.id]
        for stage in STAGES:
            if (said := row["stages"].get(stage)) is None:
                continue
            values = _values(question, said)
            stages[stage][place] = [values.get(metric, math.nan) for metric in METRICS]
            times[stage].append(said["ms"])
    kept = {stage: values for stage, values in stages.items() if not np.isnan(values).all()}
    return Scores(
        questions=tuple(question.id for question in questions),
        groups=tuple(question.group for question in questions),
        metrics=METRICS,
        stages=kept,
        milliseconds={stage: times[stage] for stage in kept},
    )


def score_citations(cited: Sequence[Sequence[Any]], question: Question) -> tuple[float, float, float]:
    """Precision, recall and holds of (key, start, end, quote); NaN for precision where nothing is cited.

    precision: share of the citations that are from a document that answers the question; recall: share of these
    documents that are cited; holds: 1 where a quote has a reference answer in it, word for word.
    """
    keys = [citation[0] for citation in cited]
    right = [key for key in keys if key in question.relevant]
    quotes = [citation[3] for citation in cited]
    holds = any(wording.contains(quote, reference) for quote in quotes for reference in question.answers)
    precision = len(right) / len(keys) if keys else math.nan
    return precision, len(set(right)) / len(question.relevant), float(holds)


def _values(question: Question, said: Mapping[str, Any]) -> dict[str, float]:
    found, text = bool(said["found"]), str(said["text"]) if said["found"] else ""
    if not question.relevant:
        return {"declined": float(not found), "squad2_em": float(not found), "squad2_f1": float(not found)}
    values: dict[str, float] = {"answered": float(found)}
    if question.answers:
        values |= dict(zip(wording.NAMES, wording.score_wording(text, question.answers), strict=True))
        values |= {"squad2_em": values["em"], "squad2_f1": values["f1"]}
    if said.get("citations") is not None:
        values |= dict(zip(CITED, score_citations(said["citations"], question), strict=True))
    if said.get("perplexity") is not None:
        values["perplexity"] = float(said["perplexity"])
    return values


def _row(question: Question, data: EvalSet, desk: Desk, closed_book: bool, perplexity: Scorer | None) -> Row:
    stages: dict[str, Any] = {}
    row: Row = {"id": question.id, "stages": stages}
    try:
        answer = answer_one(question.text, desk)
    except LecternError as error:
        # One question that fails must not cost the hours of those before it; the row says so.
        row["error"] = str(error)
        stages["answer"] = {"text": "", "found": False, "citations": [], "ms": 0.0}
        return row
    cited = [_plain(citation, data) for sentence in answer.sentences for citation in sentence.citations]
    stages["answer"] = {
        "text": answer.text, "found": answer.found, "citations": cited, "ms": answer.timings.total,
    }  # fmt: skip
    first = answer.evidence[:1]
    stages["evidence"] = {
        "text": first[0].quote if first else "",
        "found": bool(first) and answer.found,
        "citations": [_plain(citation, data) for citation in first],
        "ms": answer.timings.first_evidence,
    }
    row["tokens"] = [answer.usage.prompt, answer.usage.reused, answer.usage.answer]
    if closed_book:
        stages["closed_book"] = _by_heart(question.text, desk.models.engine)
    if perplexity is not None and question.answers:
        prompt = closed_book_prompt(question.text)
        total, tokens = perplexity.log_likelihood(prompt, question.answers[0])
        stages.setdefault("closed_book", {"text": "", "found": False, "ms": 0.0})["perplexity"] = math.exp(
            -total / max(1, tokens)
        )
    return row


def answer_one(question: str, desk: Desk) -> Answer:
    """The answer that a person would read, asked for the first time. Raises LecternError."""
    from app.answer import answer
    from app.events import Answered

    events = answer(
        question,
        library=desk.library,
        retriever=desk.retriever,
        embedder=desk.models.embedder,
        engine=desk.models.engine,
        settings=desk.settings,
    )
    return next(event.answer for event in events if isinstance(event, Answered))


def closed_book_prompt(question: str) -> list[Message]:
    """The control's prompt: the question and nothing that answers it."""
    return [Message("system", CLOSED_BOOK), Message("user", question)]


def _by_heart(question: str, engine: ChatEngine) -> dict[str, Any]:
    start = time.perf_counter()
    text = "".join(engine.generate(closed_book_prompt(question), Sampling(max_tokens=CLOSED_BOOK_TOKENS)))
    return {"text": text.strip(), "found": True, "ms": (time.perf_counter() - start) * 1000}


def _plain(citation: Citation, data: EvalSet) -> list[Any]:
    return [data.key(citation.document_id, citation.file), citation.start, citation.end, citation.quote]
