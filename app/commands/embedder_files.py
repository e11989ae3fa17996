"""An embedder of the catalogue on this machine: the file that was fetched, and the folder that is written from it."""

import shutil
from pathlib import Path

from core.errors import FetchError, ModelError
from core.settings import Settings
from generate.model_card import ModelCard


def usable_folder(settings: Settings, card: ModelCard) -> Path | None:
    """The embedder's folder, None where it is missing or damaged."""
    from index.embedders.converted import find_fetched

    try:
        return find_fetched(settings, card.called)[0]
    except ModelError:
        return None


def write_folder(settings: Settings, card: ModelCard, file: Path) -> Path:
    """Write the embedder's folder from its fetched file. Raises ModelDamaged, FetchError."""
    from index.embedders.convert import Recipe, convert
    from index.embedders.converted import place_of

    assert card.prompts is not None
    folder = place_of(settings, card.called)
    convert(file, card.sha256, folder, Recipe(card.name, card.prompts.question, card.prompts.passage))
    return folder


def remove_folder(settings: Settings, card: ModelCard) -> bool:
    """Remove the embedder's folder; whether there was one. Raises FetchError where it cannot be removed."""
    from index.embedders.converted import place_of

    folder = place_of(settings, card.called)
    if not folder.is_dir():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise FetchError(f"{folder} cannot be removed: {error.strerror}.") from error
    return True
