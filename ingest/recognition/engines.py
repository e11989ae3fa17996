"""Which engines recognize text on this machine."""

from __future__ import annotations

from collections.abc import Callable

from ingest.recognition import rapid, tesseract
from ingest.recognition.lines import Recognizer


def available(choice: str) -> list[str]:
    """The names of the engines of a choice (``Settings.recognition``) that are installed, in the order of their use."""
    installed = {"rapidocr": rapid.is_installed, "tesseract": tesseract.is_installed}
    return [name for name, is_installed in installed.items() if choice in ("auto", name) and is_installed()]


def load(choice: str) -> list[Recognizer]:
    """The engines of a choice that are installed, in the order of their use."""
    made: dict[str, Callable[[], Recognizer]] = {"rapidocr": rapid.Rapid, "tesseract": tesseract.Tesseract}
    return [made[name]() for name in available(choice)]
