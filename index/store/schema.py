"""The tables of a library, as the steps that make them: version n is what the first n steps leave behind."""

import sqlite3
from collections.abc import Callable

from core.errors import LibraryError
from index.store.stored_answers import by_place, texts_in
from index.store.stored_facets import add_facets
from index.store.word_index import add_second_forms

DOCUMENTS = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', '0'), ('identity', lower(hex(randomblob(8))));

CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,        -- SHA-256 of the file's bytes, or the id that a caller gave
    name TEXT NOT NULL,             -- the file's name, as people know it
    media_type TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    pages TEXT NOT NULL,            -- JSON, as are headings, metadata and warnings
    headings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    warnings TEXT NOT NULL,
    size INTEGER NOT NULL,          -- bytes of the file
    page_count INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    added_at TEXT NOT NULL          -- UTC, ISO 8601
);
CREATE INDEX documents_name ON documents (name);

CREATE TABLE sources (              -- where a document came from (index/store/sources.py)
    source TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    name TEXT NOT NULL
);
CREATE INDEX sources_document ON sources (document_id);

CREATE TABLE embeddings (
    hash BLOB PRIMARY KEY,          -- SHA-256 of the embedder's name and the text it read
    vector BLOB NOT NULL,           -- float32, little-endian
    added_at TEXT NOT NULL
);

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice: FAISS and the words know a chunk by it
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,                     -- kept here too: a search never reads whole documents
    headings TEXT NOT NULL,                 -- JSON
    pages TEXT NOT NULL,                    -- JSON: those it lies on, counted from its own start
    tokens INTEGER NOT NULL,
    embedding BLOB NOT NULL REFERENCES embeddings (hash),
    generation INTEGER NOT NULL,
    UNIQUE (document_id, ordinal)
);
CREATE INDEX chunks_embedding ON chunks (embedding);
CREATE INDEX chunks_generation ON chunks (generation);

CREATE TABLE removed (chunk_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL);  -- 0: the vectors of all chunks
CREATE INDEX removed_generation ON removed (generation);

CREATE VIRTUAL TABLE abouts USING fts5 (name, lead, tokenize = "ascii tokenchars '_'");  -- by documents.number
CREATE VIRTUAL TABLE words USING fts5 (file, body, tokenize = "ascii tokenchars '_'");
CREATE VIRTUAL TABLE terms USING fts5vocab (words, row);
"""

CHATS = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,             -- as the person reads it
    sent TEXT NOT NULL,             -- as the model read it
    citations TEXT NOT NULL,        -- JSON
    answer TEXT NOT NULL,           -- JSON of the whole answer, '' for a question
    created_at TEXT NOT NULL
);
CREATE INDEX messages_conversation ON messages (conversation_id, id);
"""

FILTERS = """
CREATE TABLE tags (                 -- given by people; they go on to the next version of a file
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    tag TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (document_id, tag)
) WITHOUT ROWID;

CREATE TABLE dates (
    document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    day TEXT NOT NULL               -- ISO 8601: what the file says of itself, else when it was last changed
) WITHOUT ROWID;
INSERT INTO dates SELECT id, created FROM (SELECT id, CASE
    WHEN metadata ->> 'created' GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*'
        THEN substr(metadata ->> 'created', 1, 10)
    WHEN metadata ->> 'created' GLOB '[12][0-9][0-9][0-9]-[01][0-9]' THEN (metadata ->> 'created') || '-01'
    WHEN metadata ->> 'created' GLOB '[12][0-9][0-9][0-9]' THEN (metadata ->> 'created') || '-01-01'
    END AS created FROM documents) WHERE created IS NOT NULL;

CREATE TABLE chunk_pages (          -- of chunks that lie on numbered pages or slides
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    first_page INTEGER NOT NULL,
    last_page INTEGER NOT NULL
);
INSERT INTO chunk_pages SELECT chunks.id, min(page.value ->> 1), max(page.value ->> 1)
    FROM chunks, json_each(chunks.pages) AS page WHERE page.value ->> 0 IN ('page', 'slide') GROUP BY chunks.id;
"""

VERSIONS = """
CREATE INDEX sources_name ON sources (name);

CREATE TABLE former (               -- what the last ingest replaced or pruned, until the next one
    document_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,             -- as it was called
    source TEXT NOT NULL,
    successor TEXT NOT NULL,        -- the id of the newer version; "" where it was pruned
    document TEXT NOT NULL,         -- JSON, as are chunks and tags
    chunks TEXT NOT NULL,
    size INTEGER NOT NULL,
    day TEXT NOT NULL,
    tags TEXT NOT NULL,
    replaced_at TEXT NOT NULL       -- UTC, ISO 8601
) WITHOUT ROWID;
CREATE TABLE former_vectors (
    document_id TEXT NOT NULL REFERENCES former (document_id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (document_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX former_vectors_hash ON former_vectors (hash);
"""

REEMBEDDING = """
CREATE TABLE reembedded (           -- the vectors of the embedder that the library changes to, until all are there
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,             -- as in embeddings
    vector BLOB NOT NULL,
    tokens INTEGER NOT NULL         -- of the chunk, counted by that embedder
);
CREATE INDEX reembedded_hash ON reembedded (hash);
"""

TABLES = """
ALTER TABLE documents ADD COLUMN tables TEXT NOT NULL DEFAULT '[]';  -- JSON (core/tables.py)
"""

MARKS_OF_PEOPLE = """
CREATE TABLE IF NOT EXISTS pins (       -- conversations that stand first in the list
    conversation_id TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS verdicts (   -- what a person said of an answer; its prompt is a message
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,          -- 'useful' or 'useless'
    reason TEXT NOT NULL,
    settings TEXT NOT NULL,         -- JSON: those that the answer was made with
    given_at TEXT NOT NULL          -- UTC, ISO 8601
);
"""

BRANCHES_AND_STARTERS = """
CREATE TABLE IF NOT EXISTS branches (   -- questions that were asked in place of another, and what follows such a place
    message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    follows INTEGER NOT NULL        -- the message before it, 0 for none; without a row it is the one saved before
);
CREATE TABLE IF NOT EXISTS heads (      -- the last message of the branch that is shown, where it is not the last of all
    conversation_id TEXT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    message_id INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS starters (   -- questions that were tried on the documents and answered well
    question TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    place INTEGER NOT NULL
) WITHOUT ROWID;
"""

JOBS = """
CREATE TABLE jobs (                 -- what waits to be taken in, in this order (index/store/job_queue.py)
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,             -- 'ingest' or 'sync'
    paths TEXT NOT NULL,            -- JSON: files and folders, as sources
    tags TEXT NOT NULL,             -- JSON: what its documents are tagged with
    prune INTEGER NOT NULL,         -- 1: what is no longer there is taken out
    state TEXT NOT NULL,            -- 'waiting', 'running', 'paused', 'done', 'failed' or 'cancelled'
    progress TEXT NOT NULL,         -- JSON
    result TEXT NOT NULL,           -- JSON: what came of it beside its files; '' until it is done
    error TEXT NOT NULL,            -- one line: why it failed
    begun INTEGER NOT NULL,         -- how often, since a file of it was last done
    changed_at TEXT NOT NULL        -- UTC, ISO 8601
);
CREATE TABLE job_files (            -- what came of each of its files
    number INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    document_id TEXT NOT NULL,      -- '' where it could not be read
    report TEXT NOT NULL,           -- JSON
    UNIQUE (job_id, source)
);
CREATE INDEX job_files_document ON job_files (document_id);
CREATE TABLE recognized_pages (     -- of documents whose recognition has not come to its end
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    place TEXT NOT NULL,            -- the number of the file inside it, 0 for itself, and of the page: "0:12"
    page TEXT NOT NULL,             -- JSON (ingest/recognition/lines.py)
    PRIMARY KEY (document_id, place)
) WITHOUT ROWID;
"""


def passages_by_place(db: sqlite3.Connection) -> None:
    """Answers hold their passages by place, and no list of citations beside them (``index.store.stored_answers``)."""
    text_of = texts_in(db)
    for (message_id,) in db.execute("SELECT id FROM messages WHERE answer <> ''").fetchall():
        (stored,) = db.execute("SELECT answer FROM messages WHERE id = ?", (message_id,)).fetchone()
        db.execute("UPDATE messages SET answer = ? WHERE id = ?", (by_place(stored, text_of), message_id))
    db.execute("ALTER TABLE messages DROP COLUMN citations")


SchemaStep = str | Callable[[sqlite3.Connection], None]
"""SQL, or what a step does beyond SQL, within the transaction of the migration."""

STEPS: tuple[SchemaStep, ...] = (
    DOCUMENTS,
    CHATS,
    FILTERS,
    VERSIONS,
    passages_by_place,
    REEMBEDDING,
    add_second_forms,
    TABLES,
    add_facets,
    MARKS_OF_PEOPLE,
    BRANCHES_AND_STARTERS,
    JOBS,
)
VERSION = len(STEPS)


def migrate(db: sqlite3.Connection, steps: tuple[SchemaStep, ...] = STEPS) -> None:
    """Bring the database to the version of ``steps``, all in one transaction; a version that is there is left alone.

    Raises LibraryError for a database of a later version than this program knows.
    """
    version = _version(db)
    if version == len(steps):
        return
    if version > len(steps):
        raise LibraryError(
            f"the library was made by a later version of Lectern (its format is {version}, known is {len(steps)}).",
            "Update Lectern, or choose another library with --library NAME.",
        )
    db.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(db), len(steps)):  # read again: another process may have been faster
            step = steps[number]
            if not isinstance(step, str):
                step(db)
                continue
            for statement in _statements(step):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(steps)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # some errors of the disk have ended it already
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """The script's statements one by one: ``executescript`` would commit before the first."""
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found
