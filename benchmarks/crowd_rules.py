"""The facts that only one client of benchmarks/crowd.py knows, and the rules for answers about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from core.types import Answer

THINGS = ("locker", "bicycle", "cabin", "safe", "gate", "archive")
_CODE = re.compile(r"\b4711-\d+-\d+\b")


@dataclass(frozen=True, slots=True)
class Fact:
    """A document with one fact; ``version`` is no other document's of that client."""

    client: int
    thing: str
    version: int

    @property
    def code(self) -> str:
        return f"4711-{self.client}-{self.version}"

    @property
    def name(self) -> str:
        return f"client-{self.client}-{self.thing}-{self.version}.txt"

    @property
    def content(self) -> bytes:
        lines = (
            f"Notes of client {self.client}, number {self.version}.",
            f"The code of client {self.client}'s {self.thing} is {self.code}.",
            f"Note {self.version} of client {self.client} lies in drawer {self.client}-{self.version}.",
        )
        return "\n\n".join(lines).encode()

    @property
    def id(self) -> str:
        """As the library calls it."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question at the moment when it was asked.

    ``own`` are the ids of all documents ever added that hold its fact, ``codes`` the codes in them; ``there`` are those
    of them that are in the library; ``gone`` are all documents, of any client, that were removed before.
    """

    text: str
    own: frozenset[str]
    codes: frozenset[str]
    there: frozenset[str]
    gone: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """An answer to be judged: the documents that it quotes, and all documents that it holds text of."""

    question: str
    text: str
    cited: frozenset[str]
    held: frozenset[str]

    @classmethod
    def of_answer(cls, answer: Answer) -> AnswerRecord:
        cited = {citation.document_id for sentence in answer.sentences for citation in sentence.citations}
        pointed = {answer.words.document_id} if answer.words and answer.found else set()
        near = {citation.document_id for citation in answer.evidence}
        near |= {passage.document_id for passage in answer.passages}
        return cls(answer.question, answer.text, frozenset(cited | pointed), frozenset(cited | pointed | near))

    @classmethod
    def of_json(cls, answer: Mapping[str, Any]) -> AnswerRecord:
        """Of what `lectern ask --json` prints."""
        cited = {citation["document"] for sentence in answer["sentences"] for citation in sentence["citations"]}
        pointed = {answer["words"]["document"]} if answer["words"] and answer["found"] else set()
        near = {one["document"] for one in (*answer["evidence"], *answer["passages"])}
        return cls(answer["question"], answer["answer"], frozenset(cited | pointed), frozenset(cited | pointed | near))


def took_another(question: QuestionRecord, answer: AnswerRecord) -> bool:
    """Whether an answer is from documents that do not hold what was asked for."""
    return bool(answer.cited - question.own or set(_CODE.findall(answer.text)) - question.codes)


def faults(question: QuestionRecord, answer: AnswerRecord) -> Iterator[tuple[str, str]]:
    """The rules that an answer breaks, each with what it says."""
    said = f"{question.text} -> {answer.text!r}"
    if answer.question != question.text:
        yield "answers to another question", f"{said}, which answers {answer.question!r}"
    if answer.held & question.gone:
        yield "answers with a document that was removed before they were asked for", said
