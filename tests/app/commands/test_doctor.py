"""``lectern doctor`` on libraries that are damaged: one line that says what helps, and a repair that does."""

import os
import random
import re
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from app.cli import run
from core.settings import load_settings
from core.types import Chunk, Document, Page
from index.store.chat_messages import ChatMessage
from index.store.chats import Chats
from index.store.library import FILE, Library
from index.store.records import Entry


class Named:
    """As much of an embedder as a library asks for."""

    name = "somewhere else"
    dimension = 8


@pytest.fixture
def file(home):
    """The file of a library of 30 documents, each on several pages, and a conversation."""
    with Library.open(load_settings(), create=True) as library:
        library.bind_embedder(Named())
        for number in range(30):
            name, text = f"paper-{number}.txt", f"{number} " * 4000
            document = Document(f"{number:064}", name, "text/plain", "", text, (Page("lines", 1, "", 0, len(text)),))
            vector = np.eye(8, dtype=np.float32)[number % 8]
            chunk = Chunk(document.id, 0, 0, len(text), text, (), 12)
            library.put(
                [Entry(document, f"/nowhere/{name}", 9, (chunk,), (bytes([number] * 32),))],
                {bytes([number] * 32): vector},
            )
        Chats(library).create("First", ChatMessage("user", "Who?", "Who?"))
    return load_settings().libraries_dir / "default" / FILE


def overwrite(file, table):
    with closing(sqlite3.connect(file)) as db:
        number = max(row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,)))
    with file.open("r+b") as stream:
        stream.seek(4096 * (number - 1))
        stream.write(random.Random(1).randbytes(4096))


def said(capsys) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_a_damaged_library_is_told_repaired_and_then_well(file, capsys):
    overwrite(file, "documents")
    assert run(["doctor", "--library", "default"]) == 1
    told = said(capsys)
    assert "`lectern doctor --library 'default' --repair` saves what can be read into a new file" in told
    assert run(["doctor", "--library", "default", "--repair"]) == 1
    told = said(capsys)
    assert "saved: 29 documents, 1 conversation with 1 message." in told
    (name,) = re.findall(r"lost: '(.*?)'", told)
    assert f"It came from /nowhere/{name}, which is no longer there: add it again where you have it." in told
    (kept,) = file.parent.glob(f"{FILE}.damaged-*")
    assert f"the damaged file is kept: {kept}." in told
    assert run(["doctor"]) == 0
    assert "29 documents" in said(capsys)


@pytest.mark.parametrize("table", ["words_data", "abouts_content", "documents_name", "messages", "embeddings"])
def test_whatever_is_damaged_the_repair_leaves_a_library_that_is_well(file, capsys, table):
    overwrite(file, table)
    run(["doctor", "--repair"])
    told = said(capsys)
    assert "unexpected" not in told
    assert run(["doctor"]) == 0
    assert "no contradictions" in said(capsys)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7])
def test_a_truncated_library_too(file, capsys, share):
    original = file.parent / "uploads" / "0123456789abcdef" / "came.txt"
    original.parent.mkdir(parents=True)
    original.write_text("The ferry leaves at noon.")
    os.truncate(file, int(file.stat().st_size * share))
    assert run(["docs", "list"]) == 1
    assert "lectern doctor --library 'default' --repair" in " ".join(capsys.readouterr().err.split())
    run(["doctor", "--repair"])
    told = said(capsys)
    if share:  # the library's embedder is not on this machine
        (aside,) = file.parent.glob("*-uploads/*/came.txt")
        assert f"an upload that cannot be read was moved to {aside}." in told
    else:
        assert "read again from its file: came.txt." in told
    assert run(["doctor"]) == 0
    assert run(["docs", "list"]) == 0


def test_what_contradicts_itself_is_mended_in_place(file, capsys):
    with closing(sqlite3.connect(file)) as db:
        db.execute("DELETE FROM words WHERE rowid = 3")
        db.commit()
    assert run(["doctor"]) == 1
    assert "`lectern doctor --library 'default' --repair` mends it." in said(capsys)
    assert run(["doctor", "--repair"]) == 0
    assert not list(file.parent.glob("*damaged*"))
