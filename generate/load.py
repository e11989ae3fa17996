"""Makes the chat engine that the settings name."""

from typing import TYPE_CHECKING

from core.settings import Settings
from generate.catalogue import REMOTE
from generate.client import EngineClient

if TYPE_CHECKING:
    from generate.remote import RemoteEngine


def load_engine(settings: Settings) -> "EngineClient | RemoteEngine":
    """A model of this machine, in the process that all programs of its user share, or a server's, named "server:NAME"
    or "langchain:PROVIDER:NAME". Nothing is loaded yet.

    Raises ModelMissing, ModelDamaged.
    """
    if settings.model.startswith(REMOTE):
        from generate.remote import connect

        return connect(settings)
    return EngineClient(settings, shared=True)
