"""Every question of a set asked as a person asks it; a line of JSON for each answer, written as soon as it is there.

    {"id", "answer", "found", "doubt", "citations": [{"document", "page", "quote"}], "seconds", "first_token_seconds",
     "tokens": {"prompt", "reused", "answer"}}

and "error" where there is no answer because something failed. "first_token_seconds" is null where no model wrote.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Cancelled, LecternError, ModelError, UsageError
from core.files import for_the_person
from core.settings import Settings
from core.types import Answer, Usage
from evaluate.asking_sets import AskingSet, Inquiry
from evaluate.hashes import chat_hash
from evaluate.kept_outputs import Bill, KeptEngine, KeptOutputs
from evaluate.runs import Row, whole_rows
from evaluate.set_library import library_settings, open_set_library

if TYPE_CHECKING:
    from app.chat.conversation import Conversation
    from app.chat.models import Models
    from evaluate.measure import Meter
    from index.store.library import Library

ROW_BEGINS = b'{"id": '
"""How every line of a file of answers begins."""


class AnswerFile:
    """The answers that are written so far, one a line; ``done`` are their ids."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        """Begin a file, or with ``resume`` go on with it: a line that was cut by a kill is taken off its end.

        Raises UsageError where the file is there and not to be gone on with, or holds something else.
        """
        self.path = path
        if path.exists() and not resume:
            raise UsageError(f"{path} is there already.", "Go on with it by --resume, or name another file.")
        self.rows: list[Row] = _read(path) if path.exists() else []
        self.done = {str(row["id"]) for row in self.rows}

    def add(self, row: Row) -> None:
        """Write one answer; it survives whatever happens next."""
        with for_the_person(), self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.rows.append(row)
        self.done.add(row["id"])


def ask_sets(
    sets: Sequence[AskingSet], settings: Settings, answers: AnswerFile, meter: Meter, told: Callable[[str], None]
) -> None:
    """Ask what ``answers`` do not hold yet; ``told`` is given a line for each file that could not be read.

    A question that fails gets a row that says so. Raises ModelMissing, ModelDamaged, LibraryError.
    """
    from app.chat.models import Models

    models = Models(settings)
    try:
        with KeptOutputs(settings.home) as outputs:
            engine = None
            if models.answer_by() == "model":
                engine = KeptEngine(models.engine, outputs, chat_hash(settings))
            for data in sets:
                if any(_is_left(inquiry, answers) for inquiry in data.inquiries):
                    _ask_set(data, settings, models, engine, answers, meter, told)
    finally:
        models.close()


def _ask_set(
    data: AskingSet,
    settings: Settings,
    models: Models,
    engine: KeptEngine | None,
    answers: AnswerFile,
    meter: Meter,
    told: Callable[[str], None],
) -> None:
    inside = library_settings(data, settings)
    with meter(f"{data.name}: library") as advance:
        library = open_set_library(data, inside, models.embedder, advance, told)
    with library, meter(f"{data.name}: questions") as advance:
        asker = _Asker(data, library, inside, models, engine)
        total = sum(len(inquiry.turns) for inquiry in data.inquiries)
        done = 0
        for inquiry in data.inquiries:
            if _is_left(inquiry, answers):
                for row in asker.rows(inquiry):
                    if row["id"] not in answers.done:
                        answers.add(row)
            done += len(inquiry.turns)
            advance(done, total)


class _Asker:
    """Asks the library of one set, a new conversation for each inquiry."""

    def __init__(
        self, data: AskingSet, library: Library, settings: Settings, models: Models, engine: KeptEngine | None
    ) -> None:
        from app.query.expansion import ModelExpander
        from index.search.retriever import Retriever

        expander = ModelExpander(lambda: engine, settings.expand) if engine and settings.expand != "none" else None
        self._data = data
        self._library = library
        self._settings = settings
        self._models = models
        self._engine = engine
        self._retriever = Retriever(library, models.embedder, settings, expander)
        # What is loaded once would be the first question's time.
        with suppress(ModelError):  # every answer says so
            models.span_reader()
        if data.inquiries and library.counts().documents:
            self._retriever.search(data.inquiries[0].turns[0], expanded=False)

    def rows(self, inquiry: Inquiry) -> Iterator[Row]:
        """The answers to a question or to the turns of a conversation, which is forgotten after it."""
        from index.store.chats import Chats

        conversation = self._conversation()
        try:
            for row_id, text in zip(inquiry.row_ids, inquiry.turns, strict=True):
                yield self._row(row_id, text, inquiry.document, conversation)
        finally:
            if conversation.chat_id:
                Chats(self._library).delete(conversation.chat_id)

    def _conversation(self) -> Conversation:
        from app.answer.services import Services
        from app.chat.conversation import Conversation

        models = self._models
        return Conversation(
            Services(self._library, self._retriever, models.embedder, self._engine, self._settings, models.span_reader)
        )

    def _row(self, row_id: str, text: str, document: str, conversation: Conversation) -> Row:
        from index.search.filters import Filter

        bill, started = Bill(), time.perf_counter()
        if self._engine is not None:
            self._engine.bill = bill
        try:
            within = self._data.document(document) if document else ""
            answer, first = _listen(conversation, text, Filter(documents=(within,)) if within else None, bill, started)
        except Cancelled:
            raise
        except LecternError as error:
            # One question that fails must not cost the hours of those before it; the row says so.
            seconds = time.perf_counter() - started + bill.seconds
            return _failed(row_id, str(error), seconds)
        names = {**self._data.names, **({within: document} if within else {})}
        return {
            "id": row_id,
            "answer": answer.text,
            "found": answer.found,
            "doubt": bool(answer.doubt),
            "citations": list(_cited(answer, names)),
            "seconds": round(time.perf_counter() - started + bill.seconds, 3),
            "first_token_seconds": None if first is None else round(first, 3),
            "tokens": _tokens(answer.usage),
        }


def _listen(
    conversation: Conversation, text: str, within: Any, bill: Bill, started: float
) -> tuple[Answer, float | None]:
    """The answer, and after how many seconds its first word stood on screen."""
    from app.answer.events import Answered, Piece

    first = None
    for event in conversation.ask(text, within=within):
        if isinstance(event, Piece) and first is None:
            first = time.perf_counter() - started + bill.until(event.text)
        if isinstance(event, Answered):
            return event.answer, first
    raise AssertionError("an answer ends with Answered")


def _cited(answer: Answer, names: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What the answer's sentences cite, in order, each once."""
    for one in answer.citations:
        name = names.get(one.document_id, one.file)
        yield {"document": name, "page": one.locator.page, "quote": one.quote}


def _failed(row_id: str, error: str, seconds: float) -> Row:
    return {
        "id": row_id,
        "answer": "",
        "found": False,
        "doubt": False,
        "citations": [],
        "seconds": round(seconds, 3),
        "first_token_seconds": None,
        "tokens": _tokens(Usage()),
        "error": error,
    }


def _tokens(usage: Usage) -> dict[str, int]:
    return {"prompt": usage.prompt, "reused": usage.reused, "answer": usage.answer}


def _is_left(inquiry: Inquiry, answers: AnswerFile) -> bool:
    return not answers.done.issuperset(inquiry.row_ids)


def _read(path: Path) -> list[Row]:
    """The whole rows of a file of answers. Raises UsageError where it is another file."""
    problem = UsageError(f"{path} holds no answers.", "Name another file.")
    try:
        with path.open("rb") as file:
            if file.read(len(ROW_BEGINS)) not in (ROW_BEGINS, b""):
                raise problem
        rows = whole_rows(path)
    except (OSError, ValueError) as error:
        raise problem from error
    return rows
