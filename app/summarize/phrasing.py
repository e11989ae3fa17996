"""Has a model write a summary of one section of a document."""

from collections.abc import Generator

from app.answer.events import Event, Piece
from app.answer.writing import CapturedReturn, write
from app.summarize.context import TaskContext
from core.protocols import ChatEngine
from core.types import Citation, Message, Sampling, Usage
from ingest.locate import locate
from prompts.fit import fit
from prompts.render import HERE, read_template

SECTION_CHARACTERS = 6000
"""Longest section: about 1,500 tokens, which a window of 4,096 holds beside a summary of it."""

SECTION_TOKENS = 120
"""Most tokens that a model writes on a section: about three sentences."""


def write_on(
    context: TaskContext, engine: ChatEngine, text: str, instruction: str
) -> Generator[Event, None, tuple[str, Usage]]:
    """Follow ``instruction`` on a section's ``text``: yields the events of the writing, returns its text and usage.

    Raises what the engine raises.
    """
    sampling = Sampling(max_tokens=SECTION_TOKENS, stop=("</source", "<source"))
    pieces: list[str] = []
    writing = write(engine, section_prompt(context, text, instruction), sampling, "", context.cancel)
    with CapturedReturn(writing) as captured:
        for event in captured:
            if isinstance(event, Piece):
                pieces.append(event.text)
            else:
                yield event
    return "".join(pieces).strip(), captured.value


def section_prompt(context: TaskContext, text: str, instruction: str) -> tuple[Message, ...]:
    """The prompt's messages for a section's ``text``; ``context`` must have an engine."""
    assert context.engine is not None
    template = read_template(HERE / "summary.yaml", "direct")
    source = Citation("", "", locate((), "", 0), text, 0, len(text), 1.0)
    return fit(template, instruction, (source,), (), context.engine.window, SECTION_TOKENS, context.engine).messages
