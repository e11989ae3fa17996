"""An OpenAI-compatible server: its models, a first try, and the settings that name it.

Nothing is sent anywhere unless a person names the address.
"""

from __future__ import annotations

import difflib
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.errors import ModelError, ModelMissing
from core.server_address import NO_KEY, SERVER, require_package
from core.server_errors import server_error
from core.settings import Settings
from core.settings_file import change_settings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

ANSWER_S, TRY_S = 300.0, 60.0
"""Most seconds that a server may be silent: before an answer, and when it is tried."""

NEAREST = 3
"""How many similar names an unknown model's error names."""


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
