"""What all sessions of the page share in this process: models, open libraries, conversations, uploads."""

from __future__ import annotations

import logging
import os
import threading
from functools import cache
from pathlib import Path

from app import closed
from app.chat.model_pull import ModelPull
from app.chat.models import Models
from app.ui.markup.model import title
from app.ui.workspace import Workspace
from core.errors import LecternError
from core.messages import N_, _
from core.settings import DEFAULT_LIBRARY, Settings, load_settings
from core.settings_file import change_settings
from generate.catalogue import BUNDLED, choose, entry_of
from generate.choice import AUTO, STANDARD, TINY
from index.embedders.converted import MULTILINGUAL, fetched_name
from index.store.library_place import delete_library, rename_library

EMBEDDER_TAKEN = N_("New libraries are searched by meaning in about 100 languages.")

log = logging.getLogger(__name__)


class SharedState:
    """The models and the open libraries of one home folder, shared by all sessions of the page."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = Models(settings)
        self.ready = threading.Event()
        self.failure = ""
        self.pull = ModelPull(STANDARD, self._take_fetched)
        self.embedder_pull = ModelPull(MULTILINGUAL, lambda: _(EMBEDDER_TAKEN))
        self._workspaces: dict[str, Workspace] = {}
        self._lock = threading.Lock()

    def workspace(self, name: str) -> Workspace:
        """The library of that name, opened at first use. Raises LibraryError; UsageError for an invalid name."""
        with self._lock:
            if name not in self._workspaces:
                self._workspaces[name] = Workspace(load_settings(library=name), self.models)
            return self._workspaces[name]

    def forget(self, name: str, chat: str) -> None:
        """End a temporary conversation of the library of that name, which was left."""
        with self._lock:
            workspace = self._workspaces.get(name)
        if workspace:
            workspace.forget(chat)

    def rename_library(self, name: str, new: str) -> None:
        """Give a library another name: it is closed meanwhile. Raises UsageError, LibraryError."""
        with self._lock:
            if workspace := self._workspaces.pop(name, None):
                workspace.close()
            rename_library(self.settings, name, new)
            self._follow(name, new)

    def delete_library(self, name: str) -> None:
        """Delete a library with all that it holds. Raises LibraryError."""
        with self._lock:
            if workspace := self._workspaces.pop(name, None):
                workspace.close()
            delete_library(self.settings, name)
            self.models.forget()
            self._follow(name, DEFAULT_LIBRARY)

    def _follow(self, name: str, new: str) -> None:
        """Where the library ``name`` was the one that is used if none is named, let it be ``new``."""
        if self.settings.library == name:
            self.settings = self.settings.model_copy(update={"library": new})
            os.environ["LECTERN_LIBRARY"] = new  # as `lectern serve` has set it, for child processes

    @property
    def model_name(self) -> str:
        """The chat model's name; as the settings spell it where there is no such model."""
        try:
            return self.models.choice.card.name
        except LecternError:
            return self.settings.model

    @property
    def notice(self) -> str:
        """Why the better model, which is on this machine, does not answer; "" where it does or the person chose."""
        try:
            return self.models.choice.notice
        except LecternError:  # the footer says it
            return ""

    def switch_model(self, model: str = "", *, load: bool = False) -> None:
        """Answer with ``model``, or the one that settings.toml names now, from the next answer on.

        Answers that are being written end with the former one, which ends after them. With ``load`` the new one is
        loaded first. Raises UsageError, ModelError; the former one then stays.
        """
        settings = load_settings(library=self.settings.library, model=model or None)
        self.models.switch(settings, load=load)
        self.settings, self.failure = settings, ""
        threading.Thread(target=self._end_replaced, name="end-replaced", daemon=True).start()

    def set_patience(self, seconds: float) -> None:
        """Let the model read for so long, from the next answer on, until the page is closed."""
        self._let_hold(patience=seconds)

    def change(self, **values: float | bool) -> None:
        """Let these settings hold from the next answer on, and keep them in settings.toml. Raises UsageError."""
        change_settings(self.settings.home, **values)
        self._let_hold(**values)

    def _let_hold(self, **values: float | bool) -> None:
        self.settings = self.settings.model_copy(update=values)
        with self._lock:
            for workspace in self._workspaces.values():
                workspace.opened.settings = workspace.opened.settings.model_copy(update=values)

    def _end_replaced(self) -> None:
        """End the former models after the answers that were begun before now."""
        with self._lock:
            jobs = [job for workspace in self._workspaces.values() for job in workspace.chats.jobs()]
        for job in jobs:
            while not job.wait(60):
                pass
        self.models.end_replaced()

    def fetch(self) -> None:
        """Fetch the catalogue's `standard` and answer with it, as the person asked. Raises UsageError."""
        if self.settings.model != AUTO:
            choose(self.settings, AUTO)
            self.switch_model(AUTO)
        self.pull.begin(self.settings)

    def fetch_later(self) -> None:
        """Stop fetching. Where that was `standard`, the next start does not begin by itself. Raises UsageError."""
        self.embedder_pull.stop()
        if self.pull.state().stage in ("fetching", "failed"):  # else it is here, or comes in a moment, and is kept
            self.pull.stop()
            choose(self.settings, BUNDLED)
            self.switch_model(BUNDLED)

    @property
    def fetchable(self) -> int:
        """The size in bytes of `standard` where it is not on this machine and `tiny` answers, or none can; else 0."""
        standard = entry_of(self.settings, STANDARD)
        if standard is None or standard.path or self.settings.answer in ("words", "evidence"):
            return 0
        try:
            return standard.bytes if self.models.choice.card.alias == TINY else 0
        except LecternError:  # the model that was chosen cannot be used
            return standard.bytes

    def _lacks_embedder(self) -> bool:
        """Whether the multilingual embedder, which new libraries would get, is not on this machine."""
        from index.embed import AUTO as BEST_EMBEDDER

        return self.settings.embedder == BEST_EMBEDDER and not fetched_name(self.settings, MULTILINGUAL)

    def _take_fetched(self) -> str:
        """Answer with the model that has come, unless the person chose another meanwhile; a line that says so."""
        if self.settings.model != AUTO:
            return ""
        self.switch_model(AUTO, load=True)
        choice = self.models.choice
        return choice.notice or _("Answers are now written by {model}.", model=title(choice.card.name))

    def warm_up(self, *, fetch_model: bool = False) -> None:
        """Load the models ahead of the first question; what goes wrong is shown in the page.

        With ``fetch_model`` the fetching of `standard` and of the multilingual embedder begins then, where no other
        model was chosen.
        """
        try:
            opened = self.workspace(self.settings.library).opened
            self.models.warm_up(opened.embedder)
            if opened.library.counts().documents:
                opened.retriever.search("warm-up", expanded=False)
        except LecternError as error:
            self.failure = str(error)
        except Exception as error:
            log.exception("the models could not be loaded")
            self.failure = _("The models could not be loaded: {error}", error=error)
        if fetch_model and self.settings.model == AUTO:
            if self._lacks_embedder():
                self.embedder_pull.begin(self.settings)
            if self.fetchable:
                self.pull.begin(self.settings)
        self.ready.set()

    def close(self) -> None:
        self.pull.stop()
        self.embedder_pull.stop()
        for workspace in self._workspaces.values():
            workspace.chats.stop()
        for workspace in self._workspaces.values():
            workspace.close()
        self.models.close()


_creating = threading.Lock()


@cache
def _state_of(_home: Path) -> SharedState:
    return SharedState(load_settings())


def shared_state() -> SharedState:
    """The state that all sessions over the home folder share, with the settings that held at the first call.

    Raises UsageError where the settings are not valid.
    """
    settings = load_settings()
    closed.close(settings)
    with _creating:  # the warm-up and the first session ask at the same time
        return _state_of(settings.home)


def warm_up(*, fetch_model: bool) -> None:
    """Load the models, in a thread of its own while the server starts."""
    shared_state().warm_up(fetch_model=fetch_model)


def close() -> None:
    """End what runs for the page: answers are stopped and saved, ingests end after the batch in hand."""
    shared_state().close()
