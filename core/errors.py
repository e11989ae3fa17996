"""One tree of errors. Each says in one line what is wrong and, after it, what to do next.

    LecternError
    ├── UsageError            the command or setting cannot be carried out as given
    ├── OutputError           the results cannot be written to standard output
    ├── ReadError             a file could not be read; the others go on
    │   ├── UnsupportedFile   no reader for what is in it
    │   ├── EmptyFile         nothing in it
    │   ├── EncryptedFile     needs a password
    │   ├── DamagedFile       its structure is broken
    │   ├── PageNotFetched    a page of the web that is not there, or may not be fetched
    │   └── ReaderKilled      took too long, too much memory, or crashed
    ├── LibraryError          the library cannot do what was asked
    │   ├── LibraryLocked     another process is writing for too long
    │   ├── LibraryDamaged    its files contradict each other
    │   ├── EmbedderMismatch  it was built with another embedder
    │   ├── NoDocuments       nothing to ask yet
    │   └── UnknownDocument   no document of that name
    ├── ModelError            a model cannot be used
    │   ├── ModelMissing      its files are not on this machine
    │   ├── ModelDamaged      its files are not what they should be
    │   ├── FetchError        its files could not be fetched
    │   │   └── FetchUnderway another program fetches them now
    │   └── EngineStopped     the process that runs it ended
    ├── WindowError           does not fit into the model's context window
    └── Cancelled             the person pressed Stop

A library's own exception is wrapped with ``raise ... from``, never shown to the person by itself.
"""


class LecternError(Exception):
    """Shown to the person as it is: ``message`` says what is wrong, ``hint`` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(LecternError):
    """The command or setting cannot be carried out as given."""


class OutputError(LecternError):
    """The results cannot be written to standard output."""


class ReadError(LecternError):
    """A file could not be read; the others go on."""


class UnsupportedFile(ReadError):
    """No reader for what is in the file."""


class EmptyFile(ReadError):
    """There is nothing in the file."""


class EncryptedFile(ReadError):
    """The file needs a password."""


class DamagedFile(ReadError):
    """The file's structure is broken."""


class PageNotFetched(ReadError):
    """A page of the web is not there, or may not be fetched."""


class ReaderKilled(ReadError):
    """Reading took too long, took too much memory, or crashed."""


class LibraryError(LecternError):
    """The library cannot do what was asked."""


class LibraryLocked(LibraryError):
    """Another process has been writing for too long."""


class LibraryDamaged(LibraryError):
    """The library's files contradict each other."""


class EmbedderMismatch(LibraryError):
    """The library was built with another embedder."""


class NoDocuments(LibraryError):
    """There is nothing to ask yet."""


class UnknownDocument(LibraryError):
    """No document of that name is in the library."""


class ModelError(LecternError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """The model's files are not on this machine."""


class ModelDamaged(ModelError):
    """The model's files are not what they should be."""


class FetchError(ModelError):
    """The model's files could not be fetched."""


class FetchUnderway(FetchError):
    """Another program fetches the model's files now."""


class EngineStopped(ModelError):
    """The process that runs the model ended."""


class WindowError(LecternError):
    """Something does not fit into the model's context window."""


class Cancelled(LecternError):
    """The person pressed Stop."""
