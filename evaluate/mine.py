"""Replays a person's own questions after a change, and compares the results with those of the last replay.

The questions, each with the page that answers it, are kept by ``index.store.kept_questions``. Replays are kept beside
them in the library's folder, in replays.jsonl, one line each: {"at", "settings", "models", "outcomes": {id: Outcome}}.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import UnknownDocument, UsageError
from core.files import Rows, append_row, read_rows
from core.settings import Settings
from core.types import Answer, Citation, Document, Passage
from evaluate.kept_answers import can_compare, contradicts, standing, states
from index.store.kept_questions import KeptQuestion
from ingest.locate import locate
from ingest.sentences import Span

if TYPE_CHECKING:
    from app.chat.open_library import OpenLibrary

Change = Literal["gone", "changed", "worse", "better", "unclear", "new", "same"]
"""gone: no document of that name is left; changed: it gives another answer than was kept; unclear: the kept answer
cannot be compared."""

FAILED: frozenset[Change] = frozenset(("gone", "changed", "worse"))

REPLAYS = "replays.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of replaying one question. ``place`` is the page's rank among the passages, from 1; None if not found.

    ``answered`` (an answer was found) and ``cited`` (it cites the page) are None if no answer was written. ``holds``:
    whether the page still gives the kept answer, None if it cannot be compared; if it does not, ``says`` is what is
    said instead and ``where`` its place. ``gone``: the document is no longer in the library.
    """

    place: int | None
    answered: bool | None = None
    cited: bool | None = None
    gone: bool = False
    holds: bool | None = None
    says: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A question with its outcome in this replay and in the one before (None: not replayed before)."""

    kept: KeptQuestion
    before: Outcome | None
    after: Outcome

    @property
    def change(self) -> Change:
        """What changed: judged by the kept answer, then the citation if both replays wrote answers, then the rank."""
        if self.after.gone:
            return "gone"
        if self.after.holds is False:
            return "changed"
        unmoved: Change = "unclear" if self.kept.answer and self.after.holds is None else "same"
        if self.before is None:
            return "new" if unmoved == "same" else unmoved
        steps = (
            _compare_flags(self.before.cited, self.after.cited),
            _compare_places(self.before.place, self.after.place),
        )
        return next((step for step in steps if step != "same"), unmoved)


class Replay:
    """Asks kept questions of one library."""

    def __init__(self, opened: OpenLibrary, passages: int, with_answers: bool) -> None:
        self._opened = opened
        self._passages = passages
        self._with_answers = with_answers
        self._documents: dict[str, Document] = {}

    def ask(self, kept: KeptQuestion) -> Outcome:
        """The outcome of searching (and, if wanted, answering) the question now. Raises what these raise."""
        documents = self._documents_named(kept.document)
        if not documents:
            return Outcome(None, gone=True)
        found = self._opened.retriever.search(kept.question, self._passages)
        places = (place for place, hit in enumerate(found.passages, 1) if self._on_page(kept, hit))
        place = next(places, None)
        if not self._with_answers:
            return self._compared(Outcome(place), kept, documents)
        from evaluate.answers import answer_one

        answer = answer_one(kept.question, self._opened)
        cites = any(self._on_page(kept, citation) for citation in _cited(answer))
        outcome = self._compared(Outcome(place, answer.found, cites), kept, documents)
        if outcome.holds and contradicts(answer.text, kept.answer) and not states(answer.text, kept.answer):
            return replace(outcome, holds=False, says=answer.text, where=_place(next(iter(_cited(answer)), None)))
        return outcome

    def _compared(self, outcome: Outcome, kept: KeptQuestion, documents: list[Document]) -> Outcome:
        """``outcome`` with ``holds``, and if the kept answer no longer holds, what the page says instead."""
        if not can_compare(kept.answer):
            return outcome
        nearest: Citation | None = None
        for document in documents:
            nearest = self._nearest(kept, document)
            differs = nearest is not None and contradicts(nearest.quote, kept.answer)
            if standing(document, kept.answer, stretches(document, kept.page)) and not differs:
                return replace(outcome, holds=True)
        if nearest is None and (elsewhere := standing(documents[-1], kept.answer, stretches(documents[-1], None))):
            nearest = _quote(documents[-1], elsewhere)
        says = nearest.quote if nearest else ""
        return replace(outcome, holds=False, says=says, where=_place(nearest))

    def _nearest(self, kept: KeptQuestion, document: Document) -> Citation | None:
        """The best quote of the page for the question, as ``lectern ask --no-llm`` finds it; None if there is none."""
        from app.answer.events import EvidenceFound
        from app.answer.pipeline import answer
        from app.answer.question import Question
        from index.search.filters import Filter

        pages = None if kept.page is None else (kept.page, kept.page)
        question = Question(kept.question, within=Filter(documents=(document.id,), pages=pages))
        events = answer(question, self._opened.services(None))
        with suppress(UsageError):  # the page is no longer there
            for event in events:
                if isinstance(event, EvidenceFound):
                    return next(iter(event.evidence), None) if event.answers else None
        return None

    def _documents_named(self, name: str) -> list[Document]:
        """All documents of that name."""
        from index.store.statements import find_documents

        with self._opened.library.database.reading() as db:
            ids = find_documents(db, name)
        found = []
        for each in ids:
            with suppress(UnknownDocument):  # removed meanwhile
                found.append(self._document(each))
        return found

    def _on_page(self, kept: KeptQuestion, stretch: Passage | Citation) -> bool:
        """Whether a quote or passage lies on the question's page; one that runs over a page's end lies on both."""
        if stretch.file != kept.document:
            return False
        return kept.page is None or any(
            page.number == kept.page and max(stretch.start, page.start) < min(stretch.end, page.end)
            for page in self._document(stretch.document_id).pages
        )

    def _document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            self._documents[document_id] = self._opened.library.document(document_id)
        return self._documents[document_id]


def last_outcomes(folder: Path) -> dict[str, Outcome]:
    """The newest outcome of each question by id; ``cited`` is that of the last replay that wrote answers."""
    found: dict[str, Outcome] = {}
    for outcomes in read_replays(folder).rows:
        for question, outcome in outcomes.items():
            before = found.get(question)
            if outcome.cited is None and before is not None:
                outcome = replace(outcome, answered=before.answered, cited=before.cited)
            found[question] = outcome
    return found


def read_replays(folder: Path) -> Rows[dict[str, Outcome]]:
    """The outcomes of every replay by question id, oldest first, and a note on lines that could not be read."""
    return read_rows(folder / REPLAYS, _outcomes)


def save_replay(folder: Path, settings: Settings, models: Mapping[str, str], outcomes: Mapping[str, Outcome]) -> None:
    """Append a replay to the file, to compare the next one with. Raises LibraryError if it cannot be written."""
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
    """Each question that was replayed, with its outcome before and after, in order."""
    return tuple(Changed(kept, before.get(kept.id), after[kept.id]) for kept in questions if kept.id in after)


def _outcomes(row: dict[str, Any]) -> dict[str, Outcome]:
    known = {field.name for field in fields(Outcome)}
    return {
        question: Outcome(**{name: value for name, value in dict(values).items() if name in known})
        for question, values in dict(row["outcomes"]).items()
    }


def stretches(document: Document, page: int | None) -> list[Span]:
    """The (start, end) spans of the page's text; the whole text for ``page`` None."""
    if page is None:
        return [(0, len(document.text))]
    return [(each.start, each.end) for each in document.pages if each.number == page]


def _quote(document: Document, span: Span) -> Citation:
    place = locate(document.pages, document.text, span[0])
    return Citation(document.id, document.name, place, document.text[slice(*span)], *span, 0.0)


def _cited(answer: Answer) -> list[Citation]:
    return [citation for sentence in answer.sentences for citation in sentence.citations]


def _place(citation: Citation | None) -> str:
    return f"{citation.file}, {citation.locator.label}".rstrip(", ") if citation else ""


def _compare_places(before: int | None, after: int | None) -> Change:
    # Not found stands behind every place.
    first, second = before or float("inf"), after or float("inf")
    return "same" if first == second else "better" if second < first else "worse"


def _compare_flags(before: bool | None, after: bool | None) -> Change:
    if before is None or after is None or before == after:
        return "same"
    return "better" if after else "worse"
