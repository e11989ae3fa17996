"""A question answered under several rulebooks: searched for once, and what a model wrote for a prompt kept."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.answer.assembly import Clock, resolve_options
from app.answer.confidence import DECLINED, certainty_before
from app.answer.events import Event
from app.answer.excerpts import excerpts
from app.answer.pipeline import Found, weigh, write_up
from app.answer.question import Question
from app.answer.retrieval import retrieve
from app.answer.rules.rulebook import RULES, Rulebook
from app.answer.services import Services
from app.answer.writing import CapturedReturn
from app.chat.models import Models
from benchmarks.rule_scores import ALL, NONE, Scored, SetRow
from core.protocols import Embedder
from core.settings import Settings
from evaluate.asking_sets import load_asking_sets
from evaluate.hashes import chat_hash
from evaluate.kept_outputs import KeptEngine, KeptOutputs
from evaluate.set_library import library_settings, open_set_library
from index.search.filters import Filter
from index.search.retriever import Retriever

READ_TOKENS = 270
"""What a model that reads gets of the sources on two cores, in tokens."""


def variants(*, each: bool) -> dict[str, Rulebook]:
    """The rulebooks by name: without the rules of each file, with ``each`` without each rule, and without any."""
    by_file: dict[str, list[str]] = {}
    for rule in RULES:
        by_file.setdefault(_file_of(rule.name), []).append(rule.name)
    books: dict[str, Rulebook] = {}
    for file, names in by_file.items():
        books[f"- {file}"] = RULES.without(*names)
        if each and len(names) > 1:
            books |= {f"- {file}.{name}": RULES.without(name) for name in names}
    return books | {NONE: RULES.without(*(rule.name for rule in RULES))}


def _file_of(rule: str) -> str:
    """The file of `app/answer/rules/` that a rule stands in."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("app.answer.rules.") and name != "app.answer.rules.rulebook":
            for value in vars(module).values():
                if getattr(value, "name", None) == rule and hasattr(value, "verdict"):
                    return name.rpartition(".")[2]
    raise KeyError(rule)


class Asker:
    """Asks one set's library under any rulebook."""

    def __init__(self, folder: Path, model: str, questions: int) -> None:
        settings = Settings(**({"model": model} if model else {"answer": "words"}))
        self._data = load_asking_sets(folder, sample=questions)[0]
        self._settings = library_settings(self._data, settings)
        self._models = Models(settings)
        self._outputs = KeptOutputs(settings.home)
        self._embedder = Remembering(self._models.embedder)
        self._library = open_set_library(self._data, self._settings, self._models.embedder, lambda *_: None, print)
        self._engine = KeptEngine(self._models.engine, self._outputs, chat_hash(settings)) if model else None

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._library.close()
        self._outputs.__exit__()
        self._models.close()

    def answers(self, row: SetRow, books: Mapping[str, Rulebook]) -> dict[str, Scored]:
        """What each rulebook answers."""
        self._embedder.forget()
        reader = RememberingReader(self._models.span_reader())
        services = Services(
            self._library,
            Retriever(self._library, self._models.embedder, self._settings, None),
            self._embedder,
            self._engine,
            self._settings,
            lambda: reader,
        )
        within = Filter(documents=(self._data.document(row.document),)) if row.document else None
        question, services = resolve_options(Question(row.text, within=within), services)
        retrieved = retrieve(question, services)
        readable = retrieved.readable

        def scored(rules: Rulebook) -> Scored:
            ruled = replace(services, rules=rules)
            found = weigh(question, retrieved, ruled)
            answer = finished(found, ruled)
            evidence = found.evidence
            ranked = (*evidence.sentences[:1], *evidence.ranked)
            read = excerpts(ranked, readable, READ_TOKENS, self._embedder.count_tokens)
            return Scored(
                answer.text,
                answer.found,
                bool(answer.doubt),
                tuple(self._cited(answer)),
                evidence.sentences[0].quote if evidence.sentences else "",
                "\n".join(source.quote for source in read),
                certainty_before(question, evidence) >= DECLINED[self._settings.strictness],
            )

        spoke: set[str] = set()
        found = {ALL: scored(replace(RULES, spoke=lambda rule: spoke.add(rule.name)))}
        for name, rules in books.items():
            # A rule that says nothing changes nothing.
            silent = spoke <= {rule.name for rule in rules}
            found[name] = found[ALL] if silent else scored(rules)
        return found

    def _cited(self, answer: Any) -> list[Mapping[str, Any]]:
        return [
            {"document": self._data.names.get(one.document_id, one.file), "page": one.locator.page, "quote": one.quote}
            for one in answer.citations
        ]


def finished(found: Found, services: Services) -> Any:
    """The answer from what was found."""
    with CapturedReturn[Event](write_up(found, services, Clock())) as captured:
        for _ in captured:
            pass
    return captured.value


class Remembering:
    """`core.protocols.Embedder` that embeds no text twice, until it is told to forget."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.dimension, self.window = embedder.name, embedder.dimension, embedder.window
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def forget(self) -> None:
        self._known.clear()

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(text)

    def familiarity(self, text: str) -> float:
        own = getattr(self._embedder, "familiarity", None)
        return float(own(text)) if own else 1.0

    def embed_question(self, text: str) -> NDArray[np.float32]:
        key = f"question\0{text}"
        if key not in self._known:
            self._known[key] = self._embedder.embed_question(text)
        return self._known[key]

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])


class RememberingReader:
    """The span reader, that reads nothing twice for a question."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._known: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def read(self, question: str, passages: Sequence[str], cosines: Sequence[float] | None = None) -> Any:
        key = (question, tuple(passages), tuple(cosines) if cosines else None)
        if key not in self._known:
            self._known[key] = self._reader.read(question, passages, cosines)
        return self._known[key]
