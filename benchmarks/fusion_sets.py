"""The questions that the fusion is fitted to and judged on, whatever layout their set has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluate.asking_sets import AskingSet, load_asking_sets
from evaluate.sets import choose, half_of, load_set, read_jsonl


@dataclass(frozen=True, slots=True)
class Sought:
    """A question, the ids of the documents that answer it, and the words in them that do (empty: the whole text).

    ``half`` is "tune" where the MD5 of its document's name is even, else "report".
    """

    id: str
    text: str
    documents: frozenset[str]
    quotes: tuple[str, ...]
    half: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SoughtSet:
    """Questions over one library's documents; ``name`` is the folder's, "en>ar" for English questions over Arabic."""

    name: str
    contents: AskingSet
    questions: tuple[Sought, ...]


def sought_sets(folder: Path, sample: int) -> Iterator[SoughtSet]:
    """The set in ``folder``, or those in its folders; at most ``sample`` questions of a set of passages."""
    if (folder / "corpus.jsonl").is_file():
        yield SoughtSet(folder.name, _contents(folder), _of_passages(folder, sample))
        return
    inner = [folder] if (folder / "docs").is_dir() else sorted(path.parent for path in folder.glob("*/docs"))
    for each in inner:
        contents = _contents(each)
        yield SoughtSet(folder.name, contents, tuple(_of_files(contents)))


def across(folders: Iterable[Path], sample: int) -> Iterator[SoughtSet]:
    """The questions of one of parallel sets, English being one of the two, over the passages of the other."""
    named = {folder.name.rpartition("-")[2]: folder for folder in folders}
    for language in sorted(named.keys() - {"en"}):
        for one, other in (("en", language), (language, "en")):
            questions = _of_passages(named[one], sample)
            yield SoughtSet(f"{one}>{other}", _contents(named[other]), questions)


def _contents(folder: Path) -> AskingSet:
    return load_asking_sets(folder, sample=1)[0]


def _of_passages(folder: Path, sample: int) -> tuple[Sought, ...]:
    asked = [question for question in load_set(folder).questions if question.relevant]
    return tuple(
        Sought(q.id, q.text, frozenset(q.relevant), (), half_of(q.topic)) for q in choose(tuple(asked), sample=sample)
    )


def _of_files(contents: AskingSet) -> Iterator[Sought]:
    for name in ("questions.jsonl", "dialogues.jsonl"):
        if not (contents.folder / name).is_file():
            continue
        for number, row in enumerate(read_jsonl(contents.folder / name)):
            key = str(row.get("id", number))
            for turn, (text, names, quotes) in enumerate(_sought(row)):
                documents = frozenset(contents.document(document) for document in names)
                half = half_of(sorted(names)[0])
                yield Sought(f"{key}#{turn}", text, documents, tuple(quotes), half, str(row.get("kind", "")))


def _sought(row: Mapping[str, Any]) -> Iterator[tuple[str, set[str], list[str]]]:
    """Questions of a row with the names of their documents and their quotes: that of the first step, if it has steps;
    those of a dialogue that can be understood alone."""
    if "turns" in row:
        for turn in row["turns"]:
            if turn["standalone"] and turn["documents"] and not turn["unanswerable"]:
                yield turn["standalone"], set(turn["documents"]), list(turn["answers"])
    elif "files" in row:
        yield row["question"], set(row["files"]), []
    elif steps := row.get("steps"):
        if (first := steps[0])["document"]:
            yield first["question"], {first["document"]}, [first["quote"]]
    elif not row["unanswerable"] and (evidence := row.get("evidence")):
        yield row["question"], {each["document"] for each in evidence}, [each["quote"] for each in evidence]
