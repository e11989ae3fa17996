"""The page, run by Streamlit's own AppTest over a real library, with the real embedder and the real model."""

import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import shared
from core.errors import ModelMissing, UsageError
from core.settings import load_settings
from index.store.chats import Chats

PAGE = Path(shared.__file__).with_name("page.py")

TEXT = """# Harbour notes

The Marigold is a wooden survey boat. She was built in 1974 by the Tanner yard in Oban.

# Fuel

The fuel tank of the Marigold holds 180 litres. ![a remote image](http://example.org/pixel.png) <b>bold</b>
"""


@pytest.fixture
def page(home, embedder, engine, monkeypatch):
    """The page over a home of its own, with the models loaded once; what it started ends with the test."""
    monkeypatch.setattr("index.embed.load_embedder", lambda _settings: embedder)
    monkeypatch.setattr("app.chat.models.Models.engine", engine)
    monkeypatch.setenv("LECTERN_ANSWER", "model")
    yield AppTest.from_file(str(PAGE), default_timeout=60)
    shared.close()


@pytest.fixture
def harbour(page, embedder, tmp_path):
    """The page over a library of one document."""
    from index.build import ingest

    file = tmp_path / "harbour.md"
    file.write_text(TEXT)
    library = shared.shared_state().workspace("default").library
    assert not ingest([file], library, embedder, load_settings()).failed
    return page


def html(page: AppTest) -> str:
    return "\n".join(element.value for element in page.get("html") if not element.value.startswith("<style>"))


def ask(page: AppTest, question: str) -> AppTest:
    """Type a question, and look at the page until its answer stands there."""
    page.chat_input[0].set_value(question).run()
    return until(page, lambda: "lc-cost" in html(page) or "lc-failure" in html(page))


def act(page: AppTest, monkeypatch, does: str) -> None:
    """Click in the row below the first answer: AppTest has no clicks for a component."""
    clicked = SimpleNamespace(act={"lc": does, "turn": "0"})
    with monkeypatch.context() as patch:
        patch.setattr("app.ui.companion.COMPONENT", lambda **_: clicked)
        page.run()
    assert not page.exception


def until(page: AppTest, done) -> AppTest:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, html(page)
        time.sleep(0.2)
        page.run()
    assert not page.exception
    return page


def test_the_empty_page_says_what_to_do_first(page):
    page.run()
    assert not page.exception
    assert "Start with your documents" in html(page)
    assert page.chat_input[0].placeholder == "Add documents first, then ask"


def test_with_documents_it_offers_questions_that_were_answered(harbour, monkeypatch):
    monkeypatch.setenv("LECTERN_ANSWER", "words")
    monkeypatch.setattr("app.chat.starters.QUIET_S", 0.05)
    harbour.run()
    assert "Ask about the 1 document in this library" in html(harbour)
    until(harbour, lambda: any(button.key == "example-0" for button in harbour.button))
    assert harbour.button(key="example-0").label == "What is “Harbour notes” about?"


def test_an_answer_shows_evidence_sources_and_cost_and_is_found_again(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert shown.index("From your documents") < shown.index("lc-answer") < shown.index("Sources")
    assert "<mark>The fuel tank of the Marigold holds 180 litres.</mark>" in shown
    assert "tokens read" in shown

    chat_id = harbour.query_params["chat"]
    reopened = AppTest.from_file(str(PAGE), default_timeout=60)
    reopened.query_params["chat"] = chat_id
    reopened.run()
    assert "<mark>The fuel tank of the Marigold holds 180 litres.</mark>" in html(reopened)
    assert reopened.button(key=f"open-{chat_id}").label.startswith("How much does the fuel tank")


def test_what_a_document_says_stays_text(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert "&lt;b&gt;bold&lt;/b&gt;" in shown
    assert "<img" not in shown
    assert "<a " not in shown


def test_a_removed_source_is_named_as_gone(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    library = shared.shared_state().workspace("default").library
    library.remove_ids([record.id for record in library.documents()])
    harbour.run()
    before, _ = html(harbour).split("lc-sources", 1)
    assert "harbour.md: This source is gone from the library" in before
    assert "180 litres" in html(harbour)


def test_a_changed_source_is_named_as_changed(harbour, embedder, tmp_path):
    from index.build import ingest

    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    (tmp_path / "harbour.md").write_text(TEXT.replace("180", "210"))
    library = shared.shared_state().workspace("default").library
    ingest([tmp_path / "harbour.md"], library, embedder, load_settings())
    harbour.run()
    assert "The file has changed since" in html(harbour)


def test_without_a_model_the_evidence_is_shown_with_what_to_do(harbour, monkeypatch):
    def missing(_models):
        raise ModelMissing("there is no model 'gone'.", "Run: lectern models list")

    monkeypatch.setattr("app.chat.models.Models.engine", property(missing))
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert "The fuel tank of the Marigold holds 180 litres." in shown
    assert "there is no model &#x27;gone&#x27;. Run: lectern models list" in shown

    harbour.chat_input[0].set_value("Who built the Marigold?").run()
    until(harbour, lambda: html(harbour).count("lc-cost") == 2)
    (chat,) = Chats(shared.shared_state().workspace("default").library).list()
    assert chat.messages == 4


def test_a_new_conversation_begins_empty_and_the_first_one_stays(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    chat_id = harbour.query_params["chat"]
    harbour.button(key="new").click().run()
    assert "lc-answer" not in html(harbour)
    assert "Ask about the 1 document in this library" in html(harbour)
    harbour.button(key=f"open-{chat_id}").click().run()
    assert "180 litres" in html(harbour)


def test_older_conversations_can_be_reached(harbour, monkeypatch):
    monkeypatch.setattr("app.ui.chat_list.CHATS_SHOWN", 1)
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    first = harbour.query_params["chat"]
    harbour.button(key="new").click().run()
    ask(harbour, "Who built the Marigold?")
    assert f"open-{first}" not in [button.key for button in harbour.button]
    harbour.button(key="older").click().run()
    harbour.button(key=f"open-{first}").click().run()
    assert "180 litres" in html(harbour)


def test_each_tab_begins_with_a_conversation_of_its_own(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    other = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "lc-answer" not in html(other)
    assert "chat" not in other.query_params


def test_settings_that_change_leave_the_loaded_models_in_place(page, monkeypatch):
    state = shared.shared_state()
    monkeypatch.setenv("LECTERN_PASSAGES", "7")
    assert shared.shared_state() is state


def test_a_conversation_is_deleted_from_the_menu(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    chat_id = harbour.query_params["chat"]
    (menu,) = [menu for menu in harbour.menu_button if menu.key == f"chat-menu-{chat_id}"]
    menu.set_value("Delete").run()
    assert not harbour.exception
    assert "lc-answer" not in html(harbour)
    chats = Chats(shared.shared_state().workspace("default").library)
    assert chats.list() == []
    harbour.button(key="undo-chat").click().run()
    assert "lc-answer" in html(harbour)
    assert [chat.id for chat in chats.list()] == [chat_id]


def test_a_conversation_is_renamed_and_pinned_from_the_menu(harbour):
    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    chat_id = harbour.query_params["chat"]

    def choose(choice: str) -> None:
        (menu,) = [menu for menu in harbour.menu_button if menu.key == f"chat-menu-{chat_id}"]
        menu.set_value(choice).run()
        assert not harbour.exception

    choose("Rename")
    harbour.text_input(key=f"chat-name-{chat_id}").set_value("The tank")
    harbour.button(key="rename-chat").click().run()
    assert harbour.button(key=f"open-{chat_id}").label == "The tank"
    choose("Pin")
    assert Chats(shared.shared_state().workspace("default").library).list()[0].pinned
    assert "Pinned" in [caption.value for caption in harbour.caption]


def chosen_document() -> None:
    """The actions of Documents, with the first document chosen."""
    from app.ui import documents_part
    from app.ui.shared import shared_state

    workspace = shared_state().workspace("default")
    reading = workspace.opened.open_documents.shown_state()
    documents_part.actions(workspace, workspace.records()[:1], reading, None)  # type: ignore[arg-type]


def test_a_document_is_kept_open_closed_tagged_and_removed(harbour, monkeypatch):
    monkeypatch.setattr("app.chat.open_documents.phrases_only", lambda _: False)
    workspace = shared.shared_state().workspace("default")
    opened = workspace.opened.open_documents
    part = AppTest.from_function(chosen_document, default_timeout=60).run()
    part.button(key="keep-open").click().run()
    until(part, lambda: opened.shown_state().ready)
    part.run().button(key="keep-open").click().run()
    assert opened.documents == ()
    part.text_input(key="new-tag").set_value("Boats").run()
    part.button(key="add-tag").click().run()
    assert workspace.library.tags() == ["Boats"]
    part.button(key="remove").click().run()
    assert workspace.library.documents() == []
    assert [version.name for version in workspace.library.replaced_versions()] == ["harbour.md"]


def test_a_model_that_keeps_nothing_open_says_so_in_the_page(harbour):
    part = AppTest.from_function(chosen_document, default_timeout=60).run()
    part.button(key="keep-open").click().run()
    until(harbour, lambda: "reads single sentences" in html(harbour.run()))


def test_uploads_are_taken_in_and_bad_ones_are_named(page):
    page.run()
    files = [
        ("boat's log.txt", b"The Marigold sailed on 3 May with nine people.", "text/plain"),
        ("nothing.txt", b"", ""),
    ]
    page.file_uploader[0].set_value(files).run()
    assert page.button(key="stop-upload")
    uploads = shared.shared_state().workspace("default").jobs
    until(page, lambda: not uploads.state().running)
    page.run()
    shown = html(page)
    assert "Added: boat&#x27;s log.txt." in shown
    assert 'nothing.txt</b><small class="lc-flag">Not added: ' in shown
    page.button(key="dismiss").click().run()
    assert "Not added" not in html(page)


def test_settings_that_are_not_valid_are_said_in_one_line(page, monkeypatch):
    monkeypatch.setenv("LECTERN_PASSAGES", "many")
    page.run()
    assert not page.exception
    assert "LECTERN_PASSAGES" in html(page)
    monkeypatch.delenv("LECTERN_PASSAGES")


def test_the_words_that_answer_and_their_sentence_are_the_small_models_answer(harbour):
    harbour.run()
    harbour.radio(key="answer_by").set_value("auto").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert "holds <mark>180 litres</mark>." in shown
    said = re.sub("<button.*?</button>", "", shown)
    assert (
        '<div class="lc-answer"><p dir="auto"><span>180 litres</span> <br>'
        "<span>The fuel tank of the Marigold holds 180 litres.</span> </p></div>"
    ) in said
    assert "tokens read" not in shown


def test_a_search_can_be_limited_to_a_document_and_says_so(harbour, embedder, tmp_path):
    from index.build import ingest

    other = tmp_path / "lease.txt"
    other.write_text("The rent of the boathouse is 420 pounds a month. The fuel tank is not part of it.")
    library = shared.shared_state().workspace("default").library
    assert not ingest([other], library, embedder, load_settings()).failed
    harbour.run()
    harbour.multiselect(key="in").set_value(["lease.txt"]).run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert "lease.txt" in shown
    assert "180 litres" not in shown

    harbour.text_input(key="pages").set_value("first").run()
    ask(harbour, "How much is the rent?")
    until(harbour, lambda: "lc-failure" in html(harbour))
    assert "Write 3 or 3-7" in html(harbour)


def test_a_turn_explains_its_search_and_keeps_its_question(harbour, monkeypatch):
    from index.store.kept_questions import kept_questions

    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    act(harbour, monkeypatch, "explain")
    table = html(harbour)
    assert all(stage in table for stage in ("dense", "words", "fused", "passages"))
    assert "harbour.md" in table[table.index("lc-table") :]

    act(harbour, monkeypatch, "keep")
    next(b for b in harbour.button if b.label == "Keep").click().run()
    assert not harbour.exception
    (kept,) = kept_questions(shared.shared_state().workspace("default").library.folder)
    assert (kept.question, kept.document) == ("How much does the fuel tank of the Marigold hold?", "harbour.md")


def test_the_window_is_shown_part_by_part(harbour):
    harbour.run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    shown = html(harbour)
    assert "of the model&#x27;s 4,096 tokens" in shown
    assert re.search(r"room for the answer: [1-9]\d* tokens", shown), shown[-1500:]


def test_an_address_makes_no_library(harbour):
    harbour.query_params["library"] = "elsewhere"
    harbour.run()
    assert not harbour.exception
    assert "elsewhere" not in [path.name for path in load_settings().libraries_dir.iterdir()]
    assert harbour.selectbox(key="library-box").value == "default"


@pytest.mark.parametrize("address", [{"library": "a/b"}, {"library": "../x"}, {"library": ""}, {"chat": "0" * 32}])
def test_an_address_of_what_is_not_there_is_said_and_the_page_stays_usable(harbour, address):
    for name, value in address.items():
        harbour.query_params[name] = value
    harbour.run()
    assert not harbour.exception
    (line,) = re.findall('<p class="lc-failure".*?</p>', html(harbour))
    assert (
        f"There is no library &#x27;{address['library']}&#x27;." in line if "library" in address else "no such" in line
    )
    harbour.radio(key="answer_by").set_value("evidence").run()
    harbour.chat_input[0].set_value("How much does the fuel tank of the Marigold hold?").run()
    until(harbour, lambda: "lc-cost" in html(harbour) and "lc-failure" not in html(harbour))
    assert "180 litres" in html(harbour)
    assert harbour.query_params["library"] == "default"


def test_a_conversation_of_another_library_is_not_shown(harbour):
    shared.shared_state().workspace("other")
    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    chat_id = harbour.query_params["chat"]
    harbour.selectbox(key="library-box").set_value("other").run()
    assert (harbour.query_params["library"], harbour.query_params["chat"]) == ("other", "")
    harbour.query_params["chat"] = chat_id
    harbour.run()
    assert "no such conversation in the library &#x27;other&#x27;" in html(harbour)
    assert "180 litres" not in html(harbour)
    harbour.query_params["library"] = "default"  # as the browser's Back does
    harbour.run()
    assert harbour.selectbox(key="library-box").value == "default"
    assert "180 litres" in html(harbour)
    assert "lc-failure" not in html(harbour)


def test_a_temporary_chat_is_gone_once_another_library_is_opened(harbour):
    left = shared.shared_state().workspace("default")
    shared.shared_state().workspace("other")
    harbour.run()
    harbour.button(key="new-temporary").click().run()
    ask(harbour, "How many litres does the fuel tank hold?")
    key = "".join(harbour.query_params["chat"])
    assert left.chats.get(key).snapshot().turns
    harbour.selectbox(key="library-box").set_value("other").run()
    with pytest.raises(UsageError, match="temporary chat is gone"):
        left.chats.get(key)
    assert not left.turn_html


def test_a_conversation_that_cannot_be_read_leaves_the_page_usable(harbour):
    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    ask(harbour, "How much does the fuel tank of the Marigold hold?")
    chat_id = harbour.query_params["chat"]
    shared.close()
    shared._state_of.cache_clear()
    with shared.shared_state().workspace("default").library.database.writing() as db:
        db.execute("UPDATE messages SET answer = '{' WHERE role = 'assistant'")
    harbour.run()
    assert not harbour.exception
    assert "cannot be read" in html(harbour)
    (menu,) = [menu for menu in harbour.menu_button if menu.key == f"chat-menu-{chat_id}"]
    menu.set_value("Delete").run()
    assert "lc-failure" not in html(harbour)


def test_a_question_that_is_delivered_twice_is_asked_once(harbour, monkeypatch):
    monkeypatch.setattr("app.ui.transcript.TWICE_SECONDS", 60.0)
    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    for question in ("Who built the Marigold?", "Who built the Marigold?", "When was the Marigold built?"):
        harbour.chat_input[0].set_value(question).run()
    until(harbour, lambda: html(harbour).count("lc-cost") == 2)
    assert html(harbour).count('"lc-question"') == 2


def test_only_a_question_that_comes_with_files_waits_for_them(harbour, monkeypatch):
    workspace = shared.shared_state().workspace("default")
    on_their_way = [True]
    monkeypatch.setattr(workspace, "is_taking_in", lambda: on_their_way[0])
    taken: list[list[str]] = []
    monkeypatch.setattr(workspace.jobs, "add", lambda files: taken.append([name for name, _ in files]))
    monkeypatch.setattr("app.ui.uploads.show", lambda _workspace: None)  # it would see that no job runs
    harbour.run()
    harbour.radio(key="answer_by").set_value("evidence").run()
    harbour.chat_input[0].upload("fuel.md", b"# Fuel").set_value("How many litres does the fuel tank hold?").run()
    harbour.chat_input[0].set_value("Who built the Marigold?").run()
    until(harbour, lambda: "lc-cost" in html(harbour))
    assert "Tanner yard" in html(harbour)
    assert "Asked as soon as the files are in." in html(harbour)
    on_their_way[0] = False
    until(harbour, lambda: html(harbour).count("lc-cost") == 2)
    assert "holds 180 litres" in html(harbour)
    assert "Asked as soon as" not in html(harbour)
    assert taken == [["fuel.md"]]  # a question without files begins no job
