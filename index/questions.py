"""A person's own questions, each with the page that answers it: kept in the library's folder, where it goes too.

questions.jsonl has a line a question: {"id", "question", "document", "page", "answer", "added"}.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import UsageError
from core.files import append_row, as_line, read_rows, write_atomically

FILE = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question to be asked again. ``page`` is None where any page of the document will do."""

    id: str
    question: str
    document: str
    page: int | None
    answer: str
    added: str


def keep(folder: Path, question: str, document: str, page: int | None = None, answer: str = "") -> KeptQuestion:
    """Add a question to the library in ``folder``; one that is there already is replaced.

    ``document`` is the file's name in the library. Raises UsageError for an empty question.
    """
    question = " ".join(question.split())
    if not question:
        raise UsageError("The question is empty.", 'Give it in quotes: lectern eval add "Who signed the lease?" ...')
    identity = json.dumps([question, document, page])
    kept = KeptQuestion(
        id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        question=question,
        document=document,
        page=page,
        answer=answer,
        added=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    append_row(folder / FILE, asdict(kept))
    return kept


def kept_questions(folder: Path) -> tuple[KeptQuestion, ...]:
    """The questions of the library in ``folder``, in the order in which they were first added."""
    rows = {row["id"]: KeptQuestion(**row) for row in read_rows(folder / FILE)}
    return tuple(rows.values())


def forget(folder: Path, question_id: str) -> KeptQuestion:
    """Take a question out again. Raises UsageError where there is none of that id."""
    kept = {question.id: question for question in kept_questions(folder)}
    if question_id not in kept:
        raise UsageError(f"There is no question {question_id}.", "`lectern eval mine` shows their ids.")
    gone = kept.pop(question_id)
    lines = "".join(as_line(asdict(question)) for question in kept.values())
    write_atomically(folder / FILE, lines.encode())
    return gone


def forget_about(folder: Path, documents: Collection[str]) -> None:
    """Take out the questions about documents of these names."""
    kept = kept_questions(folder)
    left = [question for question in kept if question.document not in documents]
    if len(left) < len(kept):
        write_atomically(folder / FILE, "".join(as_line(asdict(question)) for question in left).encode())
