"""What all sessions of the page share in this process: models, open libraries, conversations, uploads."""

from __future__ import annotations

import logging
import threading
from functools import cache

from app import closed
from app.services import Desk, Models
from app.talks import Talks
from app.uploads import Uploads
from core.errors import LecternError
from core.settings import Settings, load_settings

log = logging.getLogger(__name__)


class Library:
    """One library with everything the page does in it."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.desk = Desk(settings, models, create=True)
        self.talks = Talks(self.desk)
        self.uploads = Uploads(settings.library, self.desk.library.uploads_dir)

    def close(self) -> None:
        self.uploads.close()
        self.talks.close()
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

    def warm_up(self) -> None:
        """Load the models ahead of the first question; what goes wrong is shown in the page."""
        try:
            self.models.warm_up()
        except LecternError as error:
            self.failure = str(error)
        except Exception as error:
            log.exception("the models could not be loaded")
            self.failure = f"The models could not be loaded: {error}"
        self.ready.set()

    def close(self) -> None:
        for library in self._libraries.values():
            library.close()
        self.models.close()


@cache
def _workshop(settings: Settings) -> Workshop:
    return Workshop(settings)


def workshop() -> Workshop:
    """The workshop of the settings in force. Raises UsageError where they are not valid."""
    settings = load_settings()
    closed.close(settings)
    return _workshop(settings)
