"""SHA-256 of the models that a run was made with: names alone do not say which weights they were."""

from pathlib import Path

from core.settings import Settings
from evaluate.sets import digest_of

WEIGHTS = ("*.safetensors", "*.bin", "*.onnx", "onnx/*.onnx")
"""Where a sentence-transformers model keeps its weights."""


def model_hashes(settings: Settings, *, chat: bool = False) -> dict[str, str]:
    """The embedder's weights and, with ``chat``, the chat model's and the span reader's; a name where there is no file.

    Raises ModelMissing.
    """
    found = {"embedder": _embedder_hash(settings)}
    if chat:
        found |= {"chat": chat_hash(settings), "reader": _reader_hash()}
    return found


def chat_hash(settings: Settings) -> str:
    """SHA-256 of the chat model's file; its name where a server runs it. Raises ModelMissing, ModelDamaged."""
    from generate.catalogue import find

    card = find(settings)
    return digest_of(card.path) if card.path else card.name


def _embedder_hash(settings: Settings) -> str:
    from index.bundled import bundled_folder
    from index.embed import settings_for_library
    from index.embedders.converted import fetched_name, find_fetched

    settings = settings_for_library(settings)
    if settings.embedder == "bundled":
        folder = bundled_folder(settings.home)
    elif fetched := fetched_name(settings, settings.embedder):
        folder = find_fetched(settings, fetched)[0]
    else:
        folder = Path(settings.embedder).expanduser()
    weights = sorted(path for pattern in WEIGHTS for path in folder.glob(pattern))
    return digest_of(*weights) if weights else settings.embedder


def _reader_hash() -> str:
    from index.reader.weights import FILE

    return digest_of(FILE) if FILE.is_file() else FILE.name
