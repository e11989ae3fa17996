"""The documentation names what there is: files and folders, modules with their functions, constants."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = "core|ingest|index|prompts|generate|app|evaluate|training|install|tests|benchmarks|docs|examples"
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*-]*")
FILE = re.compile(r"[\w-]+\.py")
DOTTED = re.compile(rf"(?:{FOLDERS})(?:\.\w+)+")
OF_OTHER_LIBRARIES = {"trust_remote_code"}
NAME = re.compile(r"[A-Z]+(?:_[A-Z]+)*|[a-z]*(?:_[a-z]+)+")


def code_in(document: Path) -> list[str]:
    """The texts in backticks."""
    return CODE.findall(document.read_text("utf-8"))


@cache
def sources() -> dict[str, str]:
    """The texts of all Python files, by path."""
    return {str(file): file.read_text("utf-8") for name in FOLDERS.split("|") for file in (ROOT / name).rglob("*.py")}


def defined_names(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """The names that statements define, each with the statements inside it, for a class or function."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.body
        elif isinstance(node, ast.Assign):
            yield from ((target.id, []) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, []


def exists(dotted: str) -> bool:
    """Whether "folder.module.name" or "folder.module.Class.name" is a module, or something defined in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        if end == len(parts) and path.is_dir():
            return True
        if path.with_suffix(".py").is_file():
            body = ast.parse(path.with_suffix(".py").read_text("utf-8")).body
            for name in parts[end:]:
                inside = dict(defined_names(body))
                if name not in inside:
                    return False
                body = inside[name]
            return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    paths = {path.rstrip(".") for path in PATH.findall(document.read_text("utf-8"))}
    gone = [path for path in paths if not (any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists())]
    names = {Path(path).name for path in sources()}
    gone += [text for text in code_in(document) if FILE.fullmatch(text) and text not in names]
    assert not gone


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_modules_functions_and_constants_that_are_named_exist(document: Path) -> None:
    texts = code_in(document)
    dotted = {text.split("(")[0] for text in texts if DOTTED.fullmatch(text.split("(")[0])}
    gone = [name for name in dotted if not FILE.fullmatch(name) and not exists(name)]
    everything = "\n".join(sources().values())
    names = {text for text in texts if NAME.fullmatch(text)}
    gone += [name for name in names - OF_OTHER_LIBRARIES if not re.search(rf"\b{name}\b", everything)]
    assert not gone
