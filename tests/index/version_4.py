"""A library's file in format 4, with rows as the program of that format wrote them: for tests of the migration."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from core.settings import Settings
from core.types import Answer, AnswerSentence, Chunk, Citation, Document, Locator, Page, Passage, Timings, Usage
from index.store import schema, statements
from index.store.database import Database
from index.store.library import FILE
from index.store.records import Entry

FERRY = "The ferry leaves the northern pier at noon. It carries forty passengers and no cars. Ünnamed gulls follow it."
LEASE = "The lease runs for three years. The rent is paid on the first of the month."
EARLIER = "The lease runs for two years. The rent is paid on the first of the month."


@dataclass(frozen=True)
class Version4:
    """The library's settings, and the answers of its chat, in order."""

    settings: Settings
    answers: tuple[Answer, ...]

    @property
    def file(self) -> Path:
        return self.settings.libraries_dir / "default" / FILE


def make_version_4(home: Path) -> Version4:
    """A ferry, a lease of which an earlier version can be brought back, and a chat of two turns from both."""
    made = Version4(Settings(home=home), (_answer("ferry", FERRY, 44, 84), _answer("earlier", EARLIER, 0, 29)))
    made.file.parent.mkdir(parents=True)
    old = Database(made.file, schema.STEPS[:4])
    with old.writing() as db:
        # Today's statements, which write the rows, know this column; it goes again below.
        db.execute(schema.TABLES.partition(";")[0])
        db.execute("INSERT INTO meta VALUES ('embedder', 'topics'), ('dimension', '3')")
        for number, (name, source, text) in enumerate(
            (("ferry", "ferry", FERRY), ("earlier", "lease", EARLIER), ("lease", "lease", LEASE)), 1
        ):
            entry = _entry(name, source, text)
            vector = np.array([1.0, 0.0, 0.0], dtype="<f4").tobytes()
            db.execute("INSERT INTO embeddings VALUES (?, ?, '2026')", (entry.hashes[0], vector))
            statements.put(db, entry, statements.prepare(entry), number)
        db.execute("UPDATE meta SET value = '3' WHERE key = 'generation'")
        db.execute("INSERT INTO conversations VALUES ('chat', 'When?', '2026', '2026')")
        for answer in made.answers:
            for role, text, sent in (("user", "When?", "Sources: ... When?"), ("assistant", answer.text, answer.text)):
                db.execute(
                    "INSERT INTO messages (conversation_id, role, text, sent, citations, answer, created_at)"
                    " VALUES ('chat', ?, ?, ?, ?, ?, '2026-01-01')",
                    (role, text, sent, _citations(answer, role), _json(answer) if role == "assistant" else ""),
                )
        db.execute("ALTER TABLE documents DROP COLUMN tables")
    old.close()
    return made


def _entry(name: str, source: str, text: str) -> Entry:
    pages = (Page("page", 4, "iv", 0, len(text)),)
    document = Document(name, f"{source}.txt", "text/plain", source.title(), text, pages, (), {}, ())
    chunk = Chunk(name, 0, 0, len(text), text, (), 20)
    return Entry(document, f"/papers/{source}.txt", 10, (chunk,), (hashlib.sha256(text.encode()).digest(),))


def _answer(document_id: str, text: str, start: int, end: int) -> Answer:
    file, place = "ferry.txt" if text == FERRY else "lease.txt", Locator(4, "p. 4 (iv)")
    quote = Citation(document_id, file, place, text[start:end], start, end, 0.75)
    pages = (Page("page", 4, "iv", 0, len(text) - 3),)
    passage = Passage(document_id, file, "Title", 3, len(text), text[3:], place, ("Times",), 0.9, 0.5, None, pages)
    return Answer(
        question="When?",
        text=quote.quote,
        found=True,
        sentences=(AnswerSentence(quote.quote, (quote,)),),
        evidence=(quote,),
        passages=(passage, Passage("ferry", "ferry.txt", "", 0, 43, FERRY[:43], place, (), 0.4, None, 2.0)),
        steps=(),
        timings=Timings(1.5, 2.5, 3.5, 4.5),
        usage=Usage(10, 5, 3, 1.0, 2.0, "end"),
        model="smollm2",
        mode="direct",
        notes=("पूरा", "完"),
    )


def _json(answer: Answer) -> str:
    return TypeAdapter(Answer).dump_json(answer).decode()


def _citations(answer: Answer, role: str) -> str:
    places = [
        {
            "document_id": one.document_id,
            "file": one.file,
            "page": one.locator.page,
            "locator": one.locator.label,
            "quote": one.quote,
            "start": one.start,
            "end": one.end,
            "score": one.score,
        }
        for sentence in answer.sentences
        for one in sentence.citations
    ]
    return json.dumps(places if role == "assistant" else [], ensure_ascii=False)
