"""The questions of a set as they stand there, and how an answer to one is scored by a scorer outside of the program."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from evaluate.asking_sets import FILES, draw
from evaluate.sets import read_jsonl

ALL = "all rules"
NONE = "no rules"
"""Names of rulebooks."""

METRICS = ("right", "wrong", "declined", "cited", "best", "read", "asked")
"""Of an answer: right, wrong, declined, and whether it cites a right document; of a report the share of the reference
figures that it states, and whether all of its figures are others. Before any model: whether the best sentence holds an
accepted answer, whether what a model would read does, and whether one that reads would be asked."""


@dataclass(frozen=True, slots=True)
class SetRow:
    """A question with all that its set says of it; ``group`` is what it is about, a document where it names one."""

    id: str
    text: str
    document: str
    group: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer as it is scored: its text, what it cites, the best sentence and what a model that reads would read."""

    text: str
    found: bool
    doubt: bool
    citations: tuple[Mapping[str, Any], ...]
    best: str
    read: str
    asked: bool

    def values(self, scorer: ModuleType, row: SetRow, folder: Path) -> dict[str, float | None]:
        """A value for each of METRICS that applies, 0..1."""
        answer = {"answer": self.text, "found": self.found, "doubt": self.doubt, "citations": self.citations}
        table = scorer.Table()
        fields = row.fields
        if "spans" in fields:
            text = (folder / "docs" / fields["document"]).read_text(encoding="utf-8")
            scorer.contract_question(table, fields, answer, {fields["document"]: text})
            gold = [text[start:end] for start, end in fields["spans"]]
        elif "files" in fields:
            scorer.report_question(table, fields, answer)
            gold = []
        else:
            kind = ("answerable" if fields.get("answers") else "unanswerable") if "_id" in fields else None
            scorer.words_question(table, fields, answer, kind)
            gold = [*(fields.get("answers") or [])]
        return {
            "right": _mean(table, "all: right", "reference figures stated, all"),
            "wrong": _mean(table, "all: wrong", "questions whose figures are all others"),
            "declined": _mean(table, "all: declined", "declined"),
            "cited": _mean(
                table,
                "right answers that cite a right document",
                "one report: the first citation is from it",
                "answered: a quote from the words that say so",
            ),
            "best": self._holds(scorer, row, gold, self.best),
            "read": self._holds(scorer, row, gold, self.read),
            "asked": float(self.asked),
        }

    def _holds(self, scorer: ModuleType, row: SetRow, gold: list[str], text: str) -> float | None:
        """Whether ``text`` holds an accepted answer; of a report the share of the reference figures that it holds."""
        if "files" in row.fields:
            wanted = scorer.reference_figures(row.fields["answer"])
            stated = scorer.figures(text)
            hits = [any(scorer.same(one, each) for one in stated for each in readings) for readings in wanted]
            return sum(hits) / len(hits) if hits else None
        if "spans" in row.fields:
            held = "".join(filter(str.isalnum, text)).casefold()
            plain = ["".join(filter(str.isalnum, one)).casefold()[:60] for one in gold]
            return float(any(one in held for one in plain)) if plain else None
        if not gold or all(scorer.plain(one) in scorer.YES + scorer.NO for one in gold):
            return None
        return float(scorer.holds(text, gold, 10**6))


def load_scorer(path: Path) -> ModuleType:
    """The scorer's file as a module."""
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def set_rows(folder: Path, questions: int) -> list[SetRow]:
    """The questions of a set, so many of them drawn by hash, those of one document together."""
    file = next(folder / name for name in FILES if (folder / name).is_file())
    rows = [_set_row(fields, number) for number, fields in enumerate(read_jsonl(file))]
    chosen = draw([row.id for row in rows], questions, 0)
    return [row for row in rows if row.id in chosen]


def _set_row(fields: Mapping[str, Any], number: int) -> SetRow:
    name = str(fields.get("id", fields.get("_id", number)))
    document = str(fields.get("document") or "")
    evidence = next((one["document"] for one in fields.get("evidence") or ()), "")
    about = (
        document
        or evidence
        or str(fields.get("passage") or "").split("#")[0]
        or next(iter(fields.get("files", ())), "")
    )
    return SetRow(name, str(fields.get("question") or fields.get("text")), document, about or name, fields)


def _mean(table: Any, *names: str) -> float | None:
    for name in names:
        if values := table.rows.get(name):
            return float(sum(values) / len(values))
    return None
