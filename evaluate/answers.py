"""Questions -> answers of the whole line -> how right they are, how well cited, and when it should have declined.

Stages stand side by side: ``answer`` is what a person reads, ``evidence`` the first sentence shown before it, ``words``
the words pointed at in it, ``draft`` what the model wrote before that was held against its sources, ``closed_book``
what the same model says without any passage: what it knew by heart proves nothing about the line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LecternError
from core.protocols import ChatEngine, Embedder
from core.types import Answer, AnswerSentence, Citation, Message, Sampling
from evaluate import wording
from evaluate.gold import Shown, score_contradictions, score_support
from evaluate.runs import Row, Run
from evaluate.scores import Scores
from evaluate.sets import EvalSet, SetQuestion

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary
    from evaluate.likelihood import AnswerReader

CITED = ("citation_precision", "citation_recall", "citation_holds")
JUDGED = ("answered", "declined", "squad2_em", "squad2_f1")
PROOF = ("best_holds", "three_hold", "support_precision", "support_recall")
WRONG = ("contradicted", "misphrased", "asserted")
TOKENS = ("tokens_prompt", "tokens_reused", "tokens_answer")
METRICS = (*wording.NAMES, *CITED, *JUDGED, *PROOF, *WRONG, *TOKENS, "nats")
SHOWN = (
    "em",
    "f1",
    "contains",
    "rougeL",
    "citation_precision",
    "citation_recall",
    "answered",
    "declined",
    "squad2_f1",
    "nats",
)
TABLES = (SHOWN, PROOF, WRONG, TOKENS)
STAGES = ("answer", "evidence", "words", "draft", "closed_book")

CLOSED_BOOK = "Answer the question in a few words. If you do not know the answer, say that you do not know."
"""The control's whole instruction: as short as what SQuAD's people were traced for."""
CLOSED_BOOK_TOKENS = 64
"""Most tokens of a control answer; SQuAD's reference answers have 3 words on average and 30 at most."""


def answer_all(
    questions: Sequence[SetQuestion],
    data: EvalSet,
    opened: OpenLibrary,
    run: Run,
    *,
    closed_book: bool,
    reader: AnswerReader | None,
    advance: Callable[[], None],
) -> None:
    """Answer every question that ``run`` does not have yet and keep what came of it."""
    for question in questions:
        if question.id not in run.rows:
            run.add(_row(question, data, opened, closed_book, reader))
        advance()


def score_answers(questions: Sequence[SetQuestion], rows: Mapping[str, Row]) -> Scores:
    """The stages over the questions; a question that ended in an error counts as declined.

    Wording and citations count over the questions that have an answer, where declining scores 0. ``answered`` is the
    share of those that were answered, ``declined`` the share of the others that were not. ``squad2_em`` and
    ``squad2_f1`` count over all as SQuAD 2.0 does: declining is right exactly where there is no answer. ``nats`` is how
    surprised the model is by the first reference answer, given the evidence or (closed_book) the question alone: the
    mean over its tokens, e to which is the perplexity; less is better. PROOF and WRONG are what ``evaluate.gold``
    says of the sentences; TOKENS, and the times beside a stage's own, count where a model was traced.
    """
    stages = {stage: np.full((len(questions), len(METRICS)), np.nan) for stage in STAGES}
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    traced: dict[str, list[float]] = {"first_token_ms": [], "written_ms": []}
    for place, question in enumerate(questions):
        row = rows[question.id]
        for stage in STAGES:
            if (said := row["stages"].get(stage)) is None:
                continue
            values = _values(question, said)
            if stage in row.get("nats", {}):
                values["nats"] = row["nats"][stage]
            if stage == "answer" and sum(row.get("tokens", ())):
                values |= dict(zip(TOKENS, row["tokens"], strict=True))
            stages[stage][place] = [values.get(metric, math.nan) for metric in METRICS]
            if "ms" in said:
                times[stage].append(said["ms"])
            if first := said.get("first_token_ms"):
                traced["first_token_ms"].append(first)
                traced["written_ms"].append(said["ms"])
    kept = {stage: values for stage, values in stages.items() if not np.isnan(values).all()}
    return Scores(
        questions=tuple(question.id for question in questions),
        groups=tuple(question.group for question in questions),
        metrics=METRICS,
        stages=kept,
        milliseconds={stage: times[stage] for stage in kept},
        times={"answer": traced},
    )


def answer_notes(rows: Mapping[str, Row], scores: Scores) -> tuple[str, ...]:
    """What a reader of the table must know beside it."""
    notes = []
    if failed := [row for row in rows.values() if "error" in row]:
        notes.append(f"{len(failed)} questions ended in an error and count as declined: {failed[0]['error']}")
    nats = {stage: values["nats"] for stage, values in scores.summary().items() if "nats" in values}
    if nats:
        said = ", ".join(f"{stage} {math.exp(value):,.1f}" for stage, value in nats.items())
        notes.append(f"Perplexity of the reference answers (e to the nats): {said}.")
    return tuple(notes)


def score_citations(cited: Sequence[Sequence[Any]], question: SetQuestion) -> tuple[float, float, float]:
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


def _values(question: SetQuestion, said: Mapping[str, Any]) -> dict[str, float]:
    found, text = bool(said["found"]), str(said["text"]) if said["found"] else ""
    shown = [Shown(text, tuple(quotes), marked) for text, quotes, marked in said.get("sentences", ())]
    if not question.relevant:
        declined = {"declined": float(not found), "squad2_em": float(not found), "squad2_f1": float(not found)}
        return declined | ({"asserted": float(any(not one.marked for one in shown))} if "sentences" in said else {})
    values: dict[str, float] = {"answered": float(found)}
    if question.answers:
        values |= dict(zip(wording.NAMES, wording.score_wording(text, question.answers), strict=True))
        values |= {"squad2_em": values["em"], "squad2_f1": values["f1"]}
        values["support_precision"], values["support_recall"] = score_support(shown, question.answers)
        wrong = score_contradictions(shown, question.text, question.answers)
        values["contradicted"], values["misphrased"] = wrong
        if quotes := said.get("quotes"):
            holding = [any(wording.contains(quote, reference) for reference in question.answers) for quote in quotes]
            values |= {"best_holds": float(holding[0]), "three_hold": float(any(holding))}
    if said.get("citations") is not None:
        values |= dict(zip(CITED, score_citations(said["citations"], question), strict=True))
    return values


def _row(
    question: SetQuestion, data: EvalSet, opened: OpenLibrary, closed_book: bool, reader: AnswerReader | None
) -> Row:
    stages: dict[str, Any] = {}
    row: Row = {"id": question.id, "stages": stages}
    try:
        traced = ask(question.text, opened)
    except LecternError as error:
        # One question that fails must not cost the hours of those before it; the row says so.
        row["error"] = str(error)
        stages["answer"] = {"text": "", "found": False, "citations": [], "ms": 0.0}
        return row
    answer = traced.answer
    stages["answer"] = {
        "text": answer.text,
        "found": answer.found,
        "citations": [_plain(citation, data) for sentence in answer.sentences for citation in sentence.citations],
        "sentences": _sentences(answer.sentences) if answer.found else [],
        "ms": answer.timings.total,
        "first_token_ms": answer.timings.first_token,
    }
    first = answer.evidence[:1]
    stages["evidence"] = {
        "text": first[0].quote if first else "",
        "found": bool(first) and answer.found,
        "citations": [_plain(citation, data) for citation in first],
        "quotes": [citation.quote for citation in answer.evidence],
        "ms": answer.timings.first_evidence,
    }
    stages["words"] = {
        "text": answer.words.text if answer.words else stages["evidence"]["text"],
        "found": traced.answers,
    }
    if answer.model:
        stages["draft"] = _draft(traced, question.text, opened.embedder)
    row["tokens"] = [answer.usage.prompt, answer.usage.reused, answer.usage.answer]
    if closed_book:
        stages["closed_book"] = _by_heart(question.text, opened.models.engine, opened.settings.answer_tokens)
    if reader is not None and question.answers:
        quotes = [citation.quote for citation in answer.evidence]
        row["nats"] = {
            "answer": reader.nats(open_book_prompt(question.text, quotes), question.answers[0]),
            "closed_book": reader.nats(closed_book_prompt(question.text), question.answers[0]),
        }
    return row


@dataclass(frozen=True, slots=True)
class TracedAnswer:
    """An answer with what it was made from: whether the evidence answers, the model's own text ("" where none was
    asked), and the sources that it read."""

    answer: Answer
    answers: bool
    text: str
    sources: tuple[Citation, ...]


def answer_one(question: str, opened: OpenLibrary) -> Answer:
    """The answer that a person would read, asked for the first time. Raises LecternError."""
    return ask(question, opened).answer


def ask(question: str, opened: OpenLibrary) -> TracedAnswer:
    """``answer_one``, with what the model wrote before it was judged."""
    from app.answer.events import Answered, EvidenceFound, Piece, PromptFitted
    from app.answer.pipeline import answer
    from app.answer.question import Question

    text, answers = "", False
    sources: tuple[Citation, ...] = ()
    for event in answer(Question(question), opened.services(opened.models.engine)):
        match event:
            case EvidenceFound():
                answers = event.answers
            case PromptFitted():
                sources = event.fitted.sources
            case Piece():
                text += event.text
            case Answered():
                return TracedAnswer(event.answer, answers, text.strip(), sources)
    raise AssertionError("an answer ends with Answered")


def open_book_prompt(question: str, quotes: Sequence[str]) -> list[Message]:
    """The control's prompt with the sentences that were shown as evidence above the question."""
    return [Message("system", CLOSED_BOOK), Message("user", "\n".join((*quotes, "", question)))]


def closed_book_prompt(question: str) -> list[Message]:
    """The control's prompt: the question and nothing that answers it."""
    return [Message("system", CLOSED_BOOK), Message("user", question)]


def _by_heart(question: str, engine: ChatEngine, most: int) -> dict[str, Any]:
    start = time.perf_counter()
    sampling = Sampling(max_tokens=min(CLOSED_BOOK_TOKENS, most))
    text = "".join(engine.generate(closed_book_prompt(question), sampling))
    return {"text": text.strip(), "found": True, "ms": (time.perf_counter() - start) * 1000}


def _draft(traced: TracedAnswer, question: str, embedder: Embedder) -> dict[str, Any]:
    """What the model wrote, with what would be cited for each sentence of it."""
    from app.answer.draft_sentences import without_marks
    from app.answer.support import supported_sentences
    from evaluate.declining import declines
    from prompts.render import load_prompt

    text = without_marks(load_prompt(traced.answer.mode).without_hint(traced.text.strip()))
    if declines(text):
        return {"text": "", "found": False, "sentences": []}
    sentences = supported_sentences(text, traced.sources, question, embedder, None)
    return {"text": text, "found": True, "sentences": _sentences(sentences)}


def _sentences(sentences: Sequence[AnswerSentence]) -> list[list[Any]]:
    """Text, quotes, and whether it is marked as unsupported."""
    return [[one.text, [citation.quote for citation in one.citations], not one.supported] for one in sentences]


def _plain(citation: Citation, data: EvalSet) -> list[Any]:
    return [data.key(citation.document_id, citation.file), citation.start, citation.end, citation.quote]
