"""What went wrong between here and a model's server, told apart by the errors of any client library."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Literal

from core.errors import ModelError, ModelMissing

Failure = Literal["address", "refused", "timeout", "encryption", "key", "model", "request", "busy", "other"]
"""Why a server did not answer.

address: there is no such host, or no model server at that path; refused: nothing listens there; encryption: TLS;
key: none, or a wrong one; model: it has no such model; request: it knows no request of that kind; busy: too many
requests, or it failed itself.
"""

REQUEST_CODES = frozenset({400, 404, 405, 415, 422, 501})
"""HTTP codes with which servers answer to fields that they do not know."""

_NO_MODEL = re.compile(
    r"(?i)model[^.]{0,80}(?:not|n't|unknown|no such|exist)|(?:unknown|no such|not found)[^.]{0,40}model"
)


_UNKNOWN_FIELD = re.compile(r"response_format|json_schema|validation error")
"""In a 500's text: llama-cpp-python answers so to a field that it does not know."""


def refuses_request(error: BaseException) -> bool:
    """Whether a model or its server knows nothing of what was asked for, so that another way may do."""
    if isinstance(error, (NotImplementedError, TypeError, AttributeError, KeyError)):
        return True
    return failure_of(error) == "request" or (status_of(error) == 404 and failure_of(error) != "model")


def failure_of(error: BaseException) -> Failure:
    """The kind of failure, from the error and those that it was raised from."""
    chain = list(_chain(error))
    for kind, types in _SYSTEM:
        if any(isinstance(each, types) for each in chain):
            return kind
    code = status_of(error)
    if code is None:
        names = " ".join(type(each).__name__ for each in chain)
        if "Timeout" in names:
            return "timeout"
        return "address" if re.search(r"InvalidURL|UnsupportedProtocol|LocalProtocol", names) else "other"
    if code in (401, 403):
        return "key"
    if code == 500 and _UNKNOWN_FIELD.search(str(error)):
        return "request"
    if code in REQUEST_CODES:
        return "model" if _NO_MODEL.search(str(error)) else "address" if code in (404, 405) else "request"
    return "busy" if code == 429 or code >= 500 else "other"


def server_error(error: BaseException, place: str, model: str = "") -> ModelError:
    """The error that a person reads; ``place`` is the address or the provider, ``model`` the model that was asked."""
    match failure_of(error):
        case "address":
            return ModelMissing(
                f"no model server answers at {place}.",
                "Check the address; most end with /v1, as http://127.0.0.1:8000/v1.",
            )
        case "refused":
            return ModelError(f"nothing listens at {place}.", "Start the server, or check the port in the address.")
        case "timeout":
            return ModelError(
                f"{place} does not answer in time.", "Check the address and the network, or ask again later."
            )
        case "encryption":
            return ModelError(
                f"there is no safe connection to {place}: {_last(error)}.",
                "Check whether the address begins with http:// or https://, and the server's certificate.",
            )
        case "key":
            return ModelError(
                f"{place} wants a key, or refuses the one it got.",
                "Set LECTERN_SERVER_KEY, or save the key: lectern models server URL --save-key."
                if place.startswith("http")
                else "Set the key that this provider reads from the environment.",
            )
        case "model":
            return ModelMissing(
                f"{place} has no model '{model}'.",
                "`lectern models server URL` lists those it has." if place.startswith("http") else "Check its name.",
            )
        case "busy":
            return ModelError(f"{place} is overloaded or failed: {_short(error)}.", "Ask again later.")
        case _:
            return ModelError(f"{model or place}: {_short(error)}.", "Ask again, or choose a local model.")


def status_of(error: BaseException) -> int | None:
    """The HTTP code that an error of a client library was made from, None where there was no answer."""
    for each in _chain(error):
        response = getattr(each, "response", None)
        for code in (
            getattr(each, "status_code", None),
            getattr(response, "status_code", None),
            getattr(each, "code", None),
        ):
            if isinstance(code, int) and 100 <= code < 600:
                return code
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _last(error: BaseException) -> str:
    return _short(list(_chain(error))[-1])


def _short(error: BaseException) -> str:
    """The error's first line, at most 200 characters of it."""
    text = str(error).strip().partition("\n")[0].rstrip(". ") or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"


_SYSTEM: tuple[tuple[Failure, tuple[type[BaseException], ...]], ...] = (
    ("encryption", (ssl.SSLError,)),
    ("address", (socket.gaierror, UnicodeError)),
    ("refused", (ConnectionRefusedError,)),
    ("timeout", (TimeoutError,)),
)
"""Errors of the system, as client libraries raise their own from them."""
