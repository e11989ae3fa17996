"""A scripted model, a library of three sentences, and a search that finds them: small enough to follow by hand."""

import threading
from collections.abc import Sequence

import pytest

from core.facets import Facets
from core.settings import Settings, load_settings
from core.types import Document, Locator, Message, Page, Passage, Usage
from generate import choice
from index.search.filters import Filter
from index.search.retriever import Retrieval
from index.store.library import Library
from index.store.records import Entry
from tests.generate.file_server import FileServer
from tests.standard import ask_index, serve_parts, write_entry

TEXT = (
    "The lease begins on 1 April 2026. It was signed by Maren Oyelaran. "
    "The rent is 640 euros a month. The deposit was not paid in May."
)


class ScriptedEngine:
    """Writes what it is told to, a word a piece; a token is a word. Keeps what it was asked.

    Asked whether a source supports an answer it says yes, by ``surely``, but for answers that hold one of ``denied``.
    """

    name = "scripted"
    window = 2000

    def __init__(self, *answers: str, size: int = 135) -> None:
        self.answers = list(answers)
        self.size = size
        self.prompts: list[list[Message]] = []
        self.grammars: list[str] = []
        self.stopped: list[str] = []
        self.judged: list[str] = []
        self.denied: tuple[str, ...] = ()
        self.surely = 2.0
        self.before_piece = lambda: None

    def load(self, cancel=None):
        return True

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def count_prompt(self, messages: Sequence[Message]) -> int:
        return sum(len(m.content.split()) + 3 for m in messages)

    def generate(self, messages, sampling, *, conversation="", cancel=None, on_queue=None):
        if sampling.options:
            statement = messages[-1].content.partition("Answer: ")[2].partition("\n")[0]
            self.judged.append(statement)
            return _Judging(-self.surely if any(words in statement for words in self.denied) else self.surely)
        self.prompts.append(list(messages))
        self.grammars.append(sampling.grammar)
        return _Writing(self, self.answers.pop(0), cancel or threading.Event(), on_queue or (lambda _place: None))


class _Judging:
    def __init__(self, surely: float) -> None:
        self.usage = Usage(stopped="end", logits=(surely, 0.0))

    def __iter__(self):
        return iter(("Yes" if self.usage.logits and self.usage.logits[0] > 0 else "No",))


class _Writing:
    usage = Usage()

    def __init__(self, engine, text, cancel, on_queue) -> None:
        self.engine, self.text, self.cancel, self.on_queue = engine, text, cancel, on_queue

    def __iter__(self):
        self.on_queue(1)
        self.on_queue(0)
        count = 0
        for word in self.text.split(" "):
            self.engine.before_piece()
            if self.cancel.is_set():
                break
            count += 1
            yield word + " "
        stopped = "cancelled" if self.cancel.is_set() else "end"
        self.engine.stopped.append(stopped)
        self.usage = Usage(prompt=100, reused=10, answer=count, stopped=stopped)


LEASE = Document("d1", "lease.txt", "text/plain", "Lease", TEXT, (Page("lines", 1, "", 0, len(TEXT)),))


class OneDocument:
    """A library of one document."""

    def document(self, document_id: str) -> Document:
        assert document_id == LEASE.id
        return LEASE

    def sources_of(self, document_id: str) -> list[str]:
        return [f"text:{document_id}"]

    def with_tables(self, most: int) -> list[str]:
        return []

    def all_facets(self) -> dict[str, Facets]:
        return {}

    def documents(self) -> list[Document]:
        return []


class WholeText:
    """Finds the whole text, whatever is asked; keeps what was searched."""

    def __init__(self) -> None:
        self.searched: list[str] = []
        self.within: list[Filter | None] = []

    def search(self, question: str, k: int | None = None, within: Filter | None = None, **_: object) -> Retrieval:
        self.searched.append(question)
        self.within.append(within)
        passage = Passage("d1", "lease.txt", "Lease", 0, len(TEXT), TEXT, Locator(None, "line 1"), (), 0.8, 0.7, 3.0)
        return Retrieval((passage,), 1.0)


LONG = Document(
    "d1",
    "lease.txt",
    "text/plain",
    "Lease",
    "The lease names the water. " + "Nothing else is said of the boats here. " * 30 + "The water is paid by Brandt.",
    (Page("lines", 1, "", 0, 1300),),
)


class LongDocument(OneDocument):
    """A document of which a search finds the beginning alone."""

    def document(self, document_id):
        return LONG


class Beginning(WholeText):
    def search(self, question, k=None, within=None, **rest):
        super().search(question)
        first = LONG.text[:27]
        passage = Passage("d1", "lease.txt", "Lease", 0, 27, first, Locator(None, "line 1"), (), 0.8, 0.7, 3.0)
        return Retrieval((passage,), 1.0)


@pytest.fixture(scope="session")
def home_with(embedder, tmp_path_factory):
    """Make a home whose library holds one small document, harbour.md, of a text."""
    from index.build import ingest

    def make(text):
        home = tmp_path_factory.mktemp("harbour")
        file = tmp_path_factory.mktemp("files") / "harbour.md"
        file.write_text(text)
        settings = load_settings(home=home)
        with Library.open(settings, create=True) as library:
            assert not ingest([file], library, embedder, settings).failed
        return home

    return make


@pytest.fixture
def lease() -> Document:
    return LEASE


@pytest.fixture
def library(tmp_path, lease):
    """A library of the one document, without vectors."""
    with Library.open(Settings(home=tmp_path), create=True) as opened:
        opened.put([Entry(lease, "lease.txt", 1, (), ())], {})
        yield opened


@pytest.fixture
def index(home, monkeypatch):
    """A package index with the parts of a better model than the installed one, and memory for it."""
    write_entry(home)
    server = FileServer()
    serve_parts(server)
    ask_index(server, monkeypatch)
    monkeypatch.setattr(choice, "free_memory", lambda: 5_000_000_000)
    yield server
    server.close()


@pytest.fixture
def scripted():
    return ScriptedEngine


@pytest.fixture
def asked(embedder, tmp_path):
    """Ask the one document: returns the events; ``asked.retriever`` knows what was searched."""
    return asking(OneDocument(), WholeText(), embedder, tmp_path)


def asking(library, retriever, embedder, home):
    """Ask ``library`` by ``retriever``: a function that returns the events, with the retriever on it."""
    from app.answer.pipeline import answer
    from app.answer.question import Question
    from app.answer.services import Services

    def ask(text, engine, **how):
        settings = Settings(home=home, answer="model")
        return answer(Question(text, **how), Services(library, retriever, embedder, engine, settings))

    ask.retriever = retriever
    return ask


@pytest.fixture
def asked_long(embedder, tmp_path):
    return asking(LongDocument(), Beginning(), embedder, tmp_path)
