"""The paragraph above a comparison: what the weightiest differences come to, by a model; each sentence is checked."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from app.answer.events import Event
from app.answer.support import supported_sentences
from app.compare.report.wording import as_line
from app.compare.result import Comparison
from app.summarize.context import TaskContext
from app.summarize.phrasing import write_on
from core.types import AnswerSentence, Citation, Usage
from ingest.orders import find_orders

DIFFERENCES = 12
"""The weightiest differences that the model reads: about 900 tokens."""

INSTRUCTION = "Each line is a change, [old → new]. Say in at most three short sentences what the changes come to."


def write_gist(
    comparison: Comparison, cited: Sequence[tuple[Citation, ...]], context: TaskContext
) -> Generator[Event, None, tuple[list[AnswerSentence], Usage]]:
    """What the model writes of the differences, ``cited`` each where it stands; () where it writes none.

    A sentence is kept whose words and figures the quotes of one difference hold; it is cited in both versions where the
    difference stands in both.
    """
    engine = context.engine
    lines = [as_line(one) for one in comparison.differences[:DIFFERENCES]]
    lines = [line for line in lines if not find_orders(line)]
    if not context.model_writes or engine is None or not lines or context.cancel.is_set():
        return [], Usage()
    if not engine.load(context.cancel):
        return [], Usage()
    written, usage = yield from write_on(context, engine, "\n".join(lines), INSTRUCTION)
    sources = tuple(dict.fromkeys(quote for quotes in cited[:DIFFERENCES] for quote in quotes))
    said = supported_sentences(written, sources, "", context.embedder, None)
    return [_in_both(one, cited[:DIFFERENCES]) for one in said if one.supported], usage


def _in_both(sentence: AnswerSentence, cited: Sequence[tuple[Citation, ...]]) -> AnswerSentence:
    """The sentence with the quotes of the differences that its own quotes are part of."""
    quotes = [whole for own in sentence.citations for whole in cited if any(_holds(one, own) for one in whole)][:1]
    return replace(sentence, citations=tuple(dict.fromkeys(one for whole in quotes for one in whole)))


def _holds(whole: Citation, part: Citation) -> bool:
    return whole.document_id == part.document_id and whole.start <= part.start and part.end <= whole.end
