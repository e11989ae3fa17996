"""500 random courses of uploads, folders, Stop, kills, removals and versions brought back, against a model in Python.

The model knows what lies under which source. After every step the library must hold exactly that: the texts, under
names of their own; the originals of uploads, byte for byte; what waits; and no byte of what is gone.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from made_answers import answer_from
from stand_in import TopicEmbedder

from core.errors import UsageError
from core.settings import Settings
from core.types import Document
from index import known_files, read_ahead
from index.build import ingest
from index.search.retriever import Retriever
from index.store import originals, removals, upload_inbox
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.check import check
from index.store.file_report import FileReport
from index.store.library import Library
from index.store.naming import numbered
from index.store.quotes import TAKEN_OUT
from index.store.sources import UPLOAD, path_of
from index.store.upload_inbox import UploadInbox, drop, waiting
from ingest.read import read_file

WORDS = ("The ferry leaves the pier at nine and comes", "A seal sleeps upon the roof while kelp", "Room and tide cost")
TEXTS = [
    f"{words} {' '.join(f'{words[-4:].strip()}{number}' for number in range(12))} zq{family}v{version}q."
    for family, words in enumerate(WORDS)
    for version in range(3)
]
"""Three versions each of three texts, every one with a word of its own as its last."""

NAMES = st.sampled_from(["a.txt", "b.txt"])
PATHS = st.sampled_from(["a.txt", "b.txt", "x/a.txt", "y/a.txt"])
SOME = st.sampled_from(TEXTS)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def marker(text: str) -> str:
    return text.split()[-1].rstrip(".")


TEXT_OF = {digest(text): text for text in TEXTS}
FAMILY = {digest(text): number // 3 for number, text in enumerate(TEXTS)}


class Killed(BaseException):
    """Ends an operation where a kill would."""


class InProcess(read_ahead.ReaderPool):
    """Reads in this process: a child a run would take most of the time."""

    def read(self, path: Path, name: str | None = None, *_rest: Any) -> Document:
        return read_file(path, name)


class AtOnce(ThreadPoolExecutor):
    """Does what it is given before it returns: which files are read by then is the same each time."""

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*given, **named))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)
        return future


@dataclass
class Model:
    """What must be in the library: which text (by its hash) lies under which source."""

    sources: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)  # replaced version -> what replaced it
    originals: set[str] = field(default_factory=set)

    @property
    def there(self) -> set[str]:
        return set(self.sources.values())

    def _tidy(self) -> None:
        self.originals &= self.there | set(self.replaced)

    def begin(self) -> None:
        self.replaced.clear()
        self._tidy()

    def set_source(self, source: str, one: str) -> None:
        before = self.sources.get(source)
        self.sources[source] = one
        self.replaced.pop(one, None)
        if before is not None and before not in self.there:
            self.replaced[before] = one

    def drop(self, sources: Sequence[str]) -> None:
        before = self.there
        for source in sources:
            del self.sources[source]
        self.replaced |= dict.fromkeys(before - self.there, "")

    def let_go(self, gone: set[str]) -> None:
        self.replaced = {one: by for one, by in self.replaced.items() if one not in gone and by not in gone}
        self._tidy()

    def remove(self, one: str) -> None:
        self.sources = {source: there for source, there in self.sources.items() if there != one}
        self.let_go({one})

    def moved(self, one: str, source: str) -> None:
        """A text that is there also came from ``source``: those of its files that are gone are forgotten."""
        gone = [other for other, there in self.sources.items() if there == one and other != source and is_gone(other)]
        self.set_source(source, one)
        self.drop(gone)

    def upload(self, name: str, one: str, added: set[str]) -> None:
        places = (UPLOAD + candidate for candidate in numbered(name))
        if one in self.there:
            if not any(source.startswith(UPLOAD) for source, there in self.sources.items() if there == one):
                self.moved(one, next(place for place in places if place not in self.sources))
        else:
            self.set_source(next(place for place in places if self._takes(place, one, added)), one)
            added.add(one)
        self.originals.add(one)

    def _takes(self, place: str, one: str, added: set[str]) -> bool:
        present = self.sources.get(place)
        return present is None or (present not in added and FAMILY[present] == FAMILY[one])

    def file(self, path: Path, one: str, added: set[str]) -> None:
        source = str(path)
        if one not in self.there:
            self.set_source(source, one)
            added.add(one)
        elif self.sources.get(source) != one:
            self.moved(one, source)


def is_gone(source: str) -> bool:
    path = path_of(source)
    return path is not None and not path.exists()


@contextmanager
def killed_at(number: int) -> Iterator[Callable[..., None]]:
    """Ends at the ``number``-th of the moments around everything that is written; 0 for never."""
    count = 0

    def tick(*_given: object) -> None:
        nonlocal count
        count += 1
        if count == number:
            raise Killed

    def around(function: Callable[..., object]) -> Callable[..., object]:
        def called(*given: object, **named: object) -> object:
            tick()
            result = function(*given, **named)
            tick()
            return result

        return called

    places = [(Library, "put"), (Library, "add_source"), (Library, "keep_vectors"), (Library, "drop_sources")]
    places += [(removals, "scrub"), (originals, "keep"), (originals, "forget"), (originals, "private_folder")]
    places += [(known_files, "drop"), (upload_inbox, "drop"), (removals, "forget_about"), (originals.shutil, "rmtree")]
    patches = [patch.object(owner, name, around(getattr(owner, name))) for owner, name in places]
    for each in patches:
        each.start()
    try:
        yield tick
    finally:
        for each in patches:
            each.stop()


class Interleavings(RuleBasedStateMachine):
    """A person, a disk, and a process that is stopped and killed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-interleavings-"))
        self.docs = self.folder / "docs"
        self.docs.mkdir()
        self.settings = Settings(home=self.folder / "home", chunk_tokens=32)
        self.embedder = TopicEmbedder()
        self.model = Model()
        self.chats: dict[str, set[str]] = {}  # conversation -> the texts that it may still quote
        self.changed = False
        self.quoted: dict[str, str] = {}  # conversation -> the text that its answer is made of
        self.pool = patch.multiple(read_ahead, ReaderPool=InProcess, ThreadPoolExecutor=AtOnce)
        self.pool.start()
        self.fsync = patch("os.fsync")  # a kill loses nothing that was given to the system
        self.fsync.start()
        self._start()

    def _start(self) -> None:
        self.library = Library.open(self.settings, create=True)
        self.inbox = UploadInbox(self.library.incoming_dir)

    def _restart(self) -> None:
        """The process was killed: what it holds is free, what it wrote is there."""
        self.inbox.close()
        self.library.close()
        self._start()

    def teardown(self) -> None:
        self.pool.stop()
        self.fsync.stop()
        try:
            assert check(self.library) == []
            if self.model.sources:
                self._finds()
        finally:
            self.inbox.close()
            self.library.close()
            shutil.rmtree(self.folder)

    # What happens

    @rule(
        files=st.lists(st.tuples(NAMES, SOME), min_size=1, max_size=3), stop=st.integers(0, 6), kill=st.integers(0, 40)
    )
    def upload(self, files: list[tuple[str, str]], stop: int, kill: int) -> None:
        paths = [self.inbox.keep(name, text.encode()) for name, text in files]
        self._ingest(paths, stop=stop, kill=kill)

    @precondition(lambda self: self._left())
    @rule(kill=st.integers(0, 40))
    def go_on_with_what_was_left(self, kill: int) -> None:
        self._ingest(self._left(), kill=kill)

    @rule(changes=st.lists(st.tuples(PATHS, st.one_of(SOME, PATHS, st.none())), min_size=1, max_size=3))
    def change_the_disk(self, changes: list[tuple[str, str | None]]) -> None:
        """A file is written, renamed where its new name is given, or deleted."""
        for path, given in changes:
            target = self.docs / path
            if given in TEXTS:
                target.parent.mkdir(exist_ok=True)
                target.write_text(given)
            elif given is None:
                target.unlink(missing_ok=True)
            elif target.exists():
                (self.docs / given).parent.mkdir(exist_ok=True)
                target.replace(self.docs / given)

    @rule(stop=st.integers(0, 6), kill=st.integers(0, 40), prune=st.booleans())
    def add_folder(self, stop: int, kill: int, prune: bool) -> None:
        if prune and not _in_order(self.docs) and any(map(is_gone, self.model.sources)):
            with pytest.raises(UsageError, match="no files are left in"):
                ingest([self.docs], self.library, self.embedder, self.settings, prune=True)
            assert self._matches(self.model)
            return
        self._ingest([self.docs], stop=stop, kill=kill, prune=prune)

    @precondition(lambda self: self.model.sources)
    @rule(data=st.data(), quotes=st.booleans(), kill=st.integers(0, 12))
    def remove(self, data: st.DataObject, quotes: bool, kill: int) -> None:
        one = data.draw(st.sampled_from(sorted(self.model.there)))
        self.changed = True
        after = deepcopy(self.model)
        after.remove(one)
        let_go = {one} | (set(self.model.replaced) - set(after.replaced))
        try:
            with killed_at(kill):
                self.library.remove_ids([one], quotes=quotes)
        except Killed:
            self._restart()
        if self._matches(self.model):
            assert kill
            return
        self.model = after
        for quoted in self.chats.values():
            if quotes:
                quoted -= let_go

    @precondition(lambda self: self.model.replaced)
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.model.replaced)))
        self.changed = True
        self.library.bring_back(one)
        (source,) = self.library.sources_of(one)
        assert source not in self.model.sources
        self.model.set_source(source, one)

    @precondition(lambda self: self.model.sources)
    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.model.there)))
        self.changed = True
        answer = answer_from(self.library.document(one))
        chat = Chats(self.library).create("Where?", ChatMessage("assistant", answer.text, answer.text, answer))
        self.chats[chat], self.quoted[chat] = {one}, one

    # What must be so

    @invariant()
    def all_is_as_it_was_told(self) -> None:
        if self.changed:
            self.holds_exactly_what_was_told()
            self.originals_lie_where_they_should()
            self.nothing_of_what_is_gone_is_on_the_disk()
            self.chats_say_what_they_said_or_that_it_was_taken_out()
        self.changed = False

    def holds_exactly_what_was_told(self) -> None:
        assert self._matches(self.model)
        assert {record.id: self.library.text(record.id) for record in self.library.documents()} == {
            one: TEXT_OF[one] for one in self.model.there
        }
        names = [record.name for record in self.library.documents()]
        assert len(set(names)) == len(names)

    def originals_lie_where_they_should(self) -> None:
        left = {digest(path.read_text()) for path in self._left()}
        lie = {}
        for file in self.library.uploads_dir.rglob("*"):
            if file.is_file():
                lie[file.parent] = file.read_text()
        wanted = {originals.folder_of(self.library.uploads_dir, one): TEXT_OF[one] for one in self.model.originals}
        # An upload that is in and still waits brings its original when it is gone on with.
        late = {originals.folder_of(self.library.uploads_dir, one) for one in left}
        assert {place: text for place, text in wanted.items() if place not in late}.items() <= lie.items()
        assert lie.items() <= wanted.items()

    def nothing_of_what_is_gone_is_on_the_disk(self) -> None:
        left = {digest(path.read_text()) for path in self._left()}
        kept = self.model.there | set(self.model.replaced) | left | set(chain(*self.chats.values()))
        files = b"\0".join(path.read_bytes() for path in self.library.folder.rglob("*") if path.is_file())
        assert [TEXT_OF[one] for one in TEXT_OF if one not in kept and marker(TEXT_OF[one]).encode() in files] == []

    def chats_say_what_they_said_or_that_it_was_taken_out(self) -> None:
        for chat, quoted in self.chats.items():
            (message,) = Chats(self.library).load(chat).messages
            assert message.text == (TEXT_OF[self.quoted[chat]] if quoted else TAKEN_OUT)

    # How it is done

    def _left(self) -> list[Path]:
        return waiting(self.library.incoming_dir)

    def _matches(self, model: Model) -> bool:
        with self.library.database.reading() as db:
            sources = dict(db.execute("SELECT source, document_id FROM sources").fetchall())
        replaced = {one.document_id: one.successor for one in self.library.replaced_versions()}
        return (sources, replaced) == (model.sources, model.replaced)

    def _finds(self) -> None:
        """A search for the word of a text finds it where it is there, and nothing that is not."""
        retriever = Retriever(self.library, self.embedder, self.settings)
        for one, text in TEXT_OF.items():
            found = {passage.document_id for passage in retriever.search(marker(text)).passages}
            assert found <= self.model.there
            assert (one in found) == (one in self.model.there)

    def _ingest(self, paths: list[Path], *, stop: int = 0, kill: int = 0, prune: bool = False) -> None:
        """One run, which is stopped at the ``stop``-th word of its progress or killed; 0 for neither."""
        self.changed = True
        courses = self._courses(paths, prune=prune)
        given = [path.read_bytes() for path in paths if path != self.docs]
        told: list[FileReport] = []
        cancel = threading.Event()
        words = 0

        def progress(*_given: object) -> None:
            nonlocal words
            words += 1
            if words == stop:
                cancel.set()
            tick()

        def tell(report: FileReport) -> None:
            told.append(report)
            tick()

        try:
            with killed_at(kill) as tick:
                report = ingest(
                    paths, self.library, self.embedder, self.settings,
                    progress=progress, told=tell, cancel=cancel, prune=prune,
                )  # fmt: skip
        except Killed:
            self._restart()
            done = [number for number, course in enumerate(courses) if self._matches(course)]
            assert done, "neither what was before a file nor what is after it"
            assert done[-1] > len(told) or not told
            self.model = courses[done[-1]]
            kept = [path.read_bytes() for path in self._left()]
            assert [one for one in given[max(done[-1] - 1, 0) :] if one not in kept] == []
            return
        assert report.failed == ()
        self.model = courses[-1] if not report.cancelled else courses[1 + len(told)]
        assert report.cancelled or len(told) == len(courses) - 2 - prune
        for path in paths:
            assert path == self.docs or path.exists() == (path not in {one.path for one in told})
            if path != self.docs:
                drop(path)  # as the page does with what was stopped

    def _courses(self, paths: list[Path], *, prune: bool) -> list[Model]:
        """What the library may hold: before the run, after it began, after each file, after what is gone was pruned."""
        files = paths if paths != [self.docs] else _in_order(self.docs)
        model, added = deepcopy(self.model), set[str]()
        courses = [deepcopy(model)]
        model.begin()
        courses.append(deepcopy(model))
        for path in files:
            one = digest(path.read_text())
            if path.is_relative_to(self.docs):
                model.file(path, one, added)
            else:
                model.upload(path.name, one, added)
            courses.append(deepcopy(model))
        if prune:
            model.drop([source for source in model.sources if is_gone(source)])
            courses.append(deepcopy(model))
        return courses


def _in_order(folder: Path) -> list[Path]:
    """The files below a folder as an ingest comes to them."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        found += _in_order(path) if path.is_dir() else [path]
    return found


pytestmark = pytest.mark.timeout(600)

Interleavings.TestCase.settings = settings(
    max_examples=250,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TestInterleavings = Interleavings.TestCase
