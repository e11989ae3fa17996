"""The dialog "Model": a server is listed, tried and noted, and what is wrong with it stands in the dialog."""

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import load_settings
from tests.generate.fake_server import KEY, fake_server


def page() -> None:
    import streamlit as st

    from app.ui import model_settings
    from app.ui.shared import shared_state

    if line := st.session_state.get("toast"):
        st.caption(line)
    model_settings.dialog(shared_state())


@pytest.fixture
def server(home, monkeypatch):
    from app.ui import shared

    for name in ("OPENAI_API_KEY", "LECTERN_SERVER_KEY"):
        monkeypatch.delenv(name, raising=False)
    with fake_server() as fake:
        yield fake
    shared.close()


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.value for element in [*app.get("html"), *app.caption])


def test_a_server_is_chosen_in_the_page(server, monkeypatch):
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "Nothing leaves this machine." in shown(app)
    app.radio(key="model-place").set_value("On a server").run()
    assert "the passages of your documents that are found for them, are sent to that server" in shown(app)
    app.text_input(key="server-url").set_value("http://127.0.0.1:1").run()
    app.button(key="list-models").click().run()
    assert "nothing listens at http://127.0.0.1:1/v1" in shown(app)
    app.text_input(key="server-url").set_value(server.url).run()
    app.button(key="list-models").click().run()
    assert "wants a key" in shown(app)
    monkeypatch.setenv("LECTERN_SERVER_KEY", KEY)
    app.button(key="list-models").click().run()
    assert app.selectbox(key="model-served").options == ["a", "b"]
    app.selectbox(key="model-served").set_value("b").run()
    app.button(key="use-server").click().run()
    assert "b answers from here on" in shown(app)
    settings = load_settings()
    assert (settings.model, settings.server_url) == ("server:b", f"{server.url}/v1")


def test_the_engine_follows_and_the_former_goes_on(home):
    from app.chat.models import Models
    from core.settings import Settings

    models = Models(load_settings())
    former = models.engine
    models.switch(Settings(home=home, model="server:a", server_url="http://127.0.0.1:1"))
    assert models.engine.name == "a"
    assert models.engine is not former
    models.close()


def test_the_page_says_what_leaves_the_machine(home):
    from app.ui.markup.library import footer_html, welcome_html
    from app.what_leaves import what_leaves
    from core.settings import Settings

    here = Settings(home=home)
    assert "Nothing leaves this machine." in footer_html("m", leaves=what_leaves(here), ready=True, failure="")
    assert "Nothing is sent anywhere" in welcome_html(0, what_leaves(here))
    there = Settings(home=home, model="server:a", server_url="http://models.example/v1", embedder="langchain:cohere:e")
    told = welcome_html(0, what_leaves(there))
    assert "Nothing is sent" not in told
    assert "The model runs at http://models.example/v1." in told
    assert "The embedder runs at cohere. The whole text of your documents" in told
    assert "unencrypted" in told
