"""The operations of benchmarks/kill.py: how each is prepared and done, and the states that it passes."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from kill_state import State, chat_id, name_of, new_uploads, read_state, text_of
from numpy.typing import NDArray

from core.errors import UsageError
from core.protocols import Embedder
from core.settings import Settings
from core.types import Answer, AnswerSentence, Citation, Document, Timings, Usage
from index import read_ahead
from index.build import ingest
from index.embed import load_embedder
from index.folder_changes import find_changes
from index.job_worker import JobWorker
from index.reembed import reembed
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.library import Library
from index.store.quotes import TAKEN_OUT
from index.store.schema import STEPS
from index.store.upload_inbox import UploadInbox, waiting
from index.sync import sync
from ingest.child import Heard
from ingest.locate import locate
from ingest.read import read_file

FILES = 5
"""In the folder, and as many uploads."""

QUOTED = "own0.txt"
"""The upload of which the chat's only answer is made."""

MESSAGES = 9
"""That the chat comes to."""

LATER = (
    "DROP TABLE messages; DROP TABLE conversations;",
    "DROP TABLE tags; DROP TABLE dates; DROP TABLE chunk_pages;",
    "DROP TABLE former_vectors; DROP TABLE former; DROP INDEX sources_name;",
    "ALTER TABLE messages ADD COLUMN citations TEXT NOT NULL DEFAULT '[]';",
    "DROP TABLE reembedded;",
    "",  # words in a second form, which the step writes again
    "ALTER TABLE documents DROP COLUMN tables;",
    "DROP TABLE facets; DROP TABLE given_facets;",
    "DROP TABLE verdicts; DROP TABLE pins;",
    "DROP TABLE branches; DROP TABLE heads; DROP TABLE starters;",
    "DROP TABLE recognized_pages; DROP TABLE job_files; DROP TABLE jobs;",
)
"""What undoes the steps of index/store/schema.py after the first, one for each."""


class LetterEmbedder:
    """An embedder that counts letters."""

    name = "letters"
    dimension = 26
    window = 256

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[1 + text.lower().count(chr(97 + letter)) for letter in range(26)] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector


class OtherLetters(LetterEmbedder):
    """Another embedder, that a library is changed to."""

    name = "other letters"


class InProcess(read_ahead.ReaderPool):
    """Reads files in the process itself, without a child process."""

    def read(
        self,
        path: Path,
        name: str | None = None,
        cancel: threading.Event | None = None,  # noqa: ARG002
        heard: Heard | None = None,  # noqa: ARG002
    ) -> Document:
        return read_file(path, name)


@dataclass
class Trial:
    """One home on the disk and what is done to it."""

    kind: str
    home: Path
    real: bool

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, chunk_tokens=32)

    @property
    def docs(self) -> Path:
        return self.home.parent / "docs"

    def embedder(self) -> Embedder:
        if not self.real:
            return LetterEmbedder()
        embedder = load_embedder(self.settings)
        embedder.warm_up()
        return embedder

    def files(self) -> list[tuple[str, str]]:
        return [(path.name, path.read_text()) for path in sorted(self.docs.iterdir())]

    # What is done, by the process that is killed; ``say`` tells that a step is committed.

    def work(self, embedder: Embedder, say: Callable[[], None]) -> None:
        with Library.open(self.settings, create=True) as library:
            if self.kind in ("ingest", "replace", "prune"):
                prune = self.kind == "prune"
                ingest([self.docs], library, embedder, self.settings, told=lambda _report: say(), prune=prune)
            elif self.kind == "remove":
                for name in self.doomed(library):
                    library.remove_ids([library.find(name)], quotes=True)
                    say()
            elif self.kind == "chat":
                for number in range(len(read_state(library).chat), MESSAGES):
                    Chats(library).append(chat_id(library), ChatMessage("user", f"{number}?", f"{number}?"))
                    say()
            elif self.kind == "bring back":
                for version in library.replaced_versions():
                    library.bring_back(version.document_id)
                    say()
            elif self.kind == "upload":
                self.upload(library, embedder, say)
            elif self.kind == "sync":
                sync(find_changes([self.docs], library, self.settings), library, embedder, self.settings)
                say()
            elif self.kind == "re-embed":
                self.reembed(library, say)

    def reembed(self, library: Library, say: Callable[[], None]) -> None:
        with suppress(UsageError):  # it was killed after the last step
            reembed(library, OtherLetters(), self.settings)
        say()

    def upload(self, library: Library, embedder: Embedder, say: Callable[[], None]) -> None:
        """As the page does: files are kept, then a job names them, then a worker takes them in."""
        inbox = UploadInbox(library.incoming_dir)
        library.adopt_uploads()
        known = {text for _, text in read_state(library).documents}
        known |= {path.read_text() for path in waiting(library.incoming_dir)}
        paths = []
        for name, text in new_uploads():
            if text not in known:
                paths.append(inbox.keep(name, text.encode()))
                say()
        if paths:
            library.jobs.add(paths)
        JobWorker(library, self.settings, lambda: embedder, threading.Event()).run()
        inbox.close()

    def doomed(self, library: Library) -> list[str]:
        names = [name for name, _ in sorted(read_state(library).documents)]
        return [name for name in names if name.endswith(("0.txt", "1.txt"))]

    # What may be there after it

    def steps(self, state: State) -> list[tuple[State, bool]]:
        """The states that the work passes, the present one first, each with whether the process says so."""
        found = [(state, True)]
        if self.kind == "sync":
            return found + self.sync_steps(state)
        if self.kind == "re-embed":
            # What was replaced has vectors of the former embedder alone.
            return [*found, (replace(state, replaced=frozenset()), True)]
        if self.kind in ("ingest", "replace", "prune", "upload"):
            state = replace(state, replaced=frozenset())
            found.append((state, False))
        if self.kind in ("ingest", "replace", "prune"):
            for name, text in self.files():
                state = state.put(name, text)
                found.append((state, True))
        if self.kind == "prune":
            for name in sorted(
                {name for name, _ in state.documents if name.startswith("file")} - set(dict(self.files()))
            ):
                state = state.pruned(name)
            found.append((state, False))
        if self.kind == "remove":
            for name, _ in sorted(state.documents):
                if name.endswith(("0.txt", "1.txt")):
                    state = state.without(name, (TAKEN_OUT,) if name == QUOTED else None)
                    found.append((state, True))
        if self.kind == "chat":
            for number in range(len(state.chat), MESSAGES):
                state = replace(state, chat=(*state.chat, f"{number}?"))
                found.append((state, True))
        if self.kind == "bring back":
            for name, text in sorted((name_of(text), text) for text in state.replaced):
                state = State(state.documents | {(f"{name[:-4]} (2).txt", text)}, state.replaced - {text}, state.chat)
                found.append((state, True))
        return found + (self.upload_steps(state) if self.kind == "upload" else [])

    def sync_steps(self, state: State) -> list[tuple[State, bool]]:
        """What moved goes at once, then each file is read, then what is gone is taken out."""
        if self._is_synced(state):
            return [(replace(state, replaced=frozenset()), True)]
        found = []
        state = replace(state, replaced=frozenset())
        found.append((state, False))
        text_at = dict(state.documents)
        moved = {name: text for name, text in self.files() if name not in text_at and text in text_at.values()}
        for name, text in moved.items():
            before = next(other for other, known in state.documents if known == text)
            state = replace(state, documents=state.documents - {(before, text)} | {(name, text)})
        found.append((state, False))
        for name, text in self.files():
            state = state.put(name, text)
            found.append((state, False))
        there = {name for name, _ in self.files()}
        for name in sorted(name for name, _ in state.documents if name.startswith("file")):
            state = state if name in there else state.pruned(name)
        return [*found, (state, True)]

    def _is_synced(self, state: State) -> bool:
        return {one for one in state.documents if one[0].startswith(("file", "moved"))} == {*self.files()}

    def upload_steps(self, state: State) -> list[tuple[State, bool]]:
        found = []
        with Library.open(self.settings) as library:
            left = {path.read_text() for path in waiting(library.incoming_dir)}
        known = {text for _, text in state.documents}
        found += [(state, True) for _, text in new_uploads() if text not in left | known]
        for name, text in new_uploads():
            if text not in known or text in left:
                state = state.put(name, text)
                found.append((state, False))
        return found


def answer_from(document: Document) -> Answer:
    text = document.text
    place = locate(document.pages, text, 0)
    quote = Citation(document.id, document.name, place, text, 0, len(text), 1.0)
    sentence = AnswerSentence(text, (quote,))
    return Answer("Where?", text, True, (sentence,), (quote,), (), (), Timings(), Usage(), "", "direct")


def prepare(trial: Trial, base: Path, chance: random.Random) -> None:
    """A copy of the base at the same place, and around it what the operation is about."""
    for name in ("home", "docs"):
        shutil.rmtree(trial.home.parent / name, ignore_errors=True)
        shutil.copytree(base / name, trial.home.parent / name)
    if trial.kind == "ingest":
        if chance.random() < 0.5:  # into a library that is there, or into none
            shutil.rmtree(trial.home)
        for number in range(FILES, FILES + 4):
            (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt"))
    elif trial.kind == "replace":
        replace_files(trial)
    elif trial.kind == "prune":
        for number in (1, 3):
            (trial.docs / f"file{number}.txt").unlink()
    elif trial.kind == "sync":
        (trial.docs / "file0.txt").rename(trial.docs / "moved0.txt")
        (trial.docs / "file1.txt").unlink()
        for name, version in (("file2.txt", 2), ("file7.txt", 1)):
            (trial.docs / name).write_text(text_of(name, version))
    elif trial.kind == "migrate":
        version = chance.randrange(1, len(STEPS))
        db = sqlite3.connect(trial.settings.libraries_dir / "default" / "library.sqlite")
        for undone in reversed(LATER[version - 1 :]):
            db.executescript(undone)
        db.execute(f"PRAGMA user_version = {version}")
        db.close()


def replace_files(trial: Trial) -> None:
    for number in range(3):
        (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt", 2))


def build(trial: Trial) -> None:
    """The library that all begin with."""
    trial.docs.mkdir()
    for number in range(FILES):
        (trial.docs / f"file{number}.txt").write_text(text_of(f"file{number}.txt"))
    embedder = trial.embedder()
    with Library.open(trial.settings, create=True) as library:
        inbox = UploadInbox(library.incoming_dir)
        names = [f"own{number}.txt" for number in range(FILES)]
        paths = [inbox.keep(name, text_of(name).encode()) for name in names]
        ingest([trial.docs, *paths], library, embedder, trial.settings)
        inbox.close()
        answer = answer_from(library.document(QUOTED))
        Chats(library).create("Where?", ChatMessage("assistant", answer.text, answer.text, answer))
