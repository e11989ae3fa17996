"""Reads an opening into the cache and keeps its state on disk, block by block, so that it can be broken off."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import LecternError
from core.messages import _
from core.types import Message
from generate.openings import Opening
from generate.state_file import state_path, write_state

if TYPE_CHECKING:
    from generate.engine import Engine

CONVERSATION = "\0opening:"
"""The conversation whose cache holds an opening alone; its key follows."""


def read_opening(engine: "Engine", key: str, opening: Opening) -> None:
    """Read ``opening`` and write its state to disk, or take it up from there.

    `Engine.stop` breaks this off; the next call goes on with it. What goes wrong is noted in it: nothing is raised.
    """
    try:
        prompt = engine.template.tokens([*opening.messages, Message("user", "")])
        head = engine.head_of(opening.messages, prompt)
        opening.tokens = head
        if not head:
            opening.problem = _("The chat template of this model lets nothing be read ahead.")
        elif _read(engine, CONVERSATION + key, opening, prompt[: head + 1]):
            opening.ready = True
            if not opening.kept:
                _keep(engine, CONVERSATION + key, opening, prompt[:head])
    except LecternError as error:
        opening.problem = str(error)


def _read(engine: "Engine", name: str, opening: Opening, prompt: Sequence[int]) -> bool:
    """Make the context hold all but the last token of ``prompt``; False if stopped."""
    tokens = prompt[:-1]
    path = _path(engine, opening, tokens)
    if path.exists():
        engine.cache.note_file(name, tokens, path)
    opening.read = engine.cache.take_up(name, prompt, len(tokens))
    opening.kept = engine.cache.is_on_disk(name)

    def note() -> None:
        opening.read = len(engine.cache.tokens)

    return engine.read(tokens[opening.read :], note)


def _keep(engine: "Engine", name: str, opening: Opening, tokens: Sequence[int]) -> None:
    """Write the state of an opening, which the context holds alone, to its file; nothing if stopped."""
    copy, path = engine.cache.snapshot(), _path(engine, opening, tokens)
    if copy is None:
        opening.problem = _("There is not enough memory to keep it on disk; it is read again at the next start.")
        return
    try:
        opening.kept = write_state(path, copy.state, copy.size, opening.documents, lambda: engine.stopped)
    except OSError as error:
        why = error.strerror or str(error)
        opening.problem = _("It cannot be kept on disk: {why}. It is read again at the next start.", why=why)
    if opening.kept:
        engine.cache.note_file(name, tokens, path)


def _path(engine: "Engine", opening: Opening, tokens: Sequence[int]) -> Path:
    return state_path(opening.folder, [engine.origin, tokens])
