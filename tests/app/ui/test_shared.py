"""What the sessions of the page share stays true when the library changes."""

from dataclasses import replace

import pytest

from app.chat.chat_turns import Turn
from app.chat.models import Models
from app.ui.transcript import turn_html
from app.ui.workspace import Workspace
from core.errors import UnknownDocument
from core.settings import load_settings
from index.build import ingest
from tests.index.stand_in import TopicEmbedder


@pytest.fixture
def workspace(home):
    settings = load_settings()
    opened = Workspace(settings, Models(settings))
    yield opened
    opened.close()


def test_the_source_of_a_quote_is_the_text_that_the_library_has_now(workspace, tmp_path):
    path = tmp_path / "scan.txt"
    path.write_text("The seal sleeps.")
    ingest([path], workspace.library, TopicEmbedder(), workspace.settings)
    (record,) = workspace.library.documents()
    before = workspace.document(record.id)
    assert workspace.document(record.id) is before
    entry = replace(before, text=before.text + "The seal wakes.")
    put_anew(workspace.library, entry)
    assert workspace.document(record.id).text == entry.text
    workspace.library.remove(record.name)
    with pytest.raises(UnknownDocument):
        workspace.document(record.id)


def put_anew(library, document) -> None:
    """As after its scanned pages were recognized: the same file, another text."""
    from index.store.records import Entry

    library.put([Entry(document, library.sources_of(document.id)[0], 0, (), (), "2031-01-01")], {})


def test_what_runs_in_the_background_waits_for_documents_that_are_read_to_be_kept_open(workspace, monkeypatch):
    from app.chat.open_documents import OpenState

    assert not workspace.is_busy()
    reading = OpenState(("d1",), ("lease.pdf",), read=10, tokens=100)
    monkeypatch.setattr(workspace.opened.open_documents, "shown_state", lambda: reading)
    assert workspace.is_busy()


def test_a_turn_of_a_chat_that_is_read_again_is_not_drawn_again_until_it_changes(workspace):
    chat, turn = workspace.chats.new(), Turn("How much?", None, asked=1)
    made = turn_html(workspace, chat, turn, {}, 0, None)
    assert turn_html(workspace, chat, replace(turn), {}, 0, None) is made
    other = turn_html(workspace, chat, replace(turn, question="How little?"), {}, 0, None)
    assert "How little?" in other.told
    assert [*workspace.turn_html.values()] == [other]
