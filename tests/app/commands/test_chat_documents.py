"""`lectern chat`: documents are opened and closed within the chat, and what goes wrong is a line."""

import io
import sys

import pytest

from app.chat.open_documents import OpenState
from app.cli import run
from app.commands.chat_documents import close_document, keep_open
from core.errors import UnknownDocument, WindowError


class Documents:
    """Opens what is called lease.pdf, in two steps."""

    def __init__(self):
        self.documents = ()
        self.steps = [5, 10]

    def open(self, document_id):
        if document_id != "lease.pdf":
            raise WindowError(f"{document_id} does not fit; pages 1 to 31 of 58 would.", "Ask as before.")
        self.documents = (*self.documents, document_id)

    def close(self, document_id=""):
        self.documents = tuple(one for one in self.documents if document_id and one != document_id)

    def state(self):
        read = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return OpenState(self.documents, self.documents, (), read, 10, bool(self.documents) and read == 10)


class Opened:
    """A library of two documents, and those that are open."""

    def __init__(self):
        self.open_documents = Documents()
        self.library = self

    def find(self, name):
        if name not in ("lease.pdf", "book.pdf"):
            raise UnknownDocument(f"no document '{name}' in the library.", "Run `lectern docs list`.")
        return name


def test_a_document_is_opened_closed_and_listed(capsys):
    opened = Opened()
    assert keep_open(opened, ["lease.pdf"]) is False, "the conversation goes on"
    assert "Open, read whole: lease.pdf" in capsys.readouterr().err
    keep_open(opened, [])
    assert "Open, read whole: lease.pdf" in capsys.readouterr().err
    close_document(opened, "")
    assert "No document is open." in capsys.readouterr().err


def test_closing_one_document_says_how_far_the_other_is_read(capsys):
    opened = Opened()
    opened.open_documents.documents = ("lease.pdf", "book.pdf")
    close_document(opened, "book.pdf")
    assert "Reading lease.pdf: 50%" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "said"), [("book.pdf", "pages 1 to 31 of 58"), ("none.pdf", "lectern docs list")])
def test_what_cannot_be_opened_is_said_and_ends_nothing(capsys, name, said):
    keep_open(Opened(), [name])
    assert said in capsys.readouterr().err


def test_in_a_chat_with_tiny_a_line_says_that_it_keeps_none_open(home_with, capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(home_with("# Fuel\n\nThe tank holds 180 litres.\n")))
    monkeypatch.setattr(sys, "stdin", io.StringIO("/open harbour.md\n/help\n"))
    assert run(["chat", "--model", "tiny"]) == 0
    told = capsys.readouterr().err
    assert "tiny reads single sentences and keeps no document open. lectern models pull standard" in told
    assert "/close [FILE]" in told


def test_without_a_model_nothing_can_be_kept_open(home_with, capsys, monkeypatch):
    monkeypatch.setenv("LECTERN_HOME", str(home_with("# Fuel\n\nThe tank holds 180 litres.\n")))
    assert run(["chat", "--no-llm", "--open", "harbour.md"]) == 2
    assert "Leave out --open." in capsys.readouterr().err
