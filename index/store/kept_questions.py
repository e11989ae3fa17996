"""A person's own questions, each with the page that answers it, in the library's folder.

questions.jsonl has a line a question: {"id", "question", "document", "page", "answer", "added"}.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.files import Rows, append_row, drop_rows, read_rows

FILE = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question with its expected answer. ``page`` None means any page of the document."""

    id: str
    question: str
    document: str
    page: int | None
    answer: str
    added: str


def keep(folder: Path, question: str, document: str, page: int | None = None, answer: str = "") -> KeptQuestion:
    """Add a question to the library in ``folder``, or replace the answer of one that is known; returns the question.

    A question is known if one about the same document and page differs only in case and punctuation: "Who signed?" and
    "who signed". It keeps its id, and is returned unchanged if ``answer`` is "" or the same as before. ``document`` is
    the document's name in the library. Raises UsageError for an empty question, LibraryError if the file cannot be
    written.
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
        answer=answer.strip(),
        added=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    known = {_wording(one): one for one in kept_questions(folder)}.get(_wording(kept))
    if known is not None:
        if kept.answer in ("", known.answer):
            return known
        kept = replace(kept, id=known.id)
    append_row(folder / FILE, asdict(kept))
    return kept


def kept_questions(folder: Path) -> tuple[KeptQuestion, ...]:
    """The questions of the library in ``folder``, in the order in which they were first added."""
    return tuple({kept.id: kept for kept in read_questions(folder).rows}.values())


def read_questions(folder: Path) -> Rows[KeptQuestion]:
    """All lines of the library's questions, also replaced ones, and the lines that could not be read."""
    return read_rows(folder / FILE, parse)


def forget(folder: Path, question_id: str) -> KeptQuestion:
    """Delete a question and return it. Raises UsageError for an unknown id, LibraryError as ``keep`` does."""
    kept = {question.id: question for question in kept_questions(folder)}
    if question_id not in kept:
        raise UsageError(f"There is no question {question_id}.", "`lectern eval mine` shows their ids.")
    drop_rows(folder / FILE, lambda row: row["id"] == question_id)
    return kept[question_id]


def forget_about(folder: Path, documents: Collection[str]) -> None:
    """Delete the questions about documents of these names."""
    if any(question.document in documents for question in kept_questions(folder)):
        drop_rows(folder / FILE, lambda row: row["document"] in documents)


def _wording(kept: KeptQuestion) -> tuple[str, str, int | None]:
    return " ".join(re.findall(r"\w+", kept.question.casefold())) or kept.question, kept.document, kept.page


def parse(row: dict[str, Any]) -> KeptQuestion:
    """The question of a row. Raises KeyError, TypeError for what is none."""
    values = {field.name: row[field.name] for field in fields(KeptQuestion)}
    if not all(isinstance(value, str) for name, value in values.items() if name != "page"):
        raise TypeError("a question, its document and its answer are texts")
    if not (values["page"] is None or isinstance(values["page"], int)):
        raise TypeError("a page is a number")
    return KeptQuestion(**values)
