"""How many hand-written rules there are: regular expressions, entries of word lists, thresholds.

Counted by syntax, in app/, index/, ingest/ and prompts/, but for what guards against orders in documents:

    patterns    calls of ``re`` and ``regex`` with a pattern, and patterns in YAML files
    spelt       words that these patterns spell out: a list of words, too, where a pattern has a dozen of them
    entries     words of displays of words, and of texts of words that are split, at the top of a module; keys and
                entries of lists in YAML files of words
    thresholds  numbers but 0 and 1 that something is compared with, in place or by the name of a constant

Words are of small letters, spaces, hyphens and apostrophes: extensions, types of files and texts for people are none.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

FOLDERS = ("app", "index", "ingest", "prompts")
GUARDS = re.compile(r"ingest/order|hidden\.py$|app/answer/untrusted\.py$")
"""What guards against orders in documents and hidden text."""

KINDS = ("patterns", "spelt", "entries", "thresholds")
CALLS = frozenset({"compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"})
WORD = re.compile(r"[^\W\d_A-Z]+(?:[ '’-][^\W\d_A-Z]+)*")
SPELT = re.compile(r"(?<![\\\w{])[^\W\d_]{2,}")
NO_WORDS = re.compile(r"\\[pP]\{\w+\}|\\[A-Za-z]|\(\?[a-zA-Z]+\)|\(\?P?<\w+>|\(\?P=\w+\)|\[[^\]]*\]")
"""What of a pattern has letters and spells no word: classes, flags, names of groups, sets."""

FEWEST = 3


def print_count(root: Path, *, by_file: bool) -> None:
    """The count of each kind, in all and with ``by_file`` of each file that has any."""
    counts = count(root)
    table = Table(box=None)
    table.add_column("file")
    for kind in (*KINDS, "all"):
        table.add_column(kind, justify="right")

    def row(name: str, one: Counter[str]) -> None:
        table.add_row(name, *(f"{one[kind]:,}" for kind in KINDS), f"{one.total():,}")

    if by_file:
        for name, one in sorted(counts.items(), key=lambda item: -item[1].total()):
            row(name, one)
    for folder in FOLDERS:
        row(f"{folder}/", sum((one for name, one in counts.items() if name.startswith(f"{folder}/")), Counter()))
    row("in all", sum(counts.values(), Counter()))
    Console().print(table)


def count(root: Path) -> dict[str, Counter[str]]:
    """The count of each kind, by file."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if GUARDS.search(name):
                continue
            if path.suffix == ".py":
                one = count_module(ast.parse(path.read_text(encoding="utf-8")))
            elif path.suffix in (".yaml", ".yml"):
                one = count_words_file(yaml.safe_load(path.read_text(encoding="utf-8")))
            else:
                continue
            if one.total():
                found[name] = one
    return found


def count_module(module: ast.Module) -> Counter[str]:
    """The count of each kind in one module."""
    found: Counter[str] = Counter()
    constants = list(_constants(module))
    numbers = {name for name, value in constants if any(map(_is_number, ast.walk(value)))}
    for node in ast.walk(module):
        if _is_pattern(node):
            found["patterns"] += 1
        elif isinstance(node, ast.Compare):
            found["thresholds"] += sum(_is_threshold(each, numbers) for each in ast.walk(node))
    found["spelt"] = sum(map(_spelt, _pattern_texts(module)))
    for name, value in constants:
        in_patterns = {each for node in ast.walk(value) if _is_pattern(node) for each in ast.walk(node)}
        split = name in _split_names(module) or any(isinstance(node, ast.Call) for node in ast.walk(value))
        for node in ast.walk(value):
            if node not in in_patterns:
                found["entries"] += _listed(node) + (_worded(node) if split else 0)
    return found


def _constants(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What is assigned at the top of a module, by name."""
    for node in module.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                yield target.id, node.value


def _is_pattern(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("re", "regex")
        and node.func.attr in CALLS
    )


def _pattern_texts(module: ast.Module) -> Iterator[str]:
    """The texts of all patterns, and those at the top of a module that patterns are put together from."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _is_pattern(node) and node.args:
            yield from _texts(node.args[0])
    inside = {
        each.id
        for node in ast.walk(module)
        if _is_pattern(node)
        for each in ast.walk(node)
        if isinstance(each, ast.Name)
    }
    for name, value in _constants(module):
        if not any(map(_is_pattern, ast.walk(value))):
            yield from (text for text in _texts(value) if "|" in text and (name in inside or "(?:" in text))


def _texts(node: ast.AST) -> Iterator[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _spelt(pattern: str) -> int:
    return len(SPELT.findall(NO_WORDS.sub(" ", pattern)))


def _split_names(module: ast.Module) -> set[str]:
    """The names of constants that are split, or handed to something that may split them."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            inside = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
            found |= {each.id for each in inside if isinstance(each, ast.Name)}
    return found


def _listed(node: ast.AST) -> int:
    """The entries of a display of words; 0 where it is none."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return 0
    words = [each for each in node.elts if isinstance(each, ast.Constant) and _is_word(each.value)]
    return len(words) if FEWEST <= len(words) == len(node.elts) else 0


def _worded(node: ast.AST) -> int:
    """The words of a text of words; 0 where it is none."""
    words = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
    return len(words) if len(words) >= FEWEST and all(map(_is_word, words)) else 0


def _is_word(text: object) -> bool:
    return isinstance(text, str) and WORD.fullmatch(text) is not None


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_threshold(node: ast.AST, numbers: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in numbers
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in (0, 1)


def count_words_file(value: Any) -> Counter[str]:
    """The count of each kind in a YAML file of words: patterns, and the entries of lists."""
    found: Counter[str] = Counter()
    if isinstance(value, dict):
        for each in value.values():
            found += count_words_file(each)
    elif isinstance(value, list):
        found["entries"] = len(value)
    elif isinstance(value, str) and "|" in value:
        found.update(patterns=1, spelt=_spelt(value))
    return found
