"""An answer without documents: what the model says by itself, marked as that."""

from __future__ import annotations

import time
from collections.abc import Generator

from app.answer.draft import PieceCollector, left_out
from app.answer.events import Answered, Event, PromptFitted
from app.answer.question import Question
from app.answer.services import Services
from app.answer.writing import observed, write
from core.messages import N_, _
from core.types import Answer, Sampling, Timings, Usage
from prompts.fit import fit
from prompts.render import HERE, read_template

OWN_WORD = N_("The model's own word: no document was read for this, and nothing of it was checked.")


def answer_by_itself(question: Question, services: Services) -> Generator[Event, None, None]:
    """The events of an answer that nothing but the model stands for; the last one is ``Answered``.

    Its ``doubt`` says whose word it is. Raises WindowError for a question that is too long, and what the engine raises.
    """
    engine = services.engine
    assert engine is not None
    begun = time.monotonic()
    usage, text = Usage(stopped="cancelled"), ""
    notes: tuple[str, ...] = ()
    if engine.load(question.cancel):
        template = read_template(HERE / "own_words.yaml", "direct")
        room = services.settings.answer_tokens
        fitted = fit(template, question.prompt_text, (), question.history, engine.window, room, engine)
        yield PromptFitted(fitted)
        sampling = Sampling(max_tokens=fitted.tokens["answer"], temperature=services.settings.temperature)
        collected = PieceCollector()
        events = write(engine, fitted.messages, sampling, question.conversation, question.cancel)
        usage = yield from observed(events, collected)
        text, notes = str(collected).strip(), left_out(fitted)
    milliseconds = 1000 * (time.monotonic() - begun)
    yield Answered(
        Answer(
            question=question.text,
            text=text,
            found=True,
            sentences=(),
            evidence=(),
            passages=(),
            steps=(),
            timings=Timings(first_token=usage.first_token_ms, total=milliseconds),
            usage=usage,
            model=engine.name,
            mode="direct",
            cancelled=usage.stopped == "cancelled",
            notes=notes,
            doubt=_(OWN_WORD),
        )
    )
