"""Questions with the words that answer them, and the split that keeps what is trained on from what is tested on.

The folders have the BEIR layout: ``corpus.jsonl`` (_id, title, text), ``queries.jsonl`` (_id, text, answers, and for an
unanswerable question the passage it was written on) and ``qrels.tsv`` (query-id, corpus-id, score).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import UsageError

Side = Literal["train", "dev", "test"]

TEST_EVERY = 3
"""Every third of squad2-dev's sorted titles is for testing, from the first."""
DEV_TITLES = (5, 12)
"""Of the others, the sorted titles whose index leaves 5 when divided by 12 (three of 35) are the development slice."""
DEV_EVERY = 10
"""A tenth of nq-oracle's training titles is the development slice, by the digest that also splits it."""


@dataclass(frozen=True, slots=True)
class SpanPassage:
    id: str
    title: str
    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """``answers`` holds every accepted answer, none where ``passage`` (its gold passage) does not answer it."""

    id: str
    text: str
    answers: tuple[str, ...]
    passage: str
    side: Side


@dataclass(frozen=True, slots=True)
class SpanSet:
    """A set of questions on passages, all sides together."""

    name: str
    passages: tuple[SpanPassage, ...]
    questions: tuple[SpanQuestion, ...]

    def passages_of(self, *sides: Side) -> tuple[SpanPassage, ...]:
        return tuple(passage for passage in self.passages if passage.side in sides)

    def questions_of(self, *sides: Side) -> tuple[SpanQuestion, ...]:
        return tuple(question for question in self.questions if question.side in sides)


def side_by_rank(title: str, titles: list[str]) -> Side:
    """The side of a title by its place among the set's sorted titles (squad2-dev)."""
    index = titles.index(title)
    if index % TEST_EVERY == 0:
        return "test"
    remainder, divisor = DEV_TITLES
    return "dev" if index % divisor == remainder else "train"


def side_by_digest(title: str) -> Side:
    """The side of a title by its md5, the hex digest as a number: odd is for testing (nq-oracle)."""
    number = int(hashlib.md5(title.encode(), usedforsecurity=False).hexdigest(), 16)
    if number % 2 == 1:
        return "test"
    return "dev" if number // 2 % DEV_EVERY == 0 else "train"


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file. Raises UsageError where there is no such file."""
    try:
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path}.", "Name the folder that holds the data sets.") from error


def load_set(folder: Path) -> SpanSet:
    """The set in ``folder``; its name is the folder's. Sets that are not split are all for testing.

    Raises UsageError where a file of it is missing.
    """
    rows = list(read_jsonl(folder / "corpus.jsonl"))
    titles = sorted({row["title"] for row in rows})
    sides: dict[str, Side] = {}
    for title in titles:
        if folder.name == "squad2-dev":
            sides[title] = side_by_rank(title, titles)
        elif folder.name == "nq-oracle":
            sides[title] = side_by_digest(title)
        else:
            sides[title] = "test"
    passages = {row["_id"]: SpanPassage(row["_id"], row["title"], row["text"], sides[row["title"]]) for row in rows}
    gold = _first_relevant(folder / "qrels.tsv")
    questions = []
    for row in read_jsonl(folder / "queries.jsonl"):
        passage = gold.get(row["_id"], row.get("passage", ""))
        if passage in passages:
            answers = tuple(dict.fromkeys(row.get("answers", ())))
            questions.append(SpanQuestion(row["_id"], row["text"], answers, passage, passages[passage].side))
    return SpanSet(folder.name, tuple(passages.values()), tuple(questions))


def _first_relevant(path: Path) -> dict[str, str]:
    relevant: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        next(lines, None)
        for line in lines:
            query, passage, score = line.rstrip("\n").split("\t")
            if float(score) > 0:
                relevant.setdefault(query, passage)
    return relevant
