"""Quotes of documents in saved chats and kept questions: counted, and taken out with a removed document."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.types import Answer, AnswerSentence
from index.store import kept_questions
from index.store.stored_answers import from_stored, texts_in, to_stored

if TYPE_CHECKING:
    from index.store.chat_messages import ChatMessage
    from index.store.document_queries import DocumentQueries

TAKEN_OUT = "[Taken out with its document.]"
"""What stands in a chat where an answer quoted a document that was removed with its quotes."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """The number of saved chats that quote a document, and of kept questions about it."""

    chats: int
    questions: int

    def __bool__(self) -> bool:
        return bool(self.chats or self.questions)


def count_quotes(library: DocumentQueries, document_ids: Sequence[str]) -> Quotes:
    """The chats and questions that keep words of these documents if they are removed without their quotes."""
    with library.database.reading() as db:
        chats = {
            row["conversation_id"]
            for document_id in document_ids
            for row in db.execute(
                "SELECT DISTINCT conversation_id FROM messages WHERE instr(answer, ?)", (document_id,)
            )
        }
    names = set(library.names_of(document_ids).values())
    return Quotes(len(chats), sum(kept.document in names for kept in kept_questions.kept_questions(library.folder)))


def redact_quotes(db: sqlite3.Connection, document_ids: Sequence[str], *, quotes: bool = False) -> None:
    """Delete what saved chats hold of removed documents, except the quotes that a person saw as an answer's sources.

    The passages and the other evidence are deleted, and the prompt that was sent to the model is replaced by the
    question alone. With ``quotes`` the sentences that cite the documents are deleted too.
    """
    text_of = texts_in(db)
    for document_id in document_ids:
        rows = db.execute(
            "SELECT id, conversation_id, answer FROM messages WHERE instr(answer, ?)", (document_id,)
        ).fetchall()
        for row in rows:
            kept = _without(from_stored(row["answer"], text_of), document_id)
            if quotes:
                kept = _unquoted(kept, document_id)
                db.execute("UPDATE messages SET text = ?1, sent = ?1 WHERE id = ?2", (kept.text, row["id"]))
            db.execute("UPDATE messages SET answer = ? WHERE id = ?", (to_stored(kept, text_of), row["id"]))
            db.execute(
                "UPDATE messages SET sent = text WHERE role = 'user' AND id ="
                " (SELECT max(id) FROM messages WHERE conversation_id = ? AND id < ?)",
                (row["conversation_id"], row["id"]),
            )


def without_gone(db: sqlite3.Connection, messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Messages that are about to be saved, with nothing of documents that were removed while they were written.

    The quotes go too: whoever removed the document could not yet be told of them, and may have chosen that they go.
    """
    kept: list[ChatMessage] = []
    for message in messages:
        if (answer := message.answer) and (gone := _gone(db, answer)):
            for document_id in gone:
                answer = _unquoted(_without(answer, document_id), document_id)
            message = replace(message, text=answer.text, sent=answer.text, answer=answer)
            kept[-1:] = [replace(question, sent=question.text) for question in kept[-1:]]
        kept.append(message)
    return tuple(kept)


def _gone(db: sqlite3.Connection, answer: Answer) -> list[str]:
    """The ids of the documents that an answer holds words of and the library holds no more, nor keeps to bring back."""
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    quoted = {citation.document_id for citation in (*cited, *answer.evidence)}
    held = quoted | {passage.document_id for passage in answer.passages}
    there = "SELECT 1 FROM documents WHERE id = ?1 UNION SELECT 1 FROM former WHERE document_id = ?1"
    return [document_id for document_id in sorted(held) if not db.execute(there, (document_id,)).fetchone()]


def _without(answer: Answer, document_id: str) -> Answer:
    cited = {citation for sentence in answer.sentences for citation in sentence.citations}
    words = answer.words
    shown = words is None or words.document_id != document_id or any(words.text in citation.quote for citation in cited)
    return replace(
        answer,
        words=words if shown else None,
        passages=tuple(p for p in answer.passages if p.document_id != document_id),
        evidence=tuple(c for c in answer.evidence if c.document_id != document_id or c in cited),
        steps=(),
    )


def _unquoted(answer: Answer, document_id: str) -> Answer:
    """The answer without the sentences that rest on a document, or on nothing: these may hold its words too."""

    def rests(sentence: AnswerSentence) -> bool:
        return not sentence.citations or any(citation.document_id == document_id for citation in sentence.citations)

    left = tuple(sentence for sentence in answer.sentences if not rests(sentence))
    whole = len(left) == len(answer.sentences) and (left or not answer.found)
    text = answer.text if whole else " ".join([*(s.text for s in left), TAKEN_OUT])
    keep_words = answer.words is not None and answer.words.document_id != document_id
    return replace(
        answer,
        text=text,
        sentences=left,
        headings=answer.headings if whole else (),
        parts=answer.parts if whole else (),
        words=answer.words if keep_words else None,
        evidence=tuple(c for c in answer.evidence if c.document_id != document_id),
    )
