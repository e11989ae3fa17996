"""The address of an OpenAI-compatible server, and the key to it."""

import importlib.util
import os
from urllib.parse import urlsplit

from core.errors import ModelMissing, UsageError

LANGCHAIN = "langchain:"
"""A model named "langchain:PROVIDER:NAME" is one of LangChain's `init_chat_model` or `init_embeddings`."""

SERVER = "server:"
"""A model named "server:NAME" runs on the server of the setting ``server_url``."""

KEY_VARIABLE = "LECTERN_SERVER_KEY"

KEYRING_SERVICE = "lectern"
"""Under which the system's keyring holds keys, the server's address being the user's name."""

NO_KEY = "none"
"""Sent where there is no key, for the client would otherwise send what OPENAI_API_KEY holds."""

EXTRA = 'Run: pip install -c constraints.txt -e ".[server]"'


def is_remote(model: str) -> bool:
    """Whether a setting names a model that does not run in a process of Lectern's."""
    return model.startswith((SERVER, LANGCHAIN))


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


def connection(url: str) -> tuple[str, str]:
    """The address that the settings name, and the key to it. Raises ModelMissing where it is missing or wrong."""
    if not url:
        raise ModelMissing("a server's model is named, but no server.", "Run: lectern models server URL")
    try:
        checked = checked_url(url)
    except UsageError as error:
        raise ModelMissing(error.message, error.hint) from error
    return checked, read_key(checked)


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


def require_package() -> None:
    """Raises ModelMissing where the extra is not installed."""
    if importlib.util.find_spec("langchain_openai") is None:
        raise ModelMissing("a server's model needs packages that are not installed.", EXTRA)


def missing_package(name: str, error: ImportError) -> ModelMissing:
    """The error of a provider whose package is not installed, or cannot be imported beside this LangChain.

    ``error`` is LangChain's, which advises to install the package in either case.
    """
    cause = error.__cause__ or error.__context__ or error
    hint = "Install its version for this LangChain: pip install -c constraints.txt PACKAGE"
    if name.partition(":")[0] in ("openai", "azure_openai"):
        hint = EXTRA
    missing = cause.name if isinstance(cause, ModuleNotFoundError) else None
    if missing and missing.startswith("langchain_"):
        package = missing.partition(".")[0].replace("_", "-")
        return ModelMissing(f"'{name}' needs packages that are not installed.", hint.replace("PACKAGE", package))
    return ModelMissing(f"the package for '{name}' cannot be imported: {cause}.", hint)
