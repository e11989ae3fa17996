"""An OpenAI-compatible server: its models, the key to it, a first try, and the settings that name it.

Nothing is sent anywhere unless a person names the address.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.errors import ModelError, ModelMissing, UsageError
from core.settings import Settings
from core.settings_file import change_settings
from generate.server_errors import server_error

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

SERVER = "server:"
"""A model named "server:NAME" runs on the server of the setting ``server_url``."""

KEY_VARIABLE = "LECTERN_SERVER_KEY"

KEYRING_SERVICE = "lectern"
"""Under which the system's keyring holds keys, the server's address being the user's name."""

NO_KEY = "none"
"""Sent where there is no key, for the client would otherwise send what OPENAI_API_KEY holds."""

EXTRA = 'Run: pip install -c constraints.txt -e ".[server]"'

ANSWER_S, TRY_S = 300.0, 60.0
"""Most seconds that a server may be silent: before an answer, and when it is tried."""

NEAREST = 3
"""How many similar names an unknown model's error names."""


def checked_url(text: str) -> str:
    """An address as the clients need it; "/v1" is added where it has no path. Raises UsageError."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number, half an IPv6 address
        well_formed = False
    if not well_formed:
        raise UsageError(
            f"'{text}' is not a server's address.", "It begins with http:// or https://, as http://127.0.0.1:8000/v1."
        )
    if parts.username or parts.password or parts.query:
        raise UsageError(
            "an address cannot hold a key.", f"Set {KEY_VARIABLE}, or save it: lectern models server URL --save-key."
        )
    return url if parts.path else f"{url}/v1"


def read_key(url: str) -> str:
    """The key to a server: from the environment, else from the system's keyring; "" where there is none."""
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        return key
    if importlib.util.find_spec("keyring") is None:
        return ""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, url) or ""
    except KeyringError:  # a machine without a keyring, or a locked one: the server says whether it wants a key
        return ""


def save_key(url: str, key: str) -> None:
    """Save the key to a server in the system's keyring. Raises UsageError where there is none."""
    if importlib.util.find_spec("keyring") is None:
        raise UsageError("the package keyring is not installed.", EXTRA)
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, url, key)
    except KeyringError as error:
        raise UsageError(
            "this system has no keyring that can be used.", f"Set {KEY_VARIABLE} in the environment."
        ) from error


def model_names(url: str, key: str) -> list[str]:
    """The models that the server at ``url`` lists. Raises ModelError saying what is wrong: address, key, and so on."""
    require_package()
    import openai

    try:
        with openai.OpenAI(base_url=url, api_key=key or NO_KEY, max_retries=0, timeout=TRY_S) as client:
            names = [str(model.id) for model in client.models.list().data]
    except openai.OpenAIError as error:
        raise server_error(error, url) from error
    except (AttributeError, TypeError, ValueError) as error:  # an answer that is not the API's: a web page, other JSON
        raise no_server(url) from error
    if not names:
        raise ModelMissing(f"the server at {url} has no model.", "Load one there first.")
    return names


def no_server(url: str) -> ModelMissing:
    return ModelMissing(
        f"what answers at {url} is no model server.",
        "Check the address; most end with /v1, as http://127.0.0.1:8000/v1.",
    )


def known_model(name: str, names: list[str], url: str) -> str:
    """``name`` if the server lists it. Raises ModelMissing naming the nearest ones."""
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, NEAREST, 0.3) or names[:NEAREST]
    raise ModelMissing(f"the server at {url} has no model '{name}'.", f"It has: {', '.join(near)}.")


def try_model(url: str, key: str, name: str) -> float:
    """Ask the model something short; returns the seconds until it answered. Raises ModelError."""
    model = chat_model(url, key, name, TRY_S)
    started = time.perf_counter()
    try:
        text = str(model.invoke([("user", "Say yes.")], **token_limit(url, 16)).text)
    except Exception as error:  # client libraries raise what they like; server_error tells them apart
        raise server_error(error, url, name) from error
    if not text.strip():
        raise ModelError(f"'{name}' at {url} answers nothing.", "Choose another of its models.")
    return time.perf_counter() - started


def chat_model(url: str, key: str, name: str, seconds: float = ANSWER_S) -> BaseChatModel:
    """The server's model for LangChain. Raises ModelMissing where the extra is not installed."""
    require_package()
    from langchain.chat_models import init_chat_model

    return init_chat_model(
        name,
        model_provider="openai",
        base_url=url,
        api_key=key or NO_KEY,
        timeout=seconds,
        max_retries=1,
        use_responses_api=False,
    )


def token_limit(url: str, tokens: int) -> dict[str, Any]:
    """The options that limit an answer. LangChain sends only OpenAI's newer name for it, which others do not know."""
    if urlsplit(url).hostname == "api.openai.com":  # refuses the old name
        return {"max_tokens": tokens}
    return {"max_tokens": tokens, "extra_body": {"max_tokens": tokens}}


def use_server(settings: Settings, url: str, name: str) -> None:
    """Note in HOME/settings.toml that the model ``name`` of the server at ``url`` answers. Raises UsageError."""
    change_settings(settings.home, model=f"{SERVER}{name}", server_url=url)


def require_package() -> None:
    """Raises ModelMissing where the extra is not installed."""
    if importlib.util.find_spec("langchain_openai") is None:
        raise ModelMissing("a server's model needs packages that are not installed.", EXTRA)
