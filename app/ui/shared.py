"""What all sessions of the page share in this process: models, open libraries, conversations, uploads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app import closed
from app.chat.models import Models
from app.chat.open_chats import Talks, Turn
from app.chat.open_library import OpenLibrary
from app.chat.upload_queue import Uploads
from app.ui.starter_questions import example_questions
from core.errors import LecternError
from core.settings import Settings, load_settings
from generate.catalogue import find
from index.store.chats import Chats, SourceState

log = logging.getLogger(__name__)


class Library:
    """One library with everything the page does in it."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.name = settings.library
        self.desk = OpenLibrary(settings, models, create=True)
        self.talks = Talks(self.desk)
        self.uploads = Uploads(self.desk.library)
        self.uploads.resume()
        self._examples: tuple[int, tuple[str, ...]] = (-1, ())

    def example_questions(self) -> tuple[str, ...]:
        """Questions to start with; made anew when the documents changed."""
        generation = self.desk.library.generation
        if self._examples[0] != generation:
            self._examples = (generation, example_questions(self.desk.library))
        return self._examples[1]

    def source_states(self, turns: Sequence[Turn]) -> dict[str, SourceState]:
        """What became of every document that the answers of ``turns`` quote, by its id."""
        answers = (turn.answer for turn in turns if turn.answer)
        citations = (c for answer in answers for sentence in answer.sentences for c in sentence.citations)
        return Chats(self.desk.library).source_states(citations)

    def close(self) -> None:
        self.uploads.end()  # while the answers do
        self.talks.close()
        self.uploads.close()
        self.desk.close()


class Workshop:
    """The models and the open libraries of one home folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = Models(settings)
        self.ready = threading.Event()
        self.failure = ""
        self._libraries: dict[str, Library] = {}
        self._lock = threading.Lock()

    def library(self, name: str) -> Library:
        """The library of that name, opened at first use. Raises LibraryError, UsageError (not a name)."""
        with self._lock:
            if name not in self._libraries:
                self._libraries[name] = Library(load_settings(library=name), self.models)
            return self._libraries[name]

    @property
    def model_name(self) -> str:
        """The chat model's own name; what the settings call it where there is no such model."""
        try:
            return find(self.settings).name
        except LecternError:
            return self.settings.model

    def warm_up(self) -> None:
        """Load the models ahead of the first question; what goes wrong is shown in the page."""
        try:
            self.models.warm_up()
            desk = self.library(self.settings.library).desk
            if desk.library.counts().documents:
                desk.retriever.search("warm-up", expanded=False)
        except LecternError as error:
            self.failure = str(error)
        except Exception as error:
            log.exception("the models could not be loaded")
            self.failure = f"The models could not be loaded: {error}"
        self.ready.set()

    def close(self) -> None:
        for library in self._libraries.values():
            library.talks.stop()
        for library in self._libraries.values():
            library.close()
        self.models.close()


_first = threading.Lock()


@cache
def _workshop(_home: Path) -> Workshop:
    return Workshop(load_settings())


def workshop() -> Workshop:
    """The home's workshop, with the settings that were in force when it was first asked for: its models stay loaded.

    Raises UsageError where the settings are not valid.
    """
    settings = load_settings()
    closed.close(settings)
    with _first:  # the warm-up and the first session ask at the same time
        return _workshop(settings.home)


def warm_up() -> None:
    """Load the models of the settings in force, for the thread that runs beside the server's start."""
    workshop().warm_up()


def close() -> None:
    """End what runs for the page: answers are stopped and saved, ingests end after the batch in hand."""
    workshop().close()
