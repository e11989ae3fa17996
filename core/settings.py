"""All settings, from the environment (LECTERN_*) over HOME/settings.toml over the defaults below."""

import ipaddress
import os
from functools import cached_property
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from core.errors import UsageError
from core.types import AnswerChoice, ExpansionKind, Mode, ReadsChoice, RecognitionChoice, Strictness

LIBRARY_NAME = r"^[\w][\w .-]{0,63}$"
"""A library's name is also its folder's: no separators, nothing hidden, short enough for every file system."""


def default_home() -> Path:
    """Where libraries and settings live: LECTERN_HOME, or the system's folder for program data."""
    return Path(os.environ.get("LECTERN_HOME") or platformdirs.user_data_dir("lectern")).expanduser().absolute()


def default_models() -> Path:
    """The machine's folder for models where LECTERN_MODELS names none: a cache, as weights can be fetched again."""
    return Path(platformdirs.user_cache_dir("lectern")) / "models"


DEFAULT_LIBRARY = "default"
"""The library that is worked on where none is named."""

REMOVED_SETTINGS = frozenset({"dense_weight", "dense_lean", "closeness", "about_weight", "diversity", "source_order"})
"""What earlier versions had as settings; a settings.toml, or the environment, may still hold them."""


class Settings(BaseSettings):
    """One flat, validated set of settings; every field can be set as LECTERN_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="LECTERN_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home, description="folder of libraries and settings.toml")
    models: Path = Field(
        default_factory=default_models, description="the machine's folder for models, shared by libraries and users"
    )
    library: str = Field(default=DEFAULT_LIBRARY, pattern=LIBRARY_NAME, description="the library to work on")

    embedder: str = Field(
        default="auto",
        description="'auto' (a library's own; of a new one multilingual where that is here, else bundled), 'bundled', "
        "'multilingual', a folder or name, server:NAME or langchain:PROVIDER:NAME",
    )
    model: str = Field(
        default="auto",
        description="'auto' (standard where it is here and fits into memory, else tiny), a name from `models list`, "
        "a GGUF file, server:NAME or langchain:PROVIDER:NAME",
    )
    server_url: str = Field(default="", description="address of the OpenAI-compatible server that server:NAME is of")
    mode: Mode = Field(default="direct", description="how a prompt asks: direct, cot or react")
    answer: AnswerChoice = Field(
        default="auto",
        description="who phrases an answer: model, words (with their sentence), evidence (the sentence), or 'auto' "
        "(the model where it reads passages, else words)",
    )
    own_words: bool = Field(
        default=False,
        description="let the page ask the model without any document; each answer is marked as its own word",
    )
    strictness: Strictness = Field(default="balanced", description="how sure an answer must be: lenient to strict")
    reads: ReadsChoice = Field(
        default="auto", description="what the model answers from: sentences, passages, or as its entry says (auto)"
    )
    patience: float = Field(
        default=5.0, ge=0.5, le=600, description="seconds that a person waits for the first word; more reads more"
    )
    threads: int = Field(default=0, ge=0, le=256, description="llama.cpp's threads; 0: the physical cores")
    engine_minutes: float = Field(
        default=10, ge=0, description="how long an unused chat model stays loaded for the next command; 0: not at all"
    )
    context_tokens: int = Field(default=4096, ge=512, description="the chat model's window, prompt and answer together")
    answer_tokens: int = Field(default=256, ge=16, description="most tokens of an answer")
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    seed: int = Field(default=0, ge=0)

    embedder_question_prompt: str | None = Field(
        default=None, description="what the embedder reads before a question ('query: '); unset: as its files say"
    )
    embedder_passage_prompt: str | None = Field(
        default=None, description="what it reads before a passage ('passage: '); changing it needs a new library"
    )
    embedder_threads: int = Field(default=0, ge=0, le=256, description="the embedder's threads; 0: the physical cores")
    chunk_tokens: int = Field(default=190, ge=32, description="size of a chunk in the embedder's tokens")
    passages: int = Field(default=8, ge=1, le=50, description="passages retrieved for a question")
    expand: ExpansionKind = Field(
        default="none", description="what the chat model writes to search for besides: none, queries or hyde"
    )
    reranker: str = Field(default="", description="a cross-encoder's folder or name; empty: candidates stay as fused")

    reader_seconds: float = Field(default=120.0, gt=0, description="most time to read one file")
    reader_megabytes: int = Field(default=1024, ge=256, description="most memory to read one file, in MiB")

    recognition: RecognitionChoice = Field(
        default="auto", description="which engine recognizes text on scans and images: auto, rapidocr, tesseract or off"
    )

    web: bool = Field(default=False, description="fetch pages of the web that are named by their address")
    web_networks: str = Field(
        default="", description="private networks whose pages may be fetched: '10.1.0.0/16, 192.168.7.1'; empty: none"
    )

    telemetry: bool = Field(default=False, description="let Streamlit and LangChain call their makers")

    @field_validator("web_networks")
    @classmethod
    def _networks(cls, text: str) -> str:
        for one in filter(None, map(str.strip, text.split(","))):
            ipaddress.ip_network(one)
        return text

    @field_validator("home", "models")
    @classmethod
    def _whole_path(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, default_home() / "settings.toml")
        return init_settings, env_settings, toml

    @cached_property
    def libraries_dir(self) -> Path:
        return self.home / "libraries"

    @cached_property
    def own_models_dir(self) -> Path:
        """Lectern's own notes and copies of models; GGUF files that lie here are found, too."""
        return self.home / "models"


def load_settings(**overrides: object) -> Settings:
    """The settings in force; ``overrides`` (command-line options) win over everything else, except None.

    Raises UsageError naming the first setting that is not valid, or is one no more, and where to change it.
    """
    for name in sorted(REMOVED_SETTINGS):
        if f"LECTERN_{name.upper()}" in os.environ:
            raise _removed_setting(f"LECTERN_{name.upper()}", "the environment")
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        if first["type"] == "extra_forbidden" and name in REMOVED_SETTINGS:
            raise _removed_setting(name, str(default_home() / "settings.toml")) from error
        raise UsageError(
            f"setting '{name}': {first['msg']}.",
            f"Change LECTERN_{name.upper()} or '{name}' in {default_home() / 'settings.toml'}.",
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{default_home() / 'settings.toml'} is not valid TOML: {error}.", "Mend or remove it."
        ) from error


def _removed_setting(name: str, place: str) -> UsageError:
    return UsageError(f"setting '{name}' is no longer one.", f"Remove it from {place}.")
