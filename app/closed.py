"""Closed by default: what the libraries below would send to their makers is switched off before they are imported.

Called first by the command line and by the page; child processes inherit the environment.
"""

import os

from core.hub import close_hub
from core.settings import Settings

SILENT = {
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
"""Environment variables by which Streamlit, LangChain and the Hugging Face libraries are told to send nothing."""


def close(settings: Settings | None) -> None:
    """Switch statistics and tracing off for this process and its children, whatever the environment says.

    ``settings.telemetry`` leaves the environment as it is. ``settings`` None (they are not valid) switches off.
    The model hub stays out of reach unless the settings name a model that lives there.
    """
    if settings is None or not settings.telemetry:
        os.environ.update(SILENT)
    if settings is None or not _names_hub(settings.embedder):
        close_hub()


def _names_hub(embedder: str) -> bool:
    if embedder.startswith(("langchain:", "server:")):
        return embedder.startswith("langchain:huggingface:")
    return embedder not in ("auto", "bundled", "multilingual") and not os.path.exists(embedder)  # noqa: PTH110 - any string, also no valid path
