"""Documents that a person keeps open: read whole by the model in the background, for every question after that."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.answer.services import phrases_only
from app.answer.whole_documents import whole_sources
from app.chat import messages as say
from app.chat.open_fit import check_fit
from core.errors import LecternError, LibraryError, UsageError
from core.messages import _
from generate.client import EngineClient
from prompts.opening import Opening

if TYPE_CHECKING:
    from app.chat.models import Models
    from core.types import Document
    from index.store.library import Library


FROM_DISK_S = 3.0
"""Most seconds that a question waits for the state to come from the disk; that takes some tenths of one."""

POLL_S = 0.05
"""Seconds between two looks at how far it is."""


@dataclass(frozen=True, slots=True)
class OpenState:
    """The documents that are open at one moment, and those that are about to be (``preparing``), by id.

    ``read`` of ``tokens`` are read; questions are answered over all of it once it is ``ready``. ``names`` are the open
    documents' names. ``problem`` is a line for the person, "" for none.
    """

    documents: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    preparing: tuple[str, ...] = ()
    read: int = 0
    tokens: int = 0
    ready: bool = False
    problem: str = ""

    @property
    def share(self) -> float:
        """How much of them is read, in 0..1."""
        return 1.0 if self.ready else self.read / self.tokens if self.tokens else 0.0

    @property
    def is_changing(self) -> bool:
        return bool(self.preparing) or (bool(self.documents) and not self.ready and not self.problem)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is open, with the engine that reads it and the engine's key for it."""

    engine: EngineClient
    key: str
    opening: Opening
    names: tuple[str, ...]


class OpenDocuments:
    """The open documents of one library; every method may be called from any thread."""

    def __init__(self, library: Library, models: Models) -> None:
        self._library = library
        self._models = models
        self._changing = threading.Lock()
        self._opened: _Opened | None = None
        self._preparing: tuple[str, ...] = ()
        self._noting = threading.Lock()
        """Held while ``_preparing`` is changed."""
        self._problem = ""
        self._last = OpenState()

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the open documents, in the order in which they were opened."""
        opened = self._opened
        return opened.opening.documents if opened else ()

    def open(self, document_id: str) -> None:
        """Keep the document open beside those that are; the model reads it in the background.

        Loads the model. Raises UsageError where this model cannot, WindowError where it does not fit, and says how much
        would; UnknownDocument, ModelError.
        """
        with self._changing:
            left, self._problem = self._left()
            if document_id not in left:
                self._replace((*left, document_id))
            elif left != self.documents:
                self._replace(left)

    def begin_to_open(self, document_id: str) -> None:
        """As ``open``, in the background; what goes wrong becomes the state's ``problem``."""
        with self._noting:
            self._preparing = (*self._preparing, document_id)

        def run() -> None:
            try:
                self.open(document_id)
            except LecternError as error:
                self._problem = str(error)
            finally:
                with self._noting:
                    self._preparing = tuple(one for one in self._preparing if one != document_id)

        threading.Thread(target=run, name="open-document", daemon=True).start()

    def close(self, document_id: str = "") -> None:
        """Close a document, or all of them; what was read of it stays on disk. Raises ModelError."""
        with self._changing:
            left, gone = self._left()
            self._problem = gone if document_id in left else ""
            self._replace(tuple(one for one in left if document_id and one != document_id))

    def state(self) -> OpenState:
        """What is open, and how far it is read. Where the model was changed, ended or made to forget, it reads anew."""
        self._follow()
        opened, preparing, problem = self._opened, self._preparing, self._problem
        if opened is None:
            return OpenState(preparing=preparing, problem=problem)
        documents, known = opened.opening.documents, None
        try:
            known = opened.engine.opening(opened.key)
            if known is None:
                opened.engine.open(opened.opening.prompt, documents, self._library.open_dir)
        except LecternError as error:
            problem = str(error)
        if known is None:
            return OpenState(documents, opened.names, preparing, problem=problem)
        problem = problem or known.problem
        self._last = OpenState(documents, opened.names, preparing, known.read, known.tokens, known.ready, problem)
        return self._last

    def shown_state(self) -> OpenState:
        """As ``state``, but it never waits once all is read: the model's process may have ended since."""
        opened, last = self._opened, self._last
        if opened and last.ready and last.documents == opened.opening.documents:
            return replace(last, preparing=self._preparing, problem=self._problem or last.problem)
        return self.state()

    def for_question(self, cancel: threading.Event | None = None) -> tuple[Opening | None, OpenState]:
        """What the next question is answered over, None where not all is read yet, and the state.

        Waits shortly for what a model that was just loaded takes up from the disk, until ``cancel`` is set. Raises
        ModelError, EngineStopped.
        """
        opened = self._opened
        if opened and not opened.engine.load(cancel):
            return None, OpenState(opened.opening.documents, opened.names)
        late = time.monotonic() + FROM_DISK_S
        while True:
            opened, state = self._opened, self.state()
            ended = time.monotonic() > late or bool(cancel and cancel.is_set())
            if state.ready or state.read or state.problem or ended:
                return (opened.opening if opened and state.ready and opened is self._opened else None), state
            time.sleep(POLL_S)

    def _follow(self) -> None:
        """Open anew what is to be open where a document has gone or another model answers."""
        if not self._changing.acquire(blocking=False):
            return
        try:
            before = self._opened
            left, gone = self._left()
            if before and (left != before.opening.documents or before.engine is not self._models.engine):
                self._problem = gone
                self._replace(left)
        except LecternError as error:
            self._problem, self._opened = str(error), None
        finally:
            self._changing.release()

    def _left(self) -> tuple[tuple[str, ...], str]:
        """The open documents that are still in the library, and a line that names the others, "" for none."""
        opened = self._opened
        if opened is None:
            return (), ""
        known = opened.opening.documents
        left = tuple(one for one in known if self._library.has(one))
        gone = [name for one, name in zip(known, opened.names, strict=True) if one not in left]
        return left, _(say.NO_LONGER_OPEN, names=", ".join(gone)) if gone else ""

    def _replace(self, document_ids: tuple[str, ...]) -> None:
        """Keep these documents open, in this order, and no others; where that fails, all stays as it is."""
        former, fresh = self._opened, self._read(document_ids) if document_ids else None
        self._opened = fresh
        if former and (fresh is None or (fresh.engine, fresh.key) != (former.engine, former.key)):
            former.engine.close_opening(former.key)

    def _read(self, document_ids: tuple[str, ...]) -> _Opened:
        engine = reading_engine(self._models)
        documents: list[Document] = [self._library.document(one) for one in document_ids]
        opening = Opening(whole_sources(documents))
        without_text = [one.name for one in documents if one.id not in opening.documents]
        if without_text:
            line = _("{name} has no text that a model could read.", name=without_text[0])
            raise LibraryError(line, _("Ask about another one."))
        check_fit(opening, documents[-1], engine, self._models.settings.answer_tokens)
        key = engine.open(opening.prompt, opening.documents, self._library.open_dir)
        return _Opened(engine, key, opening, tuple(one.name for one in documents))


def reading_engine(models: Models) -> EngineClient:
    """The chat model, where it can keep documents open. Raises UsageError where it cannot, ModelError."""
    engine = models.engine
    if not isinstance(engine, EngineClient):
        raise UsageError(_(say.NOT_ON_A_SERVER), _(say.TAKE_A_LOCAL))
    if phrases_only(engine):
        raise UsageError(_(say.OPENS_NONE, model=engine.card.called), _(say.PULL_A_READER))
    return engine
