"""What a training is made of: its configuration, and its plan as batches of rows."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.errors import UsageError
from training.span_reader.batches import (
    Material,
    Row,
    batched,
    block_rows,
    group_rows,
    made_rows,
    masked,
    passage_rows,
    sentence_rows,
)
from training.span_reader.made import recurring_questions, rule_questions

KINDS = ("sentences", "blocks", "recurring", "rules", "answered", "passages", "groups")
"""What a plan is made of (docs/span-reader.md)."""
PLAN = "sentences:1,answered:1,passages:1,groups:2"
TOP = 8
"""Passages retrieved for a question that the others of its group are drawn from."""


@dataclass(frozen=True, slots=True)
class Config:
    """What decides the result. ``slice`` is how many development questions are measured."""

    plan: str = PLAN
    seed: int = 0
    query_head: bool = True
    match: bool = True
    layers: int = 0
    steps: int = 0
    start: str = ""
    cool_down: float = 0.3
    group: int = 4
    changed: float = 0.12
    masked: float = 0.0
    nq: int = 1
    rows: int = 64
    slice: int = 240
    measure_every: int = 400
    save_every: int = 50


Passed = TypeVar("Passed")
Planned = tuple[list[list[Row]], int]


def planned_batches(material: Material, config: Config) -> Iterator[Planned]:
    """The batches of the whole training in order: groups of rows, and rows a group."""
    draw = random.Random(config.seed)  # noqa: S311
    for part in config.plan.split(","):
        batches: list[Planned] = []
        for each in part.split("+"):
            kind, share = each.split(":")
            rows, size = _rows(material, config, kind, float(share), draw)
            rows = [masked(group, config.masked, material.mask, draw) for group in rows]
            batches += [(groups, size) for groups in batched(rows, draw, config.rows)]
        draw.shuffle(batches)
        yield from batches


def _rows(
    material: Material, config: Config, kind: str, share: float, draw: random.Random
) -> tuple[list[list[Row]], int]:
    """``share`` passes over one kind of the training side's examples; the rows of a question, and how many."""
    train = [example for example in material.examples if example.side == "train"]
    if kind in ("sentences", "blocks"):
        chosen = _passed([example for example in train if example.set == "qamr"], share, draw)
        if kind == "blocks":
            return list(block_rows(material, chosen, draw, config.group)), config.group
        return list(sentence_rows(material, chosen, draw, config.changed)), 1
    train = [example for example in train if example.set != "qamr"]
    if kind in ("recurring", "rules"):
        texts = {example.passage: material.passages[example.passage] for example in train}
        made = list((recurring_questions if kind == "recurring" else rule_questions)(texts, draw))
        return list(made_rows(material, _passed(made, share, draw), draw)), 1
    train += [example for example in train if example.set == "nq-oracle"] * (config.nq - 1)
    if kind == "answered":
        train = [example for example in train if example.spans]
    if kind in ("answered", "passages"):
        return list(passage_rows(material, _passed(train, share, draw), draw, config.changed)), 1
    if kind == "groups":
        return list(group_rows(material, _passed(train, share, draw), draw, config.group, TOP)), config.group
    raise UsageError(f"Unknown part of a plan: {kind}.", "Parts are " + ", ".join(KINDS) + ".")


def _passed(examples: Sequence[Passed], share: float, draw: random.Random) -> list[Passed]:
    whole = int(share)
    return [*examples] * whole + draw.sample(examples, round((share - whole) * len(examples)))
