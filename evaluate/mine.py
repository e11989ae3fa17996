"""A person's own questions with the page that answers each, replayed after a change: what got better, what worse.

They stand in the library's folder, so that they go where the library goes:

    questions.jsonl   a line a question: {"id", "question", "document", "page", "answer", "added"}
    replays.jsonl     a line a replay: {"at", "settings", "models", "outcomes": {id: {"place", "answered", "cited"}}}
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import UsageError
from core.files import write_atomically
from core.settings import Settings
from core.types import Answer, Citation, Page, Passage

if TYPE_CHECKING:
    from app.services import Desk

Change = Literal["better", "worse", "same", "new"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A question to be asked again. ``page`` is None where any page of the document will do."""

    id: str
    question: str
    document: str
    page: int | None
    answer: str
    added: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question. ``place`` is where the page stood among the passages, from 1, or None.

    ``answered`` and ``cited`` (the answer cites the page) are None where no answer was asked for.
    """

    place: int | None
    answered: bool | None = None
    cited: bool | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A question beside what came of it in this replay and in the one before."""

    kept: Kept
    before: Outcome | None
    after: Outcome

    @property
    def change(self) -> Change:
        """Judged by the citation first, where both replays have answers, and then by the place."""
        if self.before is None:
            return "new"
        steps = (
            _compare_flags(self.before.cited, self.after.cited),
            _compare_places(self.before.place, self.after.place),
        )
        return next((step for step in steps if step != "same"), "same")


def keep(folder: Path, question: str, document: str, page: int | None = None, answer: str = "") -> Kept:
    """Add a question to the library in ``folder``; one that is there already is replaced.

    ``document`` is the file's name in the library. Raises UsageError for an empty question.
    """
    question = " ".join(question.split())
    if not question:
        raise UsageError("The question is empty.", 'Give it in quotes: lectern eval add "Who signed the lease?" ...')
    identity = json.dumps([question, document, page])
    kept = Kept(
        id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        question=question,
        document=document,
        page=page,
        answer=answer,
        added=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    _append(folder / "questions.jsonl", asdict(kept))
    return kept


def kept_questions(folder: Path) -> tuple[Kept, ...]:
    """The questions of the library in ``folder``, in the order in which they were first added."""
    rows = {row["id"]: Kept(**row) for row in _rows(folder / "questions.jsonl")}
    return tuple(rows.values())


def forget(folder: Path, question_id: str) -> Kept:
    """Take a question out again. Raises UsageError where there is none of that id."""
    kept = {question.id: question for question in kept_questions(folder)}
    if question_id not in kept:
        raise UsageError(f"There is no question {question_id}.", "`lectern eval mine` shows their ids.")
    gone = kept.pop(question_id)
    lines = "".join(_line(asdict(question)) for question in kept.values())
    write_atomically(folder / "questions.jsonl", lines.encode())
    return gone


class Replay:
    """Asks kept questions of one library."""

    def __init__(self, desk: Desk, passages: int, with_answers: bool) -> None:
        self._desk = desk
        self._passages = passages
        self._with_answers = with_answers
        self._pages: dict[str, tuple[Page, ...]] = {}

    def ask(self, kept: Kept) -> Outcome:
        """Where its page stands among the first passages, and whether the answer cites it."""
        found = self._desk.retriever.search(kept.question, self._passages)
        places = (place for place, hit in enumerate(found.passages, 1) if self._answers(kept, hit))
        place = next(places, None)
        if not self._with_answers:
            return Outcome(place)
        answer = self._answer(kept.question)
        cited = [citation for sentence in answer.sentences for citation in sentence.citations]
        return Outcome(place, answer.found, any(self._answers(kept, citation) for citation in cited))

    def _answers(self, kept: Kept, stretch: Passage | Citation) -> bool:
        """Whether a stretch of a document is of the page: one that goes over a page's end is of both."""
        if stretch.file != kept.document:
            return False
        return kept.page is None or any(
            page.number == kept.page and max(stretch.start, page.start) < min(stretch.end, page.end)
            for page in self._pages_of(stretch.document_id)
        )

    def _pages_of(self, document_id: str) -> tuple[Page, ...]:
        if document_id not in self._pages:
            self._pages[document_id] = self._desk.library.document(document_id).pages
        return self._pages[document_id]

    def _answer(self, question: str) -> Answer:
        from evaluate.answers import answer_one

        return answer_one(question, self._desk)


def last_outcomes(folder: Path) -> dict[str, Outcome]:
    """What came of every question when it was last replayed; of its answer, when one was last written."""
    found: dict[str, Outcome] = {}
    for row in _rows(folder / "replays.jsonl"):
        for question, values in row["outcomes"].items():
            outcome, before = Outcome(**values), found.get(question)
            if outcome.cited is None and before is not None:
                outcome = replace(outcome, answered=before.answered, cited=before.cited)
            found[question] = outcome
    return found


def save_replay(folder: Path, settings: Settings, models: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> None:
    """Keep a replay, so that the next one is compared with it."""
    _append(
        folder / "replays.jsonl",
        {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "settings": settings.model_dump(mode="json"),
            "models": dict(models),
            "outcomes": {question: asdict(outcome) for question, outcome in outcomes.items()},
        },
    )


def compare(
    questions: Iterable[Kept], before: Mapping[str, Outcome], after: Mapping[str, Outcome]
) -> tuple[Changed, ...]:
    """Every replayed question with its change, in order."""
    return tuple(Changed(kept, before.get(kept.id), after[kept.id]) for kept in questions if kept.id in after)


def _compare_places(before: int | None, after: int | None) -> Change:
    # Not found stands behind every place.
    first, second = before or float("inf"), after or float("inf")
    return "same" if first == second else "better" if second < first else "worse"


def _compare_flags(before: bool | None, after: bool | None) -> Change:
    if before is None or after is None or before == after:
        return "same"
    return "better" if after else "worse"


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    # split, not splitlines: a question may hold U+2028 and the like, which end no line of the file.
    lines = path.read_text(encoding="utf-8").split("\n")
    try:
        return [json.loads(line) for line in lines if line]
    except ValueError as error:
        raise UsageError(f"{path} is damaged: {error}.", "Mend or remove the line.") from error


def _append(path: Path, row: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), ensure_ascii=False) + "\n"
