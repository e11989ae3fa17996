"""A server's model: llama-cpp-python's own server on loopback with the bundled model, and servers that are wrong."""

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from socket import socket

import pytest

from app.cli import run
from core.errors import ModelError, UsageError
from core.server_address import checked_url, connection, read_key
from core.settings import Settings, load_settings
from core.types import Citation, Locator, Message, Sampling
from generate import catalogue
from generate.agent import Tool, run_agent
from generate.load import load_engine
from generate.server import model_names, try_model
from generate.threads import WAITING
from prompts.render import load_prompt
from prompts.shapes import ANSWER_LINE, STEP_TEXT
from tests.generate.fake_server import KEY, fake_server


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for name in ("LECTERN_SERVER_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def free_port():
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    """llama-cpp-python's server with the bundled model; the address."""
    path = catalogue.find(Settings(home=tmp_path_factory.mktemp("server-home"))).path
    port = free_port()
    options = ["--model", str(path), "--model_alias", "tiny", "--port", str(port), "--n_ctx", "2048"]
    log = tmp_path_factory.mktemp("log") / "server.log"
    with (
        log.open("w") as told,
        subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", "--host", "127.0.0.1", *options],
            env={**os.environ, **WAITING},
            stdout=told,
            stderr=told,
        ) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}/v1"
            end = time.monotonic() + 90
            while not answers(url):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.3)
            yield url
        finally:
            process.kill()


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/models", timeout=5):
            return True
    except urllib.error.URLError:
        return False


def test_a_server_is_tried_and_noted_and_then_answers(llama, home, capsys):
    assert run(["models", "server", llama.removesuffix("/v1")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"tiny at {llama} answered in" in told
    assert "the passages of your documents that are found for them, are sent to that server" in told
    settings = load_settings()
    assert (settings.model, settings.server_url) == ("server:tiny", llama)
    assert run(["doctor"]) == 0
    assert f"The model runs at {llama}. Your questions, and the passages" in " ".join(capsys.readouterr().out.split())
    with load_engine(settings) as engine:
        writing = engine.generate([Message("user", "Say yes.")], Sampling(max_tokens=8))
        assert "".join(writing).strip()
        # Counted from the text, in which other tokens may be found than were written; without a limit it is 256.
        assert writing.usage.answer <= 24, "the server is told the limit by the name that it knows"


@pytest.mark.parametrize(("mode", "form"), [("cot", ANSWER_LINE), ("react", STEP_TEXT)])
def test_its_answers_have_the_form_of_the_mode(llama, home, mode, form):
    template = load_prompt(mode)
    source = Citation("d", "lease.txt", Locator(1, "p. 1"), "The rent is 640 euros a month.", 0, 30, 1.0)
    messages = [Message("system", template.system), Message("user", template.user_message("The rent?", [source]))]
    with load_engine(Settings(home=home, model="server:tiny", server_url=llama)) as engine:
        text = "".join(engine.generate(messages, Sampling(max_tokens=160, shape=template.shape)))
    assert form.search(text)


def test_a_model_that_calls_no_tools_is_found_out(llama, home):
    with load_engine(Settings(home=home, model="server:tiny", server_url=llama)) as engine:
        assert not engine.calls_tools()


def test_a_model_that_calls_tools_works_with_them(fake, home, monkeypatch):
    monkeypatch.setenv("LECTERN_SERVER_KEY", KEY)
    found = []
    tool = Tool("search", "Search.", lambda words: (f"Found {words}.", found.append(words)))
    with load_engine(Settings(home=home, model="server:a", server_url=f"{fake.url}/v1")) as engine:
        assert engine.calls_tools()
        messages = [Message("system", "Search."), Message("user", "When is it open?")]
        steps = list(run_agent(engine.model, messages, [tool], {"max_tokens": 50}, lambda: False, threading.Event()))
    assert [call.words for call in steps[0].calls] == found == ["opening hours"]
    assert (steps[-1].text, steps[-1].calls) == ("Yes.", ())
    assert [message["role"] for message in fake.bodies[-1]["messages"]] == ["system", "user", "assistant", "tool"]
    assert fake.bodies[-1]["messages"][-1]["content"] == "Found opening hours."
    assert {body.get("max_tokens", body.get("max_completion_tokens")) for body in fake.bodies[1:]} == {50}


def test_an_unknown_model_is_told_with_the_nearest(llama, home, capsys):
    assert run(["models", "server", llama, "--model", "tinny"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert f"the server at {llama} has no model 'tinny'. It has: tiny." in told
    assert load_settings().model == "auto"


@pytest.fixture
def fake():
    with fake_server() as server:
        yield server


def test_every_way_to_be_wrong_has_its_own_line(fake):
    nobody = f"http://127.0.0.1:{free_port()}/v1"
    for url, key, line in [
        (nobody, "", f"nothing listens at {nobody}"),
        ("http://nobody.invalid/v1", "", "no model server answers at http://nobody.invalid/v1"),
        (f"{fake.url}/api", "", f"no model server answers at {fake.url}/api"),
        (f"{fake.url}/page", "", f"what answers at {fake.url}/page is no model server"),
        (fake.url.replace("http", "https") + "/v1", "", "there is no safe connection"),
        (f"{fake.url}/v1", "", "wants a key, or refuses the one it got"),
        (f"{fake.url}/v1", "wrong", "wants a key, or refuses the one it got"),
    ]:
        with pytest.raises(ModelError) as error:
            model_names(url, key)
        assert line in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(ModelError, match="has no model 'gone'"):
        try_model(f"{fake.url}/v1", KEY, "gone")


def test_the_key_comes_from_the_environment_and_openai_s_is_never_sent(fake, home, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "for openai alone")
    assert run(["models", "server", fake.url]) == 1
    assert "LECTERN_SERVER_KEY" in capsys.readouterr().err
    assert "for openai" not in "".join(fake.keys)
    monkeypatch.setenv("LECTERN_SERVER_KEY", KEY)
    assert run(["models", "server", fake.url]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[:2] == ["a", "b"]
    assert load_settings().model == "auto", "of two models none is chosen"
    assert run(["models", "server", fake.url, "--model", "b"]) == 0
    assert load_settings().model == "server:b"
    assert fake.bodies[-1]["model"] == "b"


def test_the_key_comes_from_the_keyring(monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend

    class Drawer(KeyringBackend):
        priority = 1
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012

        def get_password(self, service, username):
            return self.kept.get((service, username))

        def set_password(self, service, username, password):
            self.kept[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    try:
        from core.server_address import save_key

        save_key("http://127.0.0.1:1/v1", "secret")
        assert connection("http://127.0.0.1:1") == ("http://127.0.0.1:1/v1", "secret")
        assert read_key("http://127.0.0.1:2/v1") == ""
        monkeypatch.setenv("LECTERN_SERVER_KEY", "first")
        assert read_key("http://127.0.0.1:1/v1") == "first"
    finally:
        keyring.set_keyring(before)


def test_addresses_are_checked():
    assert checked_url(" http://127.0.0.1:8000/ ") == "http://127.0.0.1:8000/v1"
    assert checked_url("https://example.org/api/") == "https://example.org/api"
    for wrong in ("localhost:8000", "ftp://a/v1", "http://", "http://a:port/v1", "http://me:key@a/v1"):
        with pytest.raises(UsageError):
            checked_url(wrong)


def test_a_missing_package_is_named_by_its_extra(monkeypatch, home):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "langchain_openai" else found(name, *rest)
    )
    with pytest.raises(ModelError, match=r'-e "\.\[server\]"'):
        load_engine(Settings(home=home, model="server:x", server_url="http://127.0.0.1:1/v1"))
