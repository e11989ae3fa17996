"""What leaves this machine with the settings in force, in plain words; nothing does unless they name a server."""

import ipaddress
from urllib.parse import urlsplit

from core.messages import N_, _
from core.settings import Settings
from generate.catalogue import REMOTE

OF_QUESTIONS = N_(
    "Your questions, and the passages of your documents that are found for them, are sent to that server."
)
OF_DOCUMENTS = N_("The whole text of your documents, and your questions, are sent to that server to be embedded.")


def what_leaves(settings: Settings) -> tuple[str, ...]:
    """A line for the chat model and one for the embedder, where they run on a server; () where nothing leaves."""
    lines = [_("Streamlit and LangChain may send statistics to their makers.")] if settings.telemetry else []
    if settings.model.startswith(REMOTE):
        lines.append(_("The model runs at {place}.", place=place_of(settings.model, settings)) + " " + _(OF_QUESTIONS))
    if settings.embedder.startswith(REMOTE):
        lines.append(
            _("The embedder runs at {place}.", place=place_of(settings.embedder, settings)) + " " + _(OF_DOCUMENTS)
        )
    if any(name.startswith("server:") for name in (settings.model, settings.embedder)):
        lines[-1] += unencrypted(settings.server_url)
    if settings.web:
        lines.append(_("Pages of the web are fetched from their servers where you name their addresses."))
    return tuple(lines)


def place_of(name: str, settings: Settings) -> str:
    """Where the model or embedder of that name runs: the server's address, or the provider's name."""
    kind, __, rest = name.partition(":")
    return (settings.server_url or "no address") if kind == "server" else rest.partition(":")[0]


def unencrypted(url: str) -> str:
    """A sentence, with a space before it, where what is sent to ``url`` can be read on its way; else ""."""
    parts = urlsplit(url)
    if parts.scheme != "http" or _is_here(parts.hostname or ""):
        return ""
    return " " + _("They travel unencrypted, for the address begins with http://.")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
