"""Answers to questions about a document as a whole: what it is about, whom it is for, how long it is."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Literal

import numpy as np

from app.answer.events import Event
from app.summarize.context import TaskContext
from app.summarize.overview import identity, length_answer, parties
from app.summarize.reading import READING, read_document
from app.summarize.request import SummaryRequest
from app.summarize.result import build_answer
from app.summarize.summary import summarise
from core.facets import Facets
from core.messages import _
from core.types import AnswerSentence, Document, Usage

WholeQuestion = Literal["about", "audience", "extent"]

ABOUT = SummaryRequest(sentences=5)
"""What a document is about is told in as many of its sentences."""

AUDIENCE = 2
"""Sentences that come nearest to a question for whom a document is."""


def answer_whole(
    kind: WholeQuestion, document: Document, question: str, context: TaskContext, facets: Facets
) -> Generator[Event, None, None]:
    """Yields the events of the answer; raises what `summarise` raises."""
    started = time.perf_counter()
    if kind == "about":
        yield from summarise(document, context, ABOUT, facets)
        return
    what = identity(document, facets)
    found = [("", what)]
    if kind == "extent":
        found = [("", AnswerSentence(length_answer(document), what.citations[:1]))]
    else:
        read = yield from read_document(document, context, _(READING, name=document.name))
        found += [("", one) for one in parties(document, facets)]
        if read.sentences:
            near = read.vectors @ context.embedder.embed_question(question)
            found += [("", read.cite(int(at))) for at in sorted(np.argsort(-near)[:AUDIENCE])]
    yield build_answer(question, found, context, started, Usage(), "")
