"""A part of a document -> what a model writes on it; and what tasks over whole documents need."""

import threading
from collections.abc import Generator
from dataclasses import dataclass

from app.answer.events import Event, Piece
from app.answer.writing import Returned, write
from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from core.types import Citation, Message, Sampling, Usage
from generate.catalogue import skills
from ingest.locate import locate
from prompts.fit import fit
from prompts.render import HERE, read_template

PART_CHARACTERS = 6000
"""Longest part: 1,500 tokens, which a window of 4,096 holds beside a summary of it."""

PART_TOKENS = 120
"""Most tokens that a model writes on a part: three sentences."""


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


def write_on(tools: Tools, engine: ChatEngine, text: str, asked: str) -> Generator[Event, None, tuple[str, Usage]]:
    """The events of the model's writing on ``text``; returns what it wrote, and what that cost."""
    sampling = Sampling(max_tokens=PART_TOKENS, stop=("</source", "<source"))
    pieces: list[str] = []
    writing = write(engine, messages(tools, text, asked), sampling, "", tools.cancel)
    with Returned(writing) as passing:
        for event in passing:
            if isinstance(event, Piece):
                pieces.append(event.text)
            else:
                yield event
    return "".join(pieces).strip(), passing.value


def messages(tools: Tools, text: str, asked: str) -> tuple[Message, ...]:
    """The prompt of ``write_on``; ``tools`` has an engine."""
    assert tools.engine is not None
    template = read_template(HERE / "summary.yaml", "direct")
    source = Citation("", "", locate((), "", 0), text, 0, len(text), 1.0)
    return fit(template, asked, (source,), (), tools.engine.window, PART_TOKENS, tools.engine).messages
