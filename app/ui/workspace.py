"""One open library as the page has it: its conversations, its jobs, and what is held of them between two drawings."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from app.chat.chat_turns import Turn
from app.chat.embedder_change import EmbedderChange
from app.chat.library_jobs import LibraryJobs
from app.chat.models import Models
from app.chat.open_chats import OpenChats
from app.chat.open_library import OpenLibrary
from app.chat.starters import StarterQuestions
from app.source.pictures import PagePictures
from app.ui.markup.turn import TurnHtml
from core.settings import Settings
from core.types import Document
from index.store.chats import Chats, SourceState
from index.store.records import DocumentRecord

DOCUMENTS_KEPT = 6
"""Whole documents held for the source drawer."""

TURNS_KEPT = 2000
"""Turns whose HTML is held: ten chats of 200, some 10 MB."""


class Workspace:
    """One open library with the conversations and the jobs of the page."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.name = settings.library
        self.opened = OpenLibrary(settings, models, create=True)
        self.library = self.opened.library
        self.starters = StarterQuestions(self.opened, self.is_busy)
        self.chats = OpenChats(self.opened, before_ask=self.starters.give_way)
        self.jobs = LibraryJobs(self.library)
        self.jobs.resume_after_start()
        self.embedder_change = EmbedderChange(self.library, self._take_embedder)
        self.pages = PagePictures()
        self.turn_html: OrderedDict[tuple[str, int], TurnHtml] = OrderedDict()
        self._records: tuple[int, tuple[DocumentRecord, ...]] = (-1, ())
        self._documents: OrderedDict[tuple[str, int], Document] = OrderedDict()
        self._reading = threading.Lock()

    def document(self, document_id: str) -> Document:
        """A document of the library, kept for a while: a person turns its pages. Raises UnknownDocument.

        It is read again after a change of the library: its scanned pages may have been recognized.
        """
        with self._reading:
            key = document_id, self.library.generation
            document = self._documents.get(key) or self.library.document(document_id)
            self._documents[key] = document
            self._documents.move_to_end(key)
            while len(self._documents) > DOCUMENTS_KEPT:
                self._documents.popitem(last=False)
            return document

    def records(self) -> tuple[DocumentRecord, ...]:
        """The documents as they are now, by name; read again after a change."""
        generation = self.library.generation
        if self._records[0] != generation:
            self._records = (generation, tuple(self.library.documents()))
        return self._records[1]

    def keep_turn_html(self, chat: str, number: int, made: TurnHtml) -> None:
        """Keep the HTML of a chat's turn for the next drawing; of very many the oldest are let go."""
        self.turn_html[chat, number] = made
        while len(self.turn_html) > TURNS_KEPT:
            self.turn_html.popitem(last=False)

    def forget(self, chat: str) -> None:
        """End a temporary conversation that was left: nothing of it is held any more."""
        self.chats.forget(chat)
        for key in [key for key in self.turn_html if key[0] == chat]:
            self.turn_html.pop(key, None)

    def is_taking_in(self) -> bool:
        """Whether files are being added, or documents read to be kept open."""
        return self.jobs.running or self.opened.open_documents.shown_state().is_changing

    def is_busy(self) -> bool:
        """Whether a person waits: something is taken in, or an answer is written."""
        return self.is_taking_in() or any(not job.snapshot().done for job in self.chats.jobs())

    def source_states(self, turns: Sequence[Turn]) -> dict[str, SourceState]:
        """By document id, whether the documents that the answers of ``turns`` quote have changed or gone since."""
        answers = (turn.answer for turn in turns if turn.answer)
        citations = (citation for answer in answers for citation in answer.citations)
        return Chats(self.library).source_states(citations)

    def _take_embedder(self) -> None:
        """Load the embedder that the library has changed to, ahead of the next question."""
        self.opened.embedder.follow()
        self.opened.embedder.embed_question("warm-up")

    def close(self) -> None:
        self.embedder_change.end()
        self.starters.close()
        self.jobs.end()  # returns at once: the ingest ends while the answers do
        self.chats.close()
        self.jobs.close()
        self.embedder_change.close()
        self.pages.close()
        self.opened.close()
