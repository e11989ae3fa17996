"""Imports between the folders point one way and never in a circle; a command starts without the heavy libraries."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "core": set(),
    "ingest": {"core"},
    "index": {"core", "ingest"},
    "prompts": {"core"},
    "generate": {"core"},
    "app": {"core", "ingest", "index", "prompts", "generate"},
    "evaluate": {"core", "ingest", "index", "prompts", "generate", "app"},
    "training": {"core", "ingest", "index", "evaluate"},
}
HEAVY = {"torch", "transformers", "sentence_transformers", "faiss", "llama_cpp", "streamlit", "langchain_core"}


def imported_names(file: Path) -> set[str]:
    """Dotted names that a file imports anywhere: in functions, for types alone, and by a string.

    The name of an f-string ends with "*" in place of what is filled in.
    """
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            first = node.args[0]
            if isinstance(first, ast.Constant):
                names.add(first.value)
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                names.add(f"{first.values[0].value}*")
    return names


def imported_folders(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_names(file)} & MAY_IMPORT.keys()


def modules() -> dict[str, Path]:
    """All modules of the project's folders by their dotted names; a package has the name of its folder."""
    files = [file for folder in MAY_IMPORT for file in (ROOT / folder).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported_modules(file: Path, known: dict[str, Path]) -> set[str]:
    """The modules that a file imports, of those that are ``known``."""
    found = set()
    for name in imported_names(file):
        if name.endswith("*"):
            found |= {module for module in known if module.startswith(name.rstrip("*"))}
        else:  # of "from a.b import c" the module may be a.b.c or a.b
            found |= {name} & known.keys() or {name.rpartition(".")[0]} & known.keys()
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_stands_below_it(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imported_folders(file) - MAY_IMPORT[folder] - {folder}
    }
    assert not wrong


def test_no_file_imports_itself_by_way_of_others() -> None:
    known = modules()
    graph = {module: imported_modules(file, known) - {module} for module, file in known.items()}
    assert "index.store.vectors" in graph["index.store.scrub"]
    assert "ingest.readers.pdf" in graph["ingest.read"], "an import by a string counts"
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        pytest.fail(f"a circle of imports: {circle}")


@pytest.mark.parametrize(
    "line", ["import_module('app.cli')", "__import__('app.cli')", "importlib.import_module(f'app.commands.{name}')"]
)
def test_an_import_by_a_string_counts_as_an_import(tmp_path: Path, line: str) -> None:
    (tmp_path / "lower.py").write_text(f"def load(name):\n    return {line}\n")
    assert imported_folders(tmp_path / "lower.py") == {"app"}


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = f"import sys, app.commands.tree, evaluate.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert loaded.stdout.strip() == "[]"
