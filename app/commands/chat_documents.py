"""``lectern chat``: documents that are kept open, read whole with their progress shown."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.chat import messages as say
from app.commands.common import errors, one_line
from app.stopping import at_prompt
from core.errors import LecternError
from core.messages import _

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary

POLL_S = 0.2
"""Seconds between two looks at how far a document is read."""


def keep_open(opened: "OpenLibrary", names: Sequence[str]) -> bool:
    """Open the library's documents of these names, and show until they are read; without names, say what is open.

    Ctrl-C ends the showing, not the reading. False: the conversation goes on with its model.
    """
    documents = opened.open_documents
    before = documents.documents
    for name in names:
        try:
            documents.open(opened.library.find(name))
        except LecternError as error:
            errors().print(one_line(str(error)), style="red", markup=False)
    if not names or documents.documents != before:
        try:
            _follow(opened)
        except KeyboardInterrupt:
            errors().print(_(say.READ_ON), style="dim", markup=False)
    return False


def close_document(opened: "OpenLibrary", name: str) -> bool:
    """Close the document of that name, "" all. False: the conversation goes on with its model."""
    try:
        opened.open_documents.close(opened.library.find(name) if name else "")
    except LecternError as error:
        errors().print(one_line(str(error)), style="red", markup=False)
    else:
        _say(opened)
    return False


def _follow(opened: "OpenLibrary") -> None:
    """Show how far the open documents are read until they are, or until a line says why they are not."""
    with at_prompt(), errors().status("", spinner="line") as status:
        while (state := opened.open_documents.state()).is_changing:
            status.update(one_line(_(say.READING, names=", ".join(state.names), share=state.share)))
            time.sleep(POLL_S)
    _say(opened)


def _say(opened: "OpenLibrary") -> None:
    state = opened.open_documents.state()
    if state.problem:
        errors().print(one_line(state.problem), style="yellow", markup=False)
    names = ", ".join(state.names)
    if not state.documents:
        line = _(say.NONE_OPEN)
    elif state.ready:
        line = _(say.OPEN, names=names)
    else:
        line = _(say.READING, names=names, share=state.share)
    errors().print(one_line(line), style="dim", markup=False)
