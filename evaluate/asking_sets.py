"""Sets as a person would ask them: questions and conversations over documents, whatever answers the set knows.

    documents   docs/ with files of any format, or corpus.jsonl (_id, title, text), a passage a document
    questions   questions.jsonl or queries.jsonl (question or text), dialogues.jsonl (turns, each with "user")

A folder of such folders is read as all of them, each with documents of its own. A row's id is its "id", else its "_id",
else its number from 0 over all rows of all files, which come in the order in which they are named above, or by path in
a folder of sets.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.digests import sha256_of
from core.errors import UsageError
from core.types import Document
from evaluate.sets import Kind, digest_of, document_id, files_in, find_folder, read_corpus, read_jsonl

FILES = ("questions.jsonl", "queries.jsonl", "dialogues.jsonl")
LAYOUT = (
    "A set has docs/ or corpus.jsonl, and questions.jsonl, queries.jsonl or dialogues.jsonl (docs/evaluation.md "
    "describes them)."
)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question, or a conversation of several ``turns``; asked of the ``document`` of that name alone, "" for all."""

    id: str
    turns: tuple[str, ...]
    document: str = ""
    is_dialogue: bool = False

    @property
    def row_ids(self) -> tuple[str, ...]:
        """The ids of its answers, one a turn: the question's own; "ID#1", "ID#2"... in a conversation."""
        return tuple(f"{self.id}#{n}" for n in range(1, len(self.turns) + 1)) if self.is_dialogue else (self.id,)


@dataclass(frozen=True, slots=True)
class AskingSet:
    """A set as it stands in its folder; ``names`` are the set's own for its documents, by their ids in the library.

    Of the rest ``evaluate.sets.SetContents`` speaks.
    """

    name: str
    folder: Path
    kind: Kind
    documents: tuple[Document, ...]
    paths: tuple[Path, ...]
    digest: str
    names: Mapping[str, str]
    inquiries: tuple[Inquiry, ...]

    def document(self, name: str) -> str:
        """The id of the document that the set calls so. Raises UsageError."""
        if self.documents:
            wanted = document_id(name)
        else:
            docs = self.folder / "docs"
            path = next((path for path in self.paths if name in (_name(path, docs), path.name)), None)
            wanted = sha256_of(path) if path else ""
        if wanted not in self.names:
            raise UsageError(f"The set {self.name} has no document '{name}'.", "Mend the question's row.")
        return wanted


def load_asking_sets(folder: Path, *, sample: int = 0, seed: int = 0) -> tuple[AskingSet, ...]:
    """The set in ``folder``, or the sets in its folders; of all their rows a sample (``draw``), 0 for all.

    Raises UsageError where there is no folder, no question, no document, or two rows have one id.
    """
    folder = find_folder(folder)
    files = [folder / name for name in FILES if (folder / name).is_file()]
    files = files or sorted(file for name in FILES for file in folder.glob(f"*/{name}"))
    rows = [(file, row) for file in files for row in read_jsonl(file)]
    if not rows:
        raise UsageError(f"{folder} has no questions.", LAYOUT)
    placed = [(file.parent, _inquiry(row, number, file)) for number, (file, row) in enumerate(rows)]
    known = Counter(inquiry.id for _, inquiry in placed)
    if twice := [name for name, times in known.items() if times > 1]:
        raise UsageError(
            f"{folder}: {known[twice[0]]} questions have the id {twice[0]}.", "Give each an id of its own."
        )
    chosen = draw(known, sample, seed) if sample else known.keys()
    by_set: dict[Path, list[Inquiry]] = {}
    for place, inquiry in placed:
        if inquiry.id in chosen:
            by_set.setdefault(place, []).append(inquiry)
    return tuple(replace(_contents(place), inquiries=tuple(inquiries)) for place, inquiries in by_set.items())


def draw(ids: Iterable[str], sample: int, seed: int) -> frozenset[str]:
    """The ids with the ``sample`` smallest MD5s, as hex digits, of the id followed by the seed: the same anywhere."""

    def key(name: str) -> str:
        return hashlib.md5(f"{name}{seed}".encode(), usedforsecurity=False).hexdigest()

    return frozenset(sorted(ids, key=key)[:sample])


def _inquiry(row: Mapping[str, Any], number: int, file: Path) -> Inquiry:
    name = str(row.get("id", row.get("_id", number)))
    document = str(row.get("document") or row.get("file") or "")
    if "turns" not in row:
        return Inquiry(name, (_said(row, file),), document)
    turns = tuple(_said(turn, file) for turn in row["turns"])
    return Inquiry(name, turns, document, is_dialogue=True)


def _said(row: Mapping[str, Any], file: Path) -> str:
    text = next((str(row[key]) for key in ("question", "text", "user") if row.get(key)), "")
    if not text:
        raise UsageError(f"{file}: a row without a question.", LAYOUT)
    return text


def _contents(folder: Path) -> AskingSet:
    """The set of that folder, with no question yet."""
    docs, corpus = folder / "docs", folder / "corpus.jsonl"
    if corpus.is_file() and not docs.is_dir():
        passages = read_corpus(corpus)
        names = {document.id: passage for passage, document in passages.items()}
        texts: Sequence[Document] = tuple(passages.values())
        return AskingSet(folder.name, folder, "passages", tuple(texts), (), digest_of(corpus), names, ())
    paths = files_in(docs)
    if not paths:
        raise UsageError(f"{folder} has no documents.", LAYOUT)
    # The first of several files with the same bytes, which are one document.
    names = {sha256_of(path): _name(path, docs) for path in reversed(paths)}
    return AskingSet(folder.name, folder, "files", (), paths, digest_of(*paths), names, ())


def _name(path: Path, docs: Path) -> str:
    return path.relative_to(docs).as_posix()
