"""Imports between the folders point one way, and a command starts without the heavy libraries."""

import ast
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


def imported_folders(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names |= {arg.value.split(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return names & MAY_IMPORT.keys()


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


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = f"import sys, app.commands.tree, evaluate.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert loaded.stdout.strip() == "[]"
