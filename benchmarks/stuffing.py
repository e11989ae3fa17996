"""The usual way to ask documents, as a baseline: the five best passages in one prompt, and the model's word for it.

    python benchmarks/stuffing.py ../shared/data/squad2-dev --split unseen --sample 400 --balanced [--against RUN]

The same library, search, chat model and questions as `lectern eval answers` with the same options, but none of its
evidence, thresholds and proof: the prompt is LangChain's rlm/rag-prompt, the answer is what the model writes.
It is scored by the same functions; "contradicted" and "asserted" count all its sentences, for none is ever marked.
--against compares with a finished run of `lectern eval answers`, question by question. Interrupted, the same command
goes on where it was.
"""

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from app.chat.models import Models
from app.chat.open_library import OpenLibrary
from core.errors import LecternError
from core.protocols import ChatEngine
from core.settings import Settings, load_settings
from core.types import Message, Passage, Sampling
from evaluate.answers import TABLES, answer_notes, score_answers
from evaluate.declining import declines
from evaluate.hashes import model_hashes
from evaluate.measure import Choice, data_record
from evaluate.progress_bar import meter
from evaluate.report import show, write_results
from evaluate.runs import Row, Run, make_record
from evaluate.scores import Comparison, Result
from evaluate.set_library import library_settings, open_set_library
from evaluate.sets import EvalSet, SetQuestion, load_set
from ingest.sentences import sentence_spans

PROMPT = """You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer \
the question. If you don't know the answer, just say that you don't know. Use three sentences maximum and keep the \
answer concise.
Question: {question}
Context: {context}
Answer:"""
"""https://smith.langchain.com/hub/rlm/rag-prompt, as LangChain's tutorials on retrieval use it."""

ANSWER_TOKENS = 80
"""As many as Lectern lets a small model write: more of them would only lower F1."""

DECLINES = re.compile(
    r"(?i)\b(?:I|we|(?:context|text|passage|document|source|article|information|answer|question)s?)\b[^.!?]{0,80}?"
    r"(?:\b(?:do|does|did|is|are|was|were|has|have|can)(?:n['’]t| not)|\bcannot|\bunable to|\bno) (?:\w+ ){0,3}?"
    r"(?:know|mention|specif|provide|state|contain|include|answer|determine|find|clear|available|enough|information)"
    r"|\bno (?:information|mention|answer)\b|\bnot (?:mentioned|specified|provided|stated|available) in\b"
)
"""Any way in which a model says that it, or the text, has no answer, anywhere in what it wrote: "I don't know", "the
context does not mention", but not "the treaty did not include"."""


def main() -> None:
    given = arguments()
    settings, data = load_settings(), load_set(given.folder)
    choice = Choice(given.split, given.sample, given.seed, given.fresh, given.balanced)
    questions = choice.of(data, data.questions)
    run = start(data, settings, choice, questions)
    try:
        ask_all(questions, data, settings, run)
    except KeyboardInterrupt:
        raise SystemExit("Stopped; the same command goes on from here.") from None
    scores = score_answers(questions, run.rows)
    run.finish({"stages": scores.summary()})
    result = Result("stuffing", data.name, scores, TABLES, run.record, answer_notes(run.rows, scores))
    if given.against:
        result = compared(result, questions, run, Run.load(settings.home, given.against))
    show(result, Console())
    if given.json:
        write_results([result], given.json)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="ask only so many of the questions; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=("all", "tune", "report", "unseen"), default="all")
    parser.add_argument("--balanced", action="store_true", help="as many questions without an answer as with one")
    parser.add_argument("--fresh", action="store_true", help="begin anew instead of going on")
    parser.add_argument("--against", metavar="RUN", default="", help="a run of `lectern eval answers` to compare with")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def start(data: EvalSet, settings: Settings, choice: Choice, questions: Sequence[SetQuestion]) -> Run:
    """The run of these questions and this prompt, gone on with where it was interrupted."""
    options = {**choice.options(), "prompt": PROMPT, "declines": DECLINES.pattern, "answer_tokens": ANSWER_TOKENS}
    models = model_hashes(settings, chat=True)
    record = make_record("stuffing", settings, data_record(data), models, options)
    record |= {"folder": str(data.folder), "sample": choice.drawn(questions)}
    return Run.start(settings.home, record, fresh=choice.fresh)


def ask_all(questions: Sequence[SetQuestion], data: EvalSet, settings: Settings, run: Run) -> None:
    """Ask what the run has not asked yet."""
    models, inside = Models(settings), library_settings(data, settings)
    try:
        with meter(f"{data.name}: library") as advance:
            open_set_library(data, inside, models.embedder, advance).close()
        with OpenLibrary(inside, models) as opened, meter(f"{data.name}: answers") as advance:
            models.engine.load()
            opened.retriever.search(questions[0].text)
            for number, question in enumerate(questions, 1):
                if question.id not in run.rows:
                    run.add(answer(question, opened))
                advance(number, len(questions))
    finally:
        models.close()


def answer(question: SetQuestion, opened: OpenLibrary) -> Row:
    """A row as `lectern eval answers` keeps it, with the stage "answer" alone."""
    started = time.perf_counter()
    try:
        passages = opened.retriever.search(question.text).passages
        writing = opened.models.engine.generate(
            stuffed(question.text, passages, opened.models.engine), Sampling(max_tokens=ANSWER_TOKENS)
        )
        text, first = "", 0.0
        for piece in writing:
            first = first or since(started)
            text += piece
    except LecternError as error:
        return {"id": question.id, "error": str(error), "stages": {"answer": {"text": "", "found": False, "ms": 0.0}}}
    text = text.strip()
    found = not declines(text) and not DECLINES.search(text)
    sentences: list[list[Any]] = [[text[a:b], [], False] for a, b in sentence_spans(text)] if found else []
    said = {"text": text, "found": found, "sentences": sentences, "ms": since(started), "first_token_ms": first}
    usage = writing.usage
    return {"id": question.id, "stages": {"answer": said}, "tokens": [usage.prompt, usage.reused, usage.answer]}


def stuffed(question: str, passages: Sequence[Passage], engine: ChatEngine) -> list[Message]:
    """The prompt with as many of the passages, best first, as the window holds."""
    for count in range(len(passages), -1, -1):
        context = "\n\n".join(passage.text for passage in passages[:count])
        messages = [Message("user", PROMPT.format(question=question, context=context))]
        if engine.count_prompt(messages) + ANSWER_TOKENS <= engine.window:
            break
    return messages


def compared(result: Result, questions: Sequence[SetQuestion], run: Run, other: Run) -> Result:
    """The result with the other run's answers as its second configuration, over the questions that both have."""
    common = [question for question in questions if question.id in other.rows]
    if not common:
        raise SystemExit(f"The run {other.id} has none of these questions.")
    before, after = score_answers(common, run.rows), score_answers(common, other.rows)
    comparison = Comparison({"lectern": other.id}, other.id, after, before.differences(after))
    return Result(result.command, result.set, before, result.tables, result.record, result.notes, comparison=comparison)


def since(started: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
