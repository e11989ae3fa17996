"""A person's own questions with the page that answers each, replayed after a change: what got better, what worse.

The questions are kept by ``index.questions``; beside them, in the library's folder, stands replays.jsonl, a line a
replay: {"at", "settings", "models", "outcomes": {id: {"place", "answered", "cited"}}}.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.files import append_row, read_rows
from core.settings import Settings
from core.types import Answer, Citation, Page, Passage
from index.questions import KeptQuestion

if TYPE_CHECKING:
    from app.services import Desk

Change = Literal["better", "worse", "same", "new"]

REPLAYS = "replays.jsonl"


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

    kept: KeptQuestion
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


class Replay:
    """Asks kept questions of one library."""

    def __init__(self, desk: Desk, passages: int, with_answers: bool) -> None:
        self._desk = desk
        self._passages = passages
        self._with_answers = with_answers
        self._pages: dict[str, tuple[Page, ...]] = {}

    def ask(self, kept: KeptQuestion) -> Outcome:
        """Where its page stands among the first passages, and whether the answer cites it."""
        found = self._desk.retriever.search(kept.question, self._passages)
        places = (place for place, hit in enumerate(found.passages, 1) if self._answers(kept, hit))
        place = next(places, None)
        if not self._with_answers:
            return Outcome(place)
        answer = self._answer(kept.question)
        cited = [citation for sentence in answer.sentences for citation in sentence.citations]
        return Outcome(place, answer.found, any(self._answers(kept, citation) for citation in cited))

    def _answers(self, kept: KeptQuestion, stretch: Passage | Citation) -> bool:
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
    for row in read_rows(folder / REPLAYS):
        for question, values in row["outcomes"].items():
            outcome, before = Outcome(**values), found.get(question)
            if outcome.cited is None and before is not None:
                outcome = replace(outcome, answered=before.answered, cited=before.cited)
            found[question] = outcome
    return found


def save_replay(folder: Path, settings: Settings, models: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> None:
    """Keep a replay, so that the next one is compared with it."""
    append_row(
        folder / REPLAYS,
        {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "settings": settings.model_dump(mode="json"),
            "models": dict(models),
            "outcomes": {question: asdict(outcome) for question, outcome in outcomes.items()},
        },
    )


def compare(
    questions: Iterable[KeptQuestion], before: Mapping[str, Outcome], after: Mapping[str, Outcome]
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
