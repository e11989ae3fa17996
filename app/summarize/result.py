"""Builds the answer of a summary or comparison from its sentences and their headings."""

import time
from collections.abc import Sequence

from app.answer.events import Answered
from app.summarize.context import TaskContext
from core.messages import N_, _
from core.types import Answer, AnswerSentence, Timings, Usage

NOTHING = N_("There are no sentences or rows to quote in it.")


def build_answer(
    question: str,
    found: Sequence[tuple[str, AnswerSentence]],
    context: TaskContext,
    started: float,
    usage: Usage,
    model: str,
    compared: Sequence[str] = (),
    nothing: str = "",
) -> Answered:
    """The answer to ``question`` made of ``found``: (heading, sentence) in order; a heading is shown when it changes.

    ``started`` is a ``time.perf_counter()`` value in seconds; ``model`` the name of the model that wrote, "" for none;
    ``compared`` are the names of the documents that each heading tells of, in order; ``nothing`` says why nothing was
    found.
    """
    headings = [(at, name) for at, (name, _) in enumerate(found) if name and (not at or found[at - 1][0] != name)]
    named = dict(headings)
    lines = [f"\n{named[at]}\n{s.text}" if at in named else s.text for at, (_, s) in enumerate(found)]
    return Answered(
        Answer(
            question=question,
            text="\n".join(lines).strip() or ("" if context.cancel.is_set() else nothing or _(NOTHING)),
            found=bool(found),
            sentences=tuple(sentence for _, sentence in found),
            evidence=(),
            passages=(),
            steps=(),
            timings=Timings(total=(time.perf_counter() - started) * 1000),
            usage=usage,
            model=model,
            mode=context.settings.mode,
            cancelled=context.cancel.is_set(),
            headings=tuple(headings),
            compared=tuple(compared),
        )
    )
