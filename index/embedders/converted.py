"""An embedder that Lectern wrote into the models folder: where it lies, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.digests import check_once, sha256_of
from core.errors import ModelDamaged, ModelMissing
from core.settings import Settings

MULTILINGUAL = "multilingual"
"""The setting that means the multilingual embedder of the catalogue."""

MANIFEST = "embedder.json"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The name that identifies the embedder's vectors, and size and SHA-256 of its files by their paths."""

    name: str
    files: Mapping[str, tuple[int, str]]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "files": {path: list(facts) for path, facts in self.files.items()}}


def place_of(settings: Settings, name: str) -> Path:
    """Where the embedder of that name in the catalogue lies once it was fetched."""
    return settings.models / "embedders" / name


def fetched_name(settings: Settings, wanted: str) -> str | None:
    """The catalogue's name of the fetched embedder that ``wanted`` means, by that name or the one that vectors bear.

    None where there is none; a path is none.
    """
    if Path(wanted).name != wanted:
        return None
    if (place_of(settings, wanted) / MANIFEST).is_file():
        return wanted
    for manifest in sorted(place_of(settings, "").glob(f"[!.]*/{MANIFEST}")):
        with suppress(OSError, ValueError, KeyError, TypeError):  # damaged: told where it is asked for
            if _read(manifest).name == wanted:
                return manifest.parent.name
    return None


def find_fetched(settings: Settings, name: str) -> tuple[Path, str]:
    """The folder of a fetched embedder, and the name that its vectors bear.

    The sizes of its files are looked at each time, the weights' SHA-256 once. Raises ModelMissing, ModelDamaged.
    """
    again = f"Run: lectern models pull {name}"
    folder = place_of(settings, name)
    if not (folder / MANIFEST).is_file():
        raise ModelMissing(f"the embedder '{name}' is not on this machine.", again)
    damaged = ModelDamaged(f"the embedder in {folder} is not whole.", again)
    try:
        manifest = _read(folder / MANIFEST)
        if any((folder / path).stat().st_size != size for path, (size, _) in manifest.files.items()):
            raise damaged
        weights, sha256 = folder / WEIGHTS, manifest.files[WEIGHTS][1]
        notes = settings.own_models_dir / "checked.json"
        check_once(notes, weights, sha256, lambda: _verify(weights, sha256, damaged))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged from error
    return folder, manifest.name


def _read(file: Path) -> Manifest:
    found = json.loads(file.read_text(encoding="utf-8"))
    return Manifest(str(found["name"]), {path: (int(size), str(sha)) for path, (size, sha) in found["files"].items()})


def _verify(weights: Path, sha256: str, damaged: ModelDamaged) -> None:
    if sha256_of(weights) != sha256:
        raise damaged
